import fc from 'fast-check';
import { SubscriptionItem } from '../../src/subscriptions/subscription-item.entity.js';
import { BillingSubscription } from '../../src/subscriptions/subscription.entity.js';
import { SUBSCRIPTION_EXPANDS, toSubscription } from '../../src/subscriptions/subscription.fetch.js';
import {
  CANCEL_PLAN,
  CHANGE,
  PAUSE,
  PREVIEW,
  REACTIVATE_PLAN,
  RESUME,
  run,
  standing,
  subscriber,
  UNDO,
} from '../support/change-plan-story.js';
import { sellAddOns, sellCode } from '../support/price-story.js';
import { START } from '../support/verb-stories.js';
import { type Person, startWorld, type Watch, type World } from '../support/world.js';

/** How many histories, and the longest of them: `RUNS=300 LONGEST=20 npx jest test/journeys/change-plan-random`. */
const LONG = process.env.LONG === '1';
const RUNS = Number(process.env.RUNS ?? (LONG ? 300 : 6));
const LONGEST = Number(process.env.LONGEST ?? (LONG ? 16 : 6));
const DAY = 86_400_000;

type Edit = 'seats' | 'cancel' | 'keep' | 'plan' | 'trial' | 'end';
type Action =
  | {
      do: 'change';
      plan: string;
      interval: string;
      seats: number;
      addOns: number[] | null;
      code: boolean;
      timing: string | null;
    }
  | { do: 'cancel' | 'reactivate' | 'undo' | 'pause' | 'pauseFor' | 'resume' | 'pay' }
  | { do: 'start'; plan: 'team' | 'business'; interval: string; trial: boolean }
  | { do: 'portal'; edit: Edit }
  | { do: 'wait'; days: number }
  | { do: 'card'; good: boolean };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      plan: fc.constantFrom('team', 'business', 'business', 'team', 'free'),
      interval: fc.constantFrom('MONTH', 'MONTH', 'YEAR'),
      seats: fc.integer({ min: 1, max: 3 }),
      addOns: fc.option(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 1 })), { freq: 3 }),
      code: fc.boolean(),
      timing: fc.constantFrom(null, null, null, 'NOW', 'PERIOD_END'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('cancel', 'reactivate', 'undo', 'pause', 'pauseFor', 'resume', 'pay'),
    }) as fc.Arbitrary<Action>,
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('portal' as const),
      edit: fc.constantFrom<Edit[]>('seats', 'cancel', 'keep', 'plan', 'trial', 'end'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('start' as const),
      plan: fc.constantFrom('team' as const, 'business' as const),
      interval: fc.constantFrom('MONTH', 'YEAR'),
      trial: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 35 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('card' as const), good: fc.boolean() }) },
);

const REVISIONS = `subscription { accountUpdated { revision } }`;

describe('whatever is done to a subscription, in any order', () => {
  let world: World;
  let people = 0;
  beforeAll(async () => {
    world = await startWorld();
    await sellAddOns(world);
    await sellCode(world, 'QUARTER', { months: 3 });
    await world.gateway.parts.stripe.products.update('prod_sample_business', { metadata: { trial_days: '10' } });
    await world.settled();
  });
  afterAll(() => world.stop());

  it(
    'is charged as it was previewed, stored as Stripe has it, and never is there a second one',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: LONGEST }), async (actions) => {
          const story = await begin(world, `person-${++people}`);
          for (const one of actions) {
            await take(story, one);
            await world.settled();
            await check(story);
          }
          await end(story);
        }),
        { numRuns: RUNS, endOnFailure: true, seed: Number(process.env.SEED ?? (LONG ? Date.now() : 1)) },
      );
      process.stdout.write(`${people} histories of up to ${LONGEST} steps charged as previewed\n`);
    },
    LONG ? 3_600_000 : 120_000,
  );
});

interface Story {
  world: World;
  person: Person;
  customer: string;
  live: Watch<{ accountUpdated: { revision: number } }>;
}

async function begin(world: World, name: string): Promise<Story> {
  const person = await subscriber(world, 'team', name);
  const { id } = (await standing(person)).subscription;
  const { customer } = await world.gateway.parts.stripe.subscriptions.retrieve(id);
  return { world, person, customer: String(customer), live: person.watch(REVISIONS) };
}

/** What is pushed only grows; nothing of this history goes on into the next. */
async function end({ world, person, customer, live }: Story): Promise<void> {
  const { revision } = await standing(person);
  await live.until(({ accountUpdated }) => accountUpdated.revision >= revision);
  const pushed = live.messages.map(({ accountUpdated }) => accountUpdated.revision);
  expect(pushed).toEqual([...new Set(pushed)].sort((one, other) => one - other));
  live.close();
  const { stripe } = world.gateway.parts;
  const { data } = await stripe.subscriptions.list({ customer });
  for (const { id } of data) await stripe.subscriptions.cancel(id);
  await world.settled();
}

