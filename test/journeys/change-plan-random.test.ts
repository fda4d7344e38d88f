import fc from 'fast-check';
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
import { type Person, startWorld, type World } from '../support/world.js';

const LONG = process.env.LONG === '1';

type Action =
  | { do: 'change'; plan: string; interval: string; seats: number }
  | { do: 'cancel' | 'reactivate' | 'undo' | 'pause' | 'resume' }
  | { do: 'wait'; days: number }
  | { do: 'card'; good: boolean };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      plan: fc.constantFrom('team', 'business'),
      interval: fc.constantFrom('MONTH', 'YEAR'),
      seats: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('cancel', 'reactivate', 'undo', 'pause', 'resume'),
    }) as fc.Arbitrary<Action>,
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('card' as const), good: fc.boolean() }) },
);

describe('whatever is done to a subscription, in any order', () => {
  it(
    'is charged as it was previewed, stored as Stripe has it, and never is there a second one',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: LONG ? 20 : 6 }), async (actions) => {
          const world = await startWorld();
          try {
            const acme = await subscriber(world);
            let revision = 0;
            for (const one of actions) {
              await take(world, acme, one);
              await world.settled();
              revision = await check(world, acme, revision);
            }
          } finally {
            await world.stop();
          }
        }),
        { numRuns: LONG ? 40 : 3, endOnFailure: true, ...(!LONG && { seed: Number(process.env.SEED ?? 1) }) },
      );
    },
    LONG ? 1_800_000 : 120_000,
  );
});

async function take(world: World, person: Person, one: Action): Promise<void> {
  if ((await standing(person)).subscription === null) return;
  if (one.do === 'change') return change(person, one);
  if (one.do === 'wait') return world.advance({ by: `P${one.days}D` });
  if (one.do === 'card') return card(world, person, one.good ? 'pm_card_visa' : 'pm_card_chargeCustomerFail');
  const documents = { cancel: CANCEL_PLAN, reactivate: REACTIVATE_PLAN, undo: UNDO, pause: PAUSE, resume: RESUME };
  await run(person, documents[one.do]);
}

/** Accepts what was previewed; what is charged, or waits to be, is what was shown. */
async function change(person: Person, { plan, interval, seats }: Extract<Action, { do: 'change' }>): Promise<void> {
  const idsOf = (nodes: { id: string }[]) => nodes.map(({ id }) => id);
  const before = idsOf((await standing(person)).invoices.nodes);
  const { preview } = await run(person, PREVIEW, { plan, interval, seats });
  const done = await run(person, CHANGE, { previewToken: preview.token });
  if (!preview.allowed) return expect(done.outcome).toBe('REJECTED');
  if (done.outcome === 'REJECTED') return expect(done.userErrors[0].code).toBe('TOO_MANY_CHANGES');
  const { invoices } = await standing(person);
  if (preview.timing === 'PERIOD_END' || preview.lines.length === 0)
    return expect(idsOf(invoices.nodes)).toEqual(before);
  const made = invoices.nodes.filter(({ id }: { id: string }) => !before.includes(id));
  expect(made.map(({ amountDue }: { amountDue: unknown }) => amountDue)).toEqual([preview.amountDueNow]);
}

async function card(world: World, person: Person, name: string): Promise<void> {
  const { stripe } = world.gateway.parts;
  const { id } = (await standing(person)).subscription;
  const { customer, status } = await stripe.subscriptions.retrieve(id);
  if (status === 'canceled') return;
  const method = await stripe.paymentMethods.attach(name, { customer: String(customer) });
  await stripe.subscriptions.update(id, { default_payment_method: method.id });
}

/** Answers the revision, which only grows. */
async function check(world: World, person: Person, revision: number): Promise<number> {
  const { subscription, revision: now } = await standing(person);
  const { stripe } = world.gateway.parts;
  const { data: live } = await stripe.subscriptions.list({ status: 'all', limit: 10 });
  expect(live.filter(({ status }) => status !== 'canceled').length).toBeLessThanOrEqual(1);
  expect(now).toBeGreaterThanOrEqual(revision);
  if (subscription) {
    const raw = await stripe.subscriptions.retrieve(subscription.id, { expand: ['schedule'] });
    expect(subscription).toMatchObject({ status: raw.status.toUpperCase(), seats: raw.items.data[0]!.quantity });
    expect(subscription.pendingChange?.state ?? null).toBe(
      raw.pending_update ? 'AWAITING_PAYMENT' : raw.schedule && subscription.pendingChange ? 'SCHEDULED' : null,
    );
    expect(subscription.cancellation !== null).toBe(raw.cancel_at !== null || raw.cancel_at_period_end);
  }
  return now;
}
