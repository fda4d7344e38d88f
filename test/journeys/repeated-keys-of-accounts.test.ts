import { Role } from '../../src/auth/roles.js';
import { run, subscriber } from '../support/change-plan-story.js';
import { completeIntents } from '../support/complete-intents.js';
import { addCard, customerOf } from '../support/payment-story.js';
import { sellCode } from '../support/price-story.js';
import { CHECKOUT } from '../support/story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const START = `mutation ($input: StartSubscriptionInput!) { startSubscription(input: $input) {
  outcome subscription { id } invoice { id } paymentAction { kind clientSecret } userErrors { code message } } }`;
const mutation = (name: string, input: string, besides = '') =>
  `mutation ($input: ${input}!) { ${name}(input: $input) { ${besides} userErrors { code message } } }`;
const SET_DEFAULT = mutation(
  'setDefaultPaymentMethod',
  'SetDefaultPaymentMethodInput',
  'paymentAction { kind clientSecret invoice { id } }',
);

interface Stage {
  world: World;
  name: string;
}

interface Story {
  name: string;
  mutation: string;
  /** Somebody who has subscribed, or somebody with a card who has not. */
  given: 'subscriber' | 'card';
  /** What is asked, which may have to be made first. */
  input(stage: Stage): Promise<Record<string, unknown>>;
  /** What happens before it is asked again: judged anew, it would get another answer. */
  then(stage: Stage, input: Record<string, unknown>): Promise<unknown>;
  /** Part of the first answer. */
  told: object;
}

const stripeOf = ({ world }: Stage) => world.gateway.parts.stripe;
const ask = { plan: 'team', interval: 'MONTH' };
const detach = (stage: Stage, { paymentMethod }: Record<string, unknown>) =>
  stripeOf(stage).paymentMethods.detach(String(paymentMethod));

const stories: Story[] = [
  {
    name: 'startSubscription with a code that is not given any more',
    mutation: START,
    given: 'card',
    async input({ world, name }) {
      const promotionCode = `CODE${name.replace(/\W/g, '')}`;
      await sellCode(world, promotionCode, 'once');
      return { ...ask, promotionCode };
    },
    async then(stage, { promotionCode }) {
      const { data } = await stripeOf(stage).promotionCodes.list({ code: String(promotionCode) });
      await stripeOf(stage).promotionCodes.update(String(data[0]?.id), { active: false });
    },
    told: { outcome: 'APPLIED', userErrors: [] },
  },
  {
    name: 'startSubscription with a card that its bank refuses, and that is gone',
    mutation: START,
    given: 'card',
    input: async ({ world, name }) => ({
      ...ask,
      paymentMethod: await addCard(world, name, 'pm_card_chargeCustomerFail'),
    }),
    then: detach,
    told: { outcome: 'REJECTED', userErrors: [{ code: 'CARD_DECLINED' }] },
  },
  {
    name: 'startSubscription with a card whose bank asks, and that is gone',
    mutation: START,
    given: 'card',
    input: async ({ world, name }) => ({
      ...ask,
      paymentMethod: await addCard(world, name, 'pm_card_authenticationRequired'),
    }),
    then: detach,
    told: { outcome: 'ACTION_REQUIRED', userErrors: [] },
  },
  {
    name: 'setDefaultPaymentMethod of a card that is gone',
    mutation: SET_DEFAULT,
    given: 'subscriber',
    input: async ({ world, name }) => ({ paymentMethod: await addCard(world, name, 'pm_card_mastercard') }),
    then: detach,
    told: { userErrors: [] },
  },
  {
    name: 'setDefaultPaymentMethod of a card that was refused, and that is gone',
    mutation: SET_DEFAULT,
    given: 'subscriber',
    async input(stage) {
      const { world, name } = stage;
      const paymentMethod = await addCard(world, name, 'pm_card_chargeCustomerFail');
      const customer = await customerOf(world, name);
      await stripeOf(stage).invoiceItems.create({ customer, amount: 700, currency: 'usd' });
      const { id = '' } = await stripeOf(stage).invoices.create({
        customer,
        pending_invoice_items_behavior: 'include',
      });
      await stripeOf(stage).invoices.finalizeInvoice(id);
      return { paymentMethod };
    },
    then: detach,
    told: { userErrors: [{ code: 'CARD_DECLINED' }] },
  },
  {
    name: 'adminGrantCredit in what the account does not pay in any more',
    mutation: mutation('adminGrantCredit', 'AdminGrantCreditInput'),
    given: 'subscriber',
    input: ({ name }) => Promise.resolve({ account: name, amountMinor: 1_500, currency: 'USD', reason: 'An outage' }),
    then: ({ world, name }) =>
      world.gateway.parts.database.run("UPDATE accounts SET currency = 'EUR' WHERE external_id = ?", [name]),
    told: { userErrors: [] },
  },
  {
    name: 'addTaxId that was taken away',
    mutation: mutation('addTaxId', 'AddTaxIdInput'),
    given: 'subscriber',
    input: () => Promise.resolve({ type: 'eu_vat', value: 'DE123456789' }),
    async then(stage) {
      const customer = await customerOf(stage.world, stage.name);
      const { data } = await stripeOf(stage).customers.listTaxIds(customer);
      await stripeOf(stage).customers.deleteTaxId(customer, String(data[0]?.id));
    },
    told: { userErrors: [] },
  },
  {
    name: 'createSetupIntent that was canceled',
    mutation: mutation('createSetupIntent', 'CreateSetupIntentInput', 'clientSecret'),
    given: 'subscriber',
    input: () => Promise.resolve({}),
    async then(stage) {
      const { data } = await stripeOf(stage).setupIntents.list({ customer: await customerOf(stage.world, stage.name) });
      await stripeOf(stage).setupIntents.cancel(String(data[0]?.id));
    },
    told: { userErrors: [] },
  },
];

describe('a mutation of an account that is repeated with its key', () => {
  let world: World;
  let people = 0;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  async function begin({ given }: Story): Promise<Stage & { person: Person }> {
    const name = `acme-${++people}`;
    const person = world.holding({ account: name, roles: [Role.SERVICE, Role.OPERATOR] });
    if (given === 'subscriber') await subscriber(world, 'team', name);
    else {
      await person.ask(CHECKOUT, { plan: 'team' });
      const default_payment_method = await addCard(world, name, 'pm_card_visa');
      const customer = await customerOf(world, name);
      await world.gateway.parts.stripe.customers.update(customer, { invoice_settings: { default_payment_method } });
    }
    await world.settled();
    return { world, name, person };
  }
  const lastWrite = async () => (await world.gateway.parts.stripe.events.list({ limit: 1 })).data[0]?.id;
  const notKept = () => world.gateway.parts.database.run('UPDATE intents SET answer = NULL', []);
  const deaths = {
    'nobody died': () => Promise.resolve(),
    'the process died before it could answer': notKept,
    'the process died before it remembered its last step': async () => {
      await notKept();
      await world.gateway.parts.database.run(
        `UPDATE intents SET state = 'open', open_for = account_id, step = step - 1, finished_at = NULL, due_at = 0
         WHERE state = 'done' AND id = (SELECT id FROM (SELECT MAX(id) AS id FROM intents WHERE client_key = 'key-1') AS latest)`,
        [],
      );
      await completeIntents(world);
    },
  };

  it.each(
    stories.flatMap((story) =>
      Object.entries(deaths).map(([death, dies]) => [story.name, death, story, dies] as const),
    ),
  )('is answered as the first time, and done once: %s (%s)', async (_name, _death, story, dies) => {
    const stage = await begin(story);
    const input = { ...(await story.input(stage)), idempotencyKey: 'key-1' };
    await world.settled();
    const repeat = async () => JSON.stringify(await run(stage.person, story.mutation, input));
    const first = await repeat();
    await world.settled();
    await dies();
    await story.then(stage, input);
    await world.settled();
    const event = await lastWrite();
    const again = [await repeat(), ...(await Promise.all([repeat(), repeat()]))];

    expect(JSON.parse(first)).toMatchObject(story.told);
    expect(again).toEqual([first, first, first]);
    expect(await lastWrite()).toBe(event);
  });
});