async function take(story: Story, one: Action): Promise<void> {
  const { world, person } = story;
  const { subscription, invoices } = await standing(person);
  if (one.do === 'start') return start(story, one);
  if (subscription === null) return;
  if (one.do === 'change') return change(story, one);
  if (one.do === 'wait') return wait(story, one.days);
  if (one.do === 'card') return card(story, one.good ? 'pm_card_visa' : 'pm_card_chargeCustomerFail');
  if (one.do === 'portal') return portal(story, one.edit);
  if (one.do === 'pay') {
    const open = invoices.nodes.find(({ status }: { status: string }) => status === 'OPEN');
    if (open)
      await person.ask(`mutation ($id: ID!) { payInvoice(input: { invoice: $id }) { outcome } }`, { id: open.id });
    return;
  }
  if (one.do === 'pauseFor') {
    await run(person, PAUSE, { resumesAt: new Date(world.sandbox.now() + 10 * DAY).toISOString() });
    return;
  }
  const documents = { cancel: CANCEL_PLAN, reactivate: REACTIVATE_PLAN, undo: UNDO, pause: PAUSE, resume: RESUME };
  await run(person, documents[one.do]);
}

/** Accepts what was previewed; what is charged, or waits to be, is what was shown. */
async function change({ world, person }: Story, asked: Extract<Action, { do: 'change' }>): Promise<void> {
  const before = idsOf((await standing(person)).invoices.nodes);
  const { plan, interval, seats, addOns, code, timing } = asked;
  const { preview, userErrors } = await run(person, PREVIEW, {
    ...{ plan, interval, seats, timing },
    ...(addOns && { addOns: addOnsOf(addOns) }),
    ...(code && { promotionCode: 'QUARTER' }),
  });
  if (!preview) return expect(['PLAN_NOT_AVAILABLE', 'PROMOTION_CODE_INVALID']).toContain(userErrors[0].code);
  const done = await run(person, CHANGE, { previewToken: preview.token });
  if (!preview.allowed) return expect(done.outcome).toBe('REJECTED');
  if (done.outcome === 'REJECTED') return expect(done.userErrors[0].code).toBe('TOO_MANY_CHANGES');
  // On a busy machine the answer may come before its invoice is stored.
  await world.settled();
  const { invoices } = await standing(person);
  if (preview.timing === 'PERIOD_END' || preview.lines.length === 0)
    return expect(idsOf(invoices.nodes)).toEqual(before);
  const made = invoices.nodes.filter(({ id }: { id: string }) => !before.includes(id));
  expect(made.map(({ amountDue }: { amountDue: unknown }) => amountDue)).toEqual([preview.amountDueNow]);
}

/** Begins again once nothing is there: in the one trial that there is, or charged as the plan says. */
async function start({ world, person, customer }: Story, asked: Extract<Action, { do: 'start' }>): Promise<void> {
  const { stripe } = world.gateway.parts;
  const { data: methods } = await stripe.customers.listPaymentMethods(customer);
  const { data: before } = await stripe.subscriptions.list({ customer, status: 'all', limit: 100 });
  const { subscription: held, invoices: old } = await standing(person);
  const { plan, interval, trial } = asked;
  const done = await run(person, START, { plan, interval, trial, paymentMethod: methods[0]?.id });
  if (held) return expect(done.userErrors[0].code).toBe('ALREADY_SUBSCRIBED');
  if (done.outcome === 'REJECTED') return expect(done.userErrors[0].code).toBe('CARD_DECLINED');
  await world.settled();
  const tried = trial && plan === 'business' && before.every(({ trial_start }) => trial_start === null);
  const { subscription, invoices } = await standing(person);
  expect([done.outcome, subscription]).toMatchObject([
    'APPLIED',
    { plan: { key: plan }, price: { interval }, status: tried ? 'TRIALING' : 'ACTIVE' },
  ]);
  const made = invoices.nodes.filter(({ id }: { id: string }) => !idsOf(old.nodes).includes(id));
  expect(made).toMatchObject([{ total: { minor: tried ? 0 : LIST_PRICES[plan][interval === 'YEAR' ? 1 : 0] } }]);
}

const idsOf = (nodes: { id: string }[]) => nodes.map(({ id }) => id);
/** By the month and by the year. */
const LIST_PRICES = { team: [2_000, 20_000], business: [9_900, 99_000] } as const;

