import {
  CANCEL_PLAN,
  CHANGE,
  monthOfThirtyDays,
  PAUSE,
  PREVIEW_NEXT,
  REACTIVATE_PLAN,
  RESUME,
  run,
  sell,
  standing,
  subscriber,
  UNDO,
} from '../support/change-plan-story.js';
import { addCard, customerOf } from '../support/payment-story.js';
import { told, wholeStory, type WholeStory } from '../support/whole-story.js';
import { startStillWorld, type World } from '../support/world.js';

/** Who plays, and the plan each begins with; all with half of a month of thirty days left. */
const players = {
  declined: 'business',
  down: 'business',
  replaced: 'business',
  yearly: 'team',
  leaving: 'team',
  paused: 'team',
  dated: 'team',
  overdue: 'team',
  elsewhere: 'team',
  deleted: 'team',
  up: 'starter',
};
type Player = keyof typeof players;

const bill = async (story: WholeStory) =>
  (await story.charged()).map(({ status, lines, total, paid }) => ({
    ...{ status, total, paid },
    lines: lines.map(([, amount]) => amount),
  }));
const free = { plan: { key: 'free' }, subscription: null, access: { allowed: true, reason: 'FREE_PLAN' } };

describe('a subscription, from all sides', () => {
  let world: World;
  const stories = {} as Record<Player, WholeStory>;
  beforeAll(async () => {
    world = await startStillWorld();
    await sell(world, 'enterprise', 3, 49_900);
    await sell(world, 'starter', 1, 9_900);
    const first = monthOfThirtyDays(world.sandbox.now());
    if (first > world.sandbox.now()) await world.advance({ to: new Date(first).toISOString() });
    for (const [name, plan] of Object.entries(players)) await subscriber(world, plan, name);
    await world.advance({ by: 'P15D' });
    for (const name of Object.keys(players) as Player[]) stories[name] = await wholeStory(world, name);
  });
  afterAll(async () => {
    Object.values(stories).forEach((story) => story.close());
    await world.stop();
  });
  /** A new chapter of somebody's story. */
  const chapter = async (name: Player) => {
    await stories[name].mark();
    return stories[name];
  };
  const idOf = async (name: Player) => (await standing(world.as(name))).subscription.id as string;
  const chargeTo = async (name: Player, card: string) =>
    world.gateway.parts.stripe.subscriptions.update(await idOf(name), {
      default_payment_method: await addCard(world, name, card),
    });

  describe('in mid-month', () => {
    it('goes up at once: half of the old month back, half of the new one charged, as it was shown', async () => {
      const story = await chapter('up');
      const { preview } = await run(story.person, PREVIEW_NEXT, { plan: 'enterprise', interval: 'MONTH' });
      const done = await run(story.person, CHANGE, { previewToken: preview.token });

      expect(preview.nextInvoice.amountDue.minor).toBe(49_900);
      expect(done.outcome).toBe('APPLIED');
      expect(await bill(story)).toEqual([{ status: 'paid', total: 20_000, paid: 20_000, lines: [-4_950, 24_950] }]);
      expect(await story.stored()).toMatchObject({
        account: { planKey: 'enterprise', credit: 0 },
        subscriptions: [{ status: 'ACTIVE', planKey: 'enterprise', pendingChange: null, items: [{ quantity: 1 }] }],
        invoices: [{ status: 'PAID', reason: 'SUBSCRIPTION_CHANGE', total: 20_000 }, { total: 9_900 }],
      });
      expect((await story.pushed()).at(-1)).toMatchObject({
        ...{ plan: { key: 'enterprise' }, access: { allowed: true, reason: 'ACTIVE' } },
        subscription: { items: [{ quantity: 1, price: { plan: { key: 'enterprise' } } }] },
      });
      expect(await story.history()).toContainEqual(told('user-of-up', 'The plan changed from starter to enterprise.'));
    });

    it('keeps its plan while the payment of a dearer one does not go through, and owes nothing once it is given up', async () => {
      await chargeTo('declined', 'pm_card_chargeCustomerFail');
      const story = await chapter('declined');
      const done = await run(story.person, CHANGE, { seats: 2 });

      expect(done).toMatchObject({ outcome: 'ACTION_REQUIRED', paymentAction: { kind: 'NEW_PAYMENT_METHOD' } });
      expect(await bill(story)).toEqual([{ status: 'open', total: 4_950, paid: 0, lines: [-4_950, 9_900] }]);
      expect(await story.stored()).toMatchObject({
        account: { planKey: 'business' },
        subscriptions: [{ status: 'ACTIVE', seats: 1, pendingChange: { state: 'AWAITING_PAYMENT' } }],
        invoices: [{ status: 'OPEN' }, { status: 'PAID' }],
      });
      expect((await story.pushed()).at(-1)).toMatchObject({
        access: { allowed: true, reason: 'ACTIVE' },
        subscription: { seats: 1, pendingChange: { state: 'AWAITING_PAYMENT', kind: 'SEATS_ONLY' } },
      });
      expect(await story.history()).toContainEqual(
        told('user-of-declined', 'A change of seats waits for its payment: 2 seats; nothing changes until then.'),
      );

      await story.mark();
      await run(story.person, UNDO);

      expect(await bill(story)).toEqual([{ status: 'void', total: 4_950, paid: 0, lines: [-4_950, 9_900] }]);
      expect((await story.stored()).subscriptions).toMatchObject([{ seats: 1, pendingChange: null }]);
      expect((await story.pushed()).at(-1)?.subscription).toMatchObject({ seats: 1, pendingChange: null });
      expect(await story.history()).toContainEqual(
        told('user-of-declined', 'The change of seats that waited for its payment was given up.'),
      );
    });

    it('books what costs less, and drops that for what costs more, charging what is added', async () => {
      const story = await chapter('replaced');
      await run(story.person, CHANGE, { plan: 'team' });
      expect(await bill(story)).toEqual([]);
      expect((await story.pushed()).at(-1)).toMatchObject({
        plan: { key: 'business' },
        subscription: { pendingChange: { state: 'SCHEDULED', kind: 'DOWNGRADE', toPlan: { key: 'team' } } },
      });
      expect(await story.history()).toContainEqual(told('user-of-replaced', 'A change of plan was booked for '));

      await story.mark();
      await run(story.person, CHANGE, { seats: 3 });

      expect(await bill(story)).toEqual([{ status: 'paid', total: 9_900, paid: 9_900, lines: [-4_950, 14_850] }]);
      expect(await story.stored()).toMatchObject({
        subscriptions: [{ planKey: 'business', seats: 3, schedule: null, pendingChange: null }],
      });
      expect((await story.pushed()).at(-1)?.subscription).toMatchObject({ seats: 3, pendingChange: null });
      expect((await story.history()).map(({ summary }) => summary).join(' ')).toMatch(
        /The booked change of plan.* was taken back\./,
      );
    });

    it('begins a year at once, and books the month for the end of the year', async () => {
      const story = await chapter('yearly');
      await run(story.person, CHANGE, { interval: 'YEAR' });

      expect(await bill(story)).toEqual([{ status: 'paid', total: 19_000, paid: 19_000, lines: [20_000, -1_000] }]);
      const { subscriptions } = await story.stored();
      const { currentPeriodStart: start, currentPeriodEnd: end } = subscriptions[0]!;
      expect(new Date(Number(end)).getUTCFullYear() - new Date(Number(start)).getUTCFullYear()).toBe(1);
      expect((await story.pushed()).at(-1)?.subscription.price.interval).toBe('YEAR');
      expect(await story.history()).toContainEqual(told('user-of-yearly', 'It is paid by the year now.'));

      await story.mark();
      await run(story.person, CHANGE, { interval: 'MONTH' });

      expect(await bill(story)).toEqual([]);
      expect((await story.stored()).subscriptions).toMatchObject([
        { currentPeriodEnd: end, pendingChange: { state: 'SCHEDULED', effectiveAt: end } },
      ]);
      expect((await story.pushed()).at(-1)?.subscription.pendingChange).toMatchObject({
        ...{ kind: 'INTERVAL_CHANGE', toPrice: { interval: 'MONTH' } },
        effectiveAt: new Date(Number(end)).toISOString(),
      });
      expect(await story.history()).toContainEqual(told('user-of-yearly', 'paid by the month.'));
    });

    it('is canceled, taken back and canceled again, and goes on until its end', async () => {
      const story = await chapter('leaving');
      await run(story.person, CANCEL_PLAN, { feedback: 'TOO_EXPENSIVE' });
      await run(story.person, REACTIVATE_PLAN);
      expect((await story.stored()).subscriptions).toMatchObject([{ cancelAtPeriodEnd: false, cancelAt: null }]);
      await run(story.person, CHANGE, { plan: 'free', interval: 'MONTH' });

      expect(await bill(story)).toEqual([]);
      const { subscriptions } = await story.stored();
      expect(subscriptions).toMatchObject([{ status: 'ACTIVE', planKey: 'team', cancelAtPeriodEnd: true }]);
      const end = new Date(Number(subscriptions[0]?.currentPeriodEnd)).toISOString();
      expect((await story.pushed()).at(-1)).toMatchObject({
        access: { allowed: true, reason: 'CANCELED_BUT_PAID', until: end },
        subscription: { cancellation: { effectiveAt: end } },
      });
      const steps = await story.history();
      expect(steps).toEqual(
        expect.arrayContaining([
          told('user-of-leaving', 'Reason: too expensive.'),
          told('user-of-leaving', 'The cancellation was taken back.'),
        ]),
      );
    });

    it('pauses without a date: the rest of the month is kept, and taken off the month that begins with resuming', async () => {
      const story = await chapter('paused');
      await run(story.person, PAUSE);

      expect(await bill(story)).toEqual([]);
      expect((await story.stored()).subscriptions).toMatchObject([{ status: 'PAUSED', pause: { resumesAt: null } }]);
      expect((await story.pushed()).at(-1)).toMatchObject({ access: { allowed: false, reason: 'PAUSED' } });
      expect(await story.history()).toContainEqual(told('user-of-paused', 'The subscription was paused.'));

      await story.mark();
      await run(story.person, RESUME);

      expect(await bill(story)).toEqual([{ status: 'paid', total: 1_000, paid: 1_000, lines: [2_000, -1_000] }]);
      expect((await story.stored()).subscriptions).toMatchObject([{ status: 'ACTIVE', pause: null }]);
      expect((await story.pushed()).at(-1)).toMatchObject({ access: { allowed: true, reason: 'ACTIVE' } });
      expect(await story.history()).toContainEqual(told('user-of-paused', 'The subscription was resumed.'));
    });

    it('takes over what is done in the dashboard, and falls to the free plan when its customer is deleted there', async () => {
      const { stripe } = world.gateway.parts;
      const changed = await chapter('elsewhere');
      const held = await stripe.subscriptions.retrieve(await idOf('elsewhere'));
      const { data: prices } = await stripe.prices.list({ lookup_keys: ['business_month'] });
      await stripe.subscriptions.update(held.id, {
        items: [{ id: held.items.data[0]!.id, price: prices[0]!.id, quantity: 2 }],
        proration_behavior: 'always_invoice',
      });

      expect(await bill(changed)).toEqual([{ status: 'paid', total: 8_900, paid: 8_900, lines: [-1_000, 9_900] }]);
      expect(await changed.stored()).toMatchObject({
        account: { planKey: 'business' },
        subscriptions: [{ planKey: 'business', seats: 2 }],
      });
      expect((await changed.pushed()).at(-1)).toMatchObject({ plan: { key: 'business' }, subscription: { seats: 2 } });
      expect(await changed.history()).toContainEqual(told('stripe', 'The plan changed from Team to Business.'));

      const gone = await chapter('deleted');
      await stripe.customers.del(await customerOf(world, 'deleted'));

      expect(await bill(gone)).toEqual([]);
      expect(await gone.stored()).toMatchObject({
        account: { planKey: 'free', defaultPaymentMethodId: null },
        subscriptions: [{ status: 'CANCELED' }],
        ...{ invoices: [{ status: 'PAID', total: 2_000 }], paymentMethods: [] },
      });
      expect((await gone.pushed()).at(-1)).toMatchObject({ ...free, defaultPaymentMethod: null });
      expect(await gone.history()).toContainEqual(told('stripe', 'The subscription ended.'));
    });
  });

  describe('at the end of the period', () => {
    beforeAll(async () => {
      await run(stories.down.person, CHANGE, { plan: 'team' });
      const resumesAt = new Date(world.sandbox.now() + 20 * 86_400_000).toISOString();
      await run(stories.dated.person, PAUSE, { resumesAt });
      await chargeTo('overdue', 'pm_card_chargeCustomerFail');
      for (const name of Object.keys(players) as Player[]) await stories[name].mark();
      await world.advance({ by: 'P16D' });
    });

    it('makes what was booked, without a proration, and nothing else', async () => {
      const story = stories.down;

      expect(await bill(story)).toEqual([{ status: 'paid', total: 2_000, paid: 2_000, lines: [2_000] }]);
      expect(await story.stored()).toMatchObject({
        account: { planKey: 'team', credit: 0 },
        subscriptions: [{ planKey: 'team', pendingChange: null, items: [{ quantity: 1 }] }],
      });
      expect((await story.pushed()).at(-1)).toMatchObject({
        plan: { key: 'team' },
        subscription: { price: { interval: 'MONTH' }, pendingChange: null },
      });
      expect(await story.history()).toContainEqual(told('stripe', 'The plan changed from Business to Team.'));
      expect(await bill(stories.up)).toEqual([{ status: 'paid', total: 49_900, paid: 49_900, lines: [49_900] }]);
      expect(await bill(stories.replaced)).toEqual([{ status: 'paid', total: 29_700, paid: 29_700, lines: [29_700] }]);
      expect(await bill(stories.yearly)).toEqual([]);
    });

    it('ends what was canceled, on the free plan, and charges nothing more', async () => {
      const story = stories.leaving;

      expect(await bill(story)).toEqual([]);
      expect(await story.stored()).toMatchObject({
        account: { planKey: 'free' },
        subscriptions: [{ status: 'CANCELED', endedAt: expect.any(Number) }],
      });
      expect((await story.pushed()).at(-1)).toMatchObject(free);
      expect(await story.history()).toContainEqual(told('stripe', 'The subscription ended.'));
    });

    it('skips the payment that falls into a pause with a date, and goes on with it', async () => {
      const story = stories.dated;
      expect(await bill(story)).toEqual([{ status: 'void', total: 2_000, paid: 0, lines: [2_000] }]);
      expect((await story.pushed()).at(-1)).toMatchObject({ access: { allowed: false, reason: 'PAUSED' } });

      await story.mark();
      await world.advance({ by: 'P5D' });

      expect(await bill(story)).toEqual([]);
      expect((await story.stored()).subscriptions).toMatchObject([{ status: 'ACTIVE', pause: null }]);
      expect((await story.pushed()).at(-1)).toMatchObject({ access: { allowed: true, reason: 'ACTIVE' } });
      expect((await story.history()).at(-1)?.summary).toContain('The subscription was resumed.');
    });

    it('is overdue with grace, is not changed then, and a cancellation ends it and its collection at once', async () => {
      const story = stories.overdue;
      expect((await story.pushed()).at(-1)?.access).toMatchObject({ allowed: true, reason: 'GRACE_PERIOD' });
      await story.mark();
      const refused = await run(story.person, CHANGE, { plan: 'business' });

      expect(refused.userErrors[0].code).toBe('PAYMENT_OVERDUE');
      expect(await bill(story)).toEqual([]);
      expect(await story.history()).toEqual([]);

      await run(story.person, CANCEL_PLAN);
      await world.advance({ by: 'P20D' });

      expect(await bill(story)).toEqual([]);
      const { account, subscriptions, invoices } = await story.stored();
      expect({ account, subscriptions }).toMatchObject({
        account: { planKey: 'free' },
        subscriptions: [{ status: 'CANCELED' }],
      });
      expect(invoices).toMatchObject([{ status: 'OPEN', amountPaid: 0, nextAttemptAt: null }, { status: 'PAID' }]);
      expect((await story.pushed()).at(-1)).toMatchObject(free);
      expect(await story.history()).toContainEqual(told('user-of-overdue', 'The subscription ended.'));
    });
  });
});
