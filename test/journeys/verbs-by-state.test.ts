import { databaseKind } from '../support/database.js';
import {
  CANCEL_PLAN,
  CHANGE,
  PAUSE,
  REACTIVATE_PLAN,
  RESUME,
  run,
  sell,
  standing,
  subscriber,
  UNDO,
} from '../support/change-plan-story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const verbs = {
  up: [CHANGE, { plan: 'max', interval: 'MONTH' }],
  down: [CHANGE, { plan: 'team', interval: 'MONTH' }],
  interval: [CHANGE, { plan: 'business', interval: 'YEAR' }],
  seats: [CHANGE, { seats: 2 }],
  cancel: [CANCEL_PLAN, {}],
  reactivate: [REACTIVATE_PLAN, {}],
  pause: [PAUSE, {}],
  resume: [RESUME, {}],
  undo: [UNDO, {}],
} as const;
type Verb = keyof typeof verbs;

interface State {
  /** Brings everybody's subscription to Business there. */
  reach(world: World, everybody: Member[]): Promise<unknown>;
  /** How each verb ends: an outcome, or the code it is refused with. */
  ends: Record<Verb, string>;
}
interface Member {
  person: Person;
  id: string;
  customer: string;
}

const each = (what: (world: World, member: Member) => Promise<unknown>): State['reach'] => {
  return async (world, everybody) => {
    for (const member of everybody) await what(world, member);
    await world.settled();
  };
};
const chargeTo = async (world: World, { id, customer }: Member, card: string) => {
  const { stripe } = world.gateway.parts;
  const method = await stripe.paymentMethods.attach(card, { customer });
  await stripe.subscriptions.update(id, { default_payment_method: method.id });
};

const none = 'NOTHING_PENDING';
const paused = 'SUBSCRIPTION_PAUSED';
const states: Record<string, State> = {
  trialing: {
    reach: each((world, { id }) =>
      world.gateway.parts.stripe.subscriptions.update(id, {
        trial_end: Math.floor(world.sandbox.now() / 1000) + 7 * 86_400,
        proration_behavior: 'none',
      }),
    ),
    ends: {
      ...{ up: 'APPLIED', down: 'APPLIED', interval: 'APPLIED', seats: 'APPLIED', cancel: 'SCHEDULED' },
      ...{ reactivate: none, pause: 'OTHER', resume: none, undo: none },
    },
  },
  'past due': {
    async reach(world, everybody) {
      for (const member of everybody) await chargeTo(world, member, 'pm_card_chargeCustomerFail');
      await world.settled();
      await world.advance({ by: 'P1M2D' });
    },
    ends: {
      ...{ up: 'PAYMENT_OVERDUE', down: 'PAYMENT_OVERDUE', interval: 'PAYMENT_OVERDUE', seats: 'PAYMENT_OVERDUE' },
      ...{ cancel: 'APPLIED', reactivate: none, pause: 'PAYMENT_OVERDUE', resume: none, undo: none },
    },
  },
  'paused with a date': {
    reach: each((world, { person }) =>
      run(person, PAUSE, { resumesAt: new Date(world.sandbox.now() + 45 * 86_400_000).toISOString() }),
    ),
    ends: {
      ...{ up: paused, down: paused, interval: paused, seats: paused, cancel: 'SCHEDULED' },
      ...{ reactivate: none, pause: 'APPLIED', resume: 'APPLIED', undo: none },
    },
  },
  'waiting for a confirmation': {
    reach: each(async (world, member) => {
      await chargeTo(world, member, 'pm_card_authenticationRequired');
      await world.settled();
      await run(member.person, CHANGE, { plan: 'max' });
    }),
    ends: {
      ...{ up: 'ACTION_REQUIRED', down: 'SCHEDULED', interval: 'ACTION_REQUIRED', seats: 'ACTION_REQUIRED' },
      ...{ cancel: 'SCHEDULED', reactivate: none, pause: 'APPLIED', resume: none, undo: 'APPLIED' },
    },
  },
  'booked to go down': {
    reach: each((_world, { person }) => run(person, CHANGE, { plan: 'team' })),
    ends: {
      ...{ up: 'APPLIED', down: 'SCHEDULED', interval: 'APPLIED', seats: 'APPLIED', cancel: 'SCHEDULED' },
      ...{ reactivate: none, pause: 'APPLIED', resume: none, undo: 'APPLIED' },
    },
  },
  'set to end': {
    reach: each((_world, { person }) => run(person, CANCEL_PLAN)),
    ends: {
      ...{ up: 'APPLIED', down: 'SCHEDULED', interval: 'APPLIED', seats: 'APPLIED', cancel: 'NO_OP' },
      ...{ reactivate: 'APPLIED', pause: 'APPLIED', resume: none, undo: none },
    },
  },
  'paid by invoice': {
    reach: each((world, { id }) =>
      world.gateway.parts.stripe.subscriptions.update(id, { collection_method: 'send_invoice', days_until_due: 14 }),
    ),
    ends: {
      ...{ up: 'APPLIED', down: 'SCHEDULED', interval: 'APPLIED', seats: 'APPLIED', cancel: 'SCHEDULED' },
      ...{ reactivate: none, pause: 'OTHER', resume: none, undo: none },
    },
  },
  ended: {
    reach: each((world, { id }) => world.gateway.parts.stripe.subscriptions.cancel(id)),
    ends: Object.fromEntries(Object.keys(verbs).map((verb) => [verb, 'SUBSCRIPTION_ENDED'])) as Record<Verb, string>,
  },
};

/** Every fourth state on a server, where the cells take twice as long; all of them with ALL_STATES=1. */
const played = Object.entries(states).filter(
  (_state, at) => databaseKind !== 'mariadb' || process.env.ALL_STATES || at % 4 === 0,
);

describe.each(played)('a subscription that is %s', (_name, { reach, ends }) => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  it('ends every verb as the rules say, and what is refused charges and changes nothing', async () => {
    await sell(world, 'max', 5, 49_900);
    const { stripe } = world.gateway.parts;
    const members = new Map<Verb, Member>();
    for (const verb of Object.keys(verbs) as Verb[]) {
      const person = await subscriber(world, 'business', verb);
      const { id } = (await standing(person)).subscription;
      const customer = String((await stripe.subscriptions.retrieve(id)).customer);
      members.set(verb, { person, id, customer });
    }
    await reach(world, [...members.values()]);
    const atStripe = async ({ id, customer }: Member) => {
      const { items, cancel_at, cancel_at_period_end, pause_collection, schedule, status, pending_update } =
        await stripe.subscriptions.retrieve(id);
      const held = items.data.map(({ price, quantity }) => [price.id, quantity]);
      const { data: invoices } = await stripe.invoices.list({ customer, limit: 100 });
      const charged = invoices.map((invoice) => [invoice.id, invoice.status, invoice.total]);
      return { held, cancel_at, cancel_at_period_end, pause_collection, schedule, status, pending_update, charged };
    };

    const found: Record<string, string> = {};
    for (const [verb, member] of members) {
      const before = await atStripe(member);
      const [document, input] = verbs[verb];
      const { outcome, userErrors } = await run(member.person, document, { ...input, subscription: member.id });
      await world.settled();
      found[verb] = outcome === 'REJECTED' ? userErrors[0].code : outcome;
      if (outcome === 'REJECTED' || outcome === 'NO_OP') expect(await atStripe(member)).toEqual(before);
    }

    expect(found).toEqual(ends);
  });
});