const addOnsOf = ([storage = 0, backup = 0]: number[]) => [
  ...(storage > 0 ? [{ addOn: 'storage', quantity: storage }] : []),
  ...(backup > 0 ? [{ addOn: 'backup', quantity: backup }] : []),
];

/** What was shown as booked is what happens at its moment, unless the subscription does not go on. */
async function wait({ world, person }: Story, days: number): Promise<void> {
  const { pendingChange } = (await standing(person)).subscription;
  await world.advance({ by: `P${days}D` });
  const { subscription } = await standing(person);
  const due = pendingChange?.state === 'SCHEDULED' && Date.parse(pendingChange.effectiveAt) <= world.sandbox.now();
  if (!due || subscription === null || subscription.status !== 'ACTIVE') return;
  expect({
    plan: subscription.plan,
    price: subscription.price,
    seats: subscription.seats,
    pendingChange: subscription.pendingChange,
  }).toEqual({
    plan: pendingChange.toPlan,
    price: pendingChange.toPrice,
    seats: pendingChange.toSeats,
    pendingChange: null,
  });
}

async function card({ world, person, customer }: Story, name: string): Promise<void> {
  const { stripe } = world.gateway.parts;
  const { id } = (await standing(person)).subscription;
  const { status } = await stripe.subscriptions.retrieve(id);
  if (status === 'canceled') return;
  const method = await stripe.paymentMethods.attach(name, { customer });
  await stripe.subscriptions.update(id, { default_payment_method: method.id });
}

/** What somebody does in Stripe's own tools; those refuse some of it, as they would a person. */
async function portal({ world, person }: Story, edit: Edit): Promise<void> {
  const { stripe } = world.gateway.parts;
  const { id } = (await standing(person)).subscription;
  const { items } = await stripe.subscriptions.retrieve(id);
  const [item] = items.data;
  const { data: prices } = await stripe.prices.list({ lookup_keys: ['business_month'] });
  const edits = {
    seats: { items: [{ id: item!.id, quantity: (item!.quantity ?? 1) + 1 }] },
    cancel: { cancel_at_period_end: true },
    keep: { cancel_at_period_end: false },
    plan: { items: [{ id: item!.id, price: prices[0]!.id }], billing_cycle_anchor: { type: 'unchanged' as const } },
    trial: { trial_end: Math.floor(world.sandbox.now() / 1_000) + 7 * 86_400, proration_behavior: 'none' as const },
  };
  const done = edit === 'end' ? stripe.subscriptions.cancel(id) : stripe.subscriptions.update(id, edits[edit]);
  await done.catch((thrown: { type?: string }) => {
    if (thrown.type !== 'StripeInvalidRequestError') throw thrown;
  });
}

async function check({ world, person, customer }: Story): Promise<void> {
  const { stripe, database } = world.gateway.parts;
  const { data } = await stripe.subscriptions.list({ customer, status: 'all', limit: 100 });
  const live = data.filter(({ status }) => status !== 'canceled' && !status.startsWith('incomplete'));
  expect(live.length).toBeLessThanOrEqual(1);
  expect((await standing(person)).subscription?.id ?? null).toBe(live[0]?.id ?? null);
  for (const { id } of data) {
    const raw = await stripe.subscriptions.retrieve(id, { expand: SUBSCRIPTION_EXPANDS });
    const {
      items,
      claimedAccountId: _claim,
      claimedPlanKey: _plan,
      productId: _product,
      priceId: _price,
      seats: _seats,
      ...state
    } = toSubscription(raw);
    const row = await database.read.manager.findOneByOrFail(BillingSubscription, { id });
    expect(row).toMatchObject({ ...state, pause: state.pause && { of: state.pause.of, cause: state.pause.cause } });
    expect(row).toMatchObject(await paidLast(world, id));
    const held = await database.read.manager.findBy(SubscriptionItem, { subscriptionId: id });
    const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1);
    expect(held.map((item) => ({ ...item })).sort(byId)).toEqual([...items].sort(byId));
  }
}

/** By the invoices of a subscription at Stripe. */
async function paidLast({ gateway }: World, subscription: string) {
  const { data } = await gateway.parts.stripe.invoices.list({ subscription, status: 'paid', limit: 100 });
  const [last] = data
    .filter(({ amount_paid }) => amount_paid > 0)
    .sort((one, other) => Number(other.status_transitions.paid_at) - Number(one.status_transitions.paid_at));
  return {
    lastPaymentAt: last ? Number(last.status_transitions.paid_at) * 1_000 : null,
    lastPaymentAmount: last?.amount_paid ?? null,
  };
}
