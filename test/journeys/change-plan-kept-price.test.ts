import {
  CHANGE,
  linesOf,
  monthOfThirtyDays,
  PREVIEW,
  PREVIEW_NEXT,
  run,
  standing,
  subscriber,
} from '../support/change-plan-story.js';
import { sellAddOns } from '../support/price-story.js';
import { type Person, startStillWorld, type World } from '../support/world.js';

const PRICES = `{ plan(key: "team") { prices(interval: MONTH) { unit { minor } intervalCount } }
  viewer { account { subscription { grandfathered recurring { minor } price { unit { minor } intervalCount } } } } }`;
const minors = (lines: { amount: { minor: number } }[]) => lines.map(({ amount }) => amount.minor);

/** Team costs 20.00 by the month, and from now on 30.00 for who comes new. */
async function replacePrice(world: World, archived = true): Promise<void> {
  const { stripe } = world.gateway.parts;
  const [old] = (await stripe.prices.list({ lookup_keys: ['team_month'] })).data;
  const again = { product: 'prod_sample_team', currency: 'usd', recurring: { interval: 'month' as const } };
  await stripe.prices.create({ ...again, unit_amount: 3_000, lookup_key: 'team_month', transfer_lookup_key: true });
  if (archived) await stripe.prices.update(old!.id, { active: false });
  await world.settled();
}

async function standsAt(person: Person) {
  const { plan, viewer } = (await person.ask(PRICES)).data;
  return { prices: plan.prices, ...viewer.account.subscription };
}

