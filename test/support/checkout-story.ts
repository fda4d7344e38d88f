import { run } from './change-plan-story.js';
import { addCard, SETUP_INTENT } from './payment-story.js';
import { payCheckout } from './story.js';
import { wholeStory, type WholeStory } from './whole-story.js';
import type { World } from './world.js';

/** The documents of the stories about buying. */
const ERRORS = `userErrors { __typename code message hint field
  ... on AlreadySubscribedError { subscription { id } } ... on CardDeclinedError { declineCode retryable } }`;
const OPEN = `mutation ($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { session { id status } ${ERRORS} } }`;
const START = `mutation ($input: StartSubscriptionInput!) { startSubscription(input: $input) {
  outcome subscription { id status } paymentAction { kind clientSecret expiresAt } invoice { status } ${ERRORS} } }`;
export const DETAILS = `mutation ($input: UpdateBillingDetailsInput!) { updateBillingDetails(input: $input) { ${ERRORS} } }`;

const TEAM = { plan: 'team', interval: 'MONTH' };
export const ONE_TEAM = '1 × Team (at $20.00 / month)';
/** Nothing was charged, and nobody was told anything. */
export const NOTHING = { charged: [], pushed: [], history: [] };

/** People who buy, each with a story of their own. Who says nothing else buys Team by the month. */
export interface Buyers {
  begin(account: string): Promise<WholeStory>;
  open: (story: WholeStory, input?: object) => ReturnType<typeof run>;
  start: (story: WholeStory, input?: object) => ReturnType<typeof run>;
  pay(session: { id: string }, card?: string, entered?: object): Promise<void>;
  /** Has paid on Stripe's page. */
  subscribed(account: string): Promise<WholeStory>;
  /** With a customer and a card, and nothing bought yet. */
  withCard(account: string, token: string): Promise<{ story: WholeStory; paymentMethod: string }>;
  /** Ends all stories. */
  leave(): void;
}

export function buyersOf(world: World): Buyers {
  const opened: WholeStory[] = [];
  const buyers: Buyers = {
    async begin(account) {
      const story = await wholeStory(world, account);
      opened.push(story);
      return story;
    },
    open: (story, input = {}) => run(story.person, OPEN, { ...TEAM, ...input }),
    start: (story, input = {}) => run(story.person, START, { ...TEAM, ...input }),
    pay: ({ id }, card, entered) => payCheckout(world.sandbox, id, card, entered),
    async subscribed(account) {
      const story = await buyers.begin(account);
      await buyers.pay((await buyers.open(story)).session);
      await story.mark();
      return story;
    },
    async withCard(account, token) {
      const story = await buyers.begin(account);
      await story.person.ask(SETUP_INTENT);
      const paymentMethod = await addCard(world, account, token);
      await story.mark();
      return { story, paymentMethod };
    },
    leave: () => opened.splice(0).forEach((story) => story.close()),
  };
  return buyers;
}
