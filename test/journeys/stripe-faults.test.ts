import { Role } from '../../src/auth/roles.js';
import { systemTimers } from '../../src/clock/system-clock.js';
import {
  CANCEL_PLAN,
  CHANGE,
  PAUSE,
  REACTIVATE_PLAN,
  RESUME,
  run,
  subscriber,
  UNDO,
} from '../support/change-plan-story.js';
import { control } from '../sandbox/support/stripe-for.js';
import { type Person, startWorld, type World } from '../support/world.js';

const RENAME = `mutation ($input: UpdateBillingDetailsInput!) { updateBillingDetails(input: $input) { userErrors { code } } }`;

/** `FAULT_PASSES=70 npx jest test/journeys/stripe-faults` lets every mutation meet every fault ten times. */
const PASSES = Number(process.env.FAULT_PASSES ?? 1);

/** What goes wrong with each call that changes something at Stripe, before it has an effect; the last one after. */
const faults: { kind: string; delay_ms?: number }[] = [
  { kind: 'error_before' },
  { kind: 'rate_limit' },
  { kind: 'reset_before' },
  { kind: 'lock_timeout' },
  { kind: 'rate_limit_should_retry' },
  { kind: 'no_error_key' },
  { kind: 'slow', delay_ms: 4_500 },
];
/** One after the other they lead from a subscriber to `team` to one to `business`. */
const mutations: [name: string, document: string, input: object][] = [
  ['updateBillingDetails', RENAME, { name: 'Somebody' }],
  ['cancelSubscription', CANCEL_PLAN, {}],
  ['reactivateSubscription', REACTIVATE_PLAN, {}],
  ['changePlan up', CHANGE, { plan: 'business', seats: 2 }],
  ['changePlan down', CHANGE, { plan: 'team', seats: 1 }],
  ['cancelPendingChange', UNDO, {}],
  ['pauseSubscription', PAUSE, {}],
  ['resumeSubscription', RESUME, {}],
];
const TIMES = 40;

describe('every mutation under the faults of Stripe', () => {
  let world: World;
  beforeAll(async () => {
    // What hangs is given up soon.
    world = await startWorld({ STRIPE_MUTATION_SECONDS: '4' });
  });
  afterAll(() => world.stop());

  const order = (fault: object) =>
    control(world.sandbox, 'faults', {
      faults: ['POST', 'DELETE'].map((method) => ({ ...fault, method, path: '/v1/*', times: TIMES })),
    });
  let met = 0;
  /** How many calls have met it. */
  async function healed(): Promise<number> {
    const { body } = await control<{ faults: { times: number }[] }>(world.sandbox, 'faults');
    await fetch(`${world.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    return body.faults.reduce((met, { times }) => met + TIMES - times, 0);
  }
  /** As the completer finds it once the caller is gone for good. */
  async function completed(): Promise<void> {
    const { database, intents } = world.gateway.parts;
    await database.run("UPDATE intents SET due_at = 0 WHERE state = 'open'", []);
    while (await intents.completeOne());
    await world.settled();
  }
  async function meet(person: Person, [name, document, input]: (typeof mutations)[0], fault: (typeof faults)[0]) {
    const key = `${name} under ${JSON.stringify(fault)}`.replace(/\W/g, '');
    const asked = { ...input, ...(document !== RENAME && { idempotencyKey: key }) };
    await order(fault);
    const first = await person.ask(document, { input: asked });
    const attempts = await healed();
    // What hangs has its effect after it was given up, and that is waited for whole: when it began nobody knows here.
    if (fault.delay_ms) await systemTimers.sleep(fault.delay_ms);
    await completed();
    const again = await run(person, document, asked);
    await world.settled();

    met += attempts;
    expect([name, fault, attempts <= 3]).toEqual([name, fault, true]);
    for (const { extensions } of first.errors ?? [])
      expect(extensions).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
    expect([name, fault, again.userErrors]).toEqual([name, fault, []]);
    return first.errors ? 'told' : 'done';
  }

  it(
    'is done or says to come again after three attempts at most, and is done once when it does',
    async () => {
      const { stripe } = world.gateway.parts;
      const ends = { told: 0, done: 0 };
      for (let pass = 0; pass < PASSES; pass++) {
        await subscriber(world, 'team', `tenant-${pass}`);
        const person = world.as(`tenant-${pass}`, Role.BILLING_ADMIN, Role.OPERATOR);
        for (const [at, mutation] of mutations.entries())
          ends[await meet(person, mutation, faults[(pass + at) % faults.length] as (typeof faults)[0])] += 1;
        const [newest] = (await stripe.subscriptions.list({ limit: 1 })).data;
        const live = (await stripe.subscriptions.list({ customer: String(newest?.customer) })).data;
        expect(live).toMatchObject([{ status: 'active', cancel_at_period_end: false, schedule: null }]);
        expect(live[0]?.items.data).toMatchObject([{ quantity: 2, price: { lookup_key: 'business_month' } }]);
      }
      expect(met).toBeGreaterThan(PASSES * mutations.length);
      process.stdout.write(
        `${PASSES * mutations.length} mutations under ${faults.length} faults: ${ends.told} told to come again, ` +
          `${ends.done} done in spite of it\n`,
      );
    },
    600_000 + PASSES * 60_000,
  );
});