describe('who changes something beside plan and interval', () => {
  let world: World;
  let acme: Person;
  beforeEach(async () => {
    world = await startStillWorld();
    await sellAddOns(world);
    const first = monthOfThirtyDays(world.sandbox.now());
    if (first > world.sandbox.now()) await world.advance({ to: new Date(first).toISOString() });
    acme = await subscriber(world);
    await world.advance({ by: 'P15D' });
  });
  afterEach(() => world.stop());

  it('keeps the price that others pay no more, also by the token of a preview, for seats as for add-ons', async () => {
    await replacePrice(world);

    const seats = await run(acme, PREVIEW_NEXT, { plan: 'team', interval: 'MONTH', seats: 2 });
    const seated = await run(acme, CHANGE, { previewToken: seats.preview.token });
    const extra = { plan: 'team', interval: 'MONTH', addOns: [{ addOn: 'storage' }] };
    const added = await run(acme, PREVIEW_NEXT, extra);
    const stored = await run(acme, CHANGE, { previewToken: added.preview.token });

    expect(seats.preview).toMatchObject({ kind: 'SEATS_ONLY', amountDueNow: { minor: 1_000 } });
    expect(seats.preview.nextInvoice.amountDue.minor).toBe(4_000);
    expect(seated).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
    expect((await linesOf(world, seated.invoice.id)).sort()).toEqual([-1_000, 2_000].sort());
    expect(added.preview).toMatchObject({ kind: 'SEATS_ONLY', amountDueNow: { minor: 225 } });
    expect(stored).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
    expect(await linesOf(world, stored.invoice.id)).toEqual([225]);
    expect(await standsAt(acme)).toMatchObject({ recurring: { minor: 4_450 }, grandfathered: true });
  });

  it('keeps it also where the currency is named, which is as good as not naming it', async () => {
    await replacePrice(world);
    const same = { plan: 'team', interval: 'MONTH', currency: 'USD' };

    const nothing = await run(acme, PREVIEW, same);
    const seats = await run(acme, PREVIEW, { ...same, seats: 2 });
    const other = await run(acme, PREVIEW, { ...same, currency: 'EUR' });

    expect(nothing.preview).toMatchObject({ kind: 'NO_OP', amountDueNow: { minor: 0 } });
    expect(minors(seats.preview.lines).sort()).toEqual([-1_000, 2_000].sort());
    expect(other.userErrors).toMatchObject([{ code: 'PLAN_NOT_AVAILABLE' }]);
  });

  it('is told that it is an old one also while Stripe still has it active, and the table lists the new one alone', async () => {
    expect(await standsAt(acme)).toMatchObject({ grandfathered: false, prices: [{ unit: { minor: 2_000 } }] });

    await replacePrice(world, false);

    expect(await standsAt(acme)).toEqual({
      prices: [{ unit: { minor: 3_000 }, intervalCount: 1 }],
      ...{ grandfathered: true, recurring: { minor: 2_000 }, price: { unit: { minor: 2_000 }, intervalCount: 1 } },
    });
  });

  it('is shown a new price, and not charged it, where it was raised between a booking and its preview', async () => {
    await run(acme, CHANGE, { plan: 'business', interval: 'MONTH' });
    const { preview } = await run(acme, PREVIEW, { plan: 'team', interval: 'MONTH' });
    await replacePrice(world);

    const refused = await run(acme, CHANGE, { previewToken: preview.token });

    expect(preview).toMatchObject({ kind: 'DOWNGRADE', timing: 'PERIOD_END', recurringAfter: { minor: 2_000 } });
    expect(refused).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'PREVIEW_OUTDATED' }] });
    expect((await standing(acme)).subscription.pendingChange).toBeNull();
  });

  describe('of a price that is paid for every three months', () => {
    beforeEach(async () => {
      const { stripe } = world.gateway.parts;
      const quarterly = await stripe.prices.create({
        ...{ product: 'prod_sample_team', currency: 'usd', unit_amount: 5_000 },
        recurring: { interval: 'month', interval_count: 3 },
      });
      const { id } = (await standing(acme)).subscription;
      const [item] = (await stripe.subscriptions.retrieve(id)).items.data;
      await stripe.subscriptions.update(id, {
        items: [{ id: item!.id, price: quarterly.id }],
        ...{ proration_behavior: 'always_invoice', billing_cycle_anchor: { type: 'now' } },
      });
      await world.settled();
    });

    it('keeps it for more seats, with and without a preview, and renews three months later', async () => {
      const { preview } = await run(acme, PREVIEW_NEXT, { plan: 'team', interval: 'MONTH', seats: 2 });
      const shown = await run(acme, CHANGE, { previewToken: preview.token });
      const plain = await run(acme, CHANGE, { seats: 3 });
      const { end } = (await standing(acme)).subscription.currentPeriod;

      expect(preview).toMatchObject({
        ...{ kind: 'SEATS_ONLY', timing: 'NOW', amountDueNow: { minor: 5_000 } },
        summary: 'Change to Team with 2 seats, paid every 3 months, now, and pay $50.00.',
        nextInvoice: { date: end, amountDue: { minor: 10_000 } },
      });
      for (const done of [shown, plain]) {
        expect(done).toMatchObject({ outcome: 'APPLIED', subscription: { pendingChange: null }, userErrors: [] });
        expect(sumOf(await linesOf(world, done.invoice.id))).toBe(5_000);
      }
      expect(await standsAt(acme)).toMatchObject({ recurring: { minor: 15_000 }, price: { intervalCount: 3 } });
    });

    it('has it already where only plan and interval are named, and gets no add-on of another period beside it', async () => {
      const { preview } = await run(acme, PREVIEW, { plan: 'team', interval: 'MONTH' });
      const refused = await run(acme, CHANGE, { addOns: [{ addOn: 'storage' }] });
      const yearly = await run(acme, PREVIEW, { plan: 'team', interval: 'YEAR' });

      expect(preview).toMatchObject({ kind: 'NO_OP', summary: 'You have Team already.' });
      expect(refused.userErrors).toMatchObject([
        { code: 'PLAN_NOT_AVAILABLE', message: "'storage' is not sold with 'team' every 3 months in USD." },
      ]);
      expect(yearly.preview).toMatchObject({ kind: 'INTERVAL_CHANGE', timing: 'NOW' });
      expect((await standing(acme)).subscription.pendingChange).toBeNull();
    });
  });
});

const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);
