import {
  CHANGE,
  linesOf,
  LIVE,
  monthOfThirtyDays,
  PREVIEW,
  PREVIEW_NEXT,
  run,
  standing,
  subscriber,
  UNDO,
} from '../support/change-plan-story.js';
import { sellAddOns, sellCode } from '../support/price-story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const PARTS = `{ viewer { account { subscription { seats plan { key } discounts { label } items { quantity price { plan { key } addOn { key } interval } } } } } }`;

interface Part {
  quantity: number;
  price: { plan: { key: string } | null; addOn: { key: string } | null; interval: string };
}

async function partsOf(person: Person): Promise<string[]> {
  const { data } = await person.ask(PARTS);
  const items = data.viewer.account.subscription.items as Part[];
  return items
    .map(({ quantity, price }) => `${quantity} ${price.plan?.key ?? price.addOn?.key} ${price.interval}`)
    .sort();
}
const discountsOf = async (person: Person): Promise<string[]> =>
  (await person.ask(PARTS)).data.viewer.account.subscription.discounts.map(({ label }: { label: string }) => label);
const amounts = (lines: { amount: { minor: number } }[]) => lines.map(({ amount }) => amount.minor);

describe('a change of what is bought on top', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
    await sellAddOns(world);
  });
  afterEach(() => world.stop());

  async function inMidMonth(plan = 'team'): Promise<Person> {
    const first = monthOfThirtyDays(world.sandbox.now());
    if (first > world.sandbox.now()) await world.advance({ to: new Date(first).toISOString() });
    const acme = await subscriber(world, plan);
    await world.advance({ by: 'P15D' });
    return acme;
  }

  it('is a step of its own also where nothing is charged: pushed, told, and in the way of who has not seen it', async () => {
    const acme = await subscriber(world);
    const { stripe } = world.gateway.parts;
    const { revision, subscription } = await standing(acme);
    const live = acme.watch(LIVE);
    await live.until(() => true);
    const { data } = await stripe.prices.list({ lookup_keys: ['storage_month'] });
    await stripe.subscriptionItems.create({
      subscription: subscription.id,
      price: String(data[0]?.id),
      quantity: 3,
      proration_behavior: 'none',
    });
    await live.until(({ accountUpdated }) => accountUpdated.revision > revision);
    const late = await run(acme, CHANGE, { addOns: [], expectedRevision: revision });
    const { timeline } = await standing(acme);
    live.close();

    expect(await partsOf(acme)).toEqual(['1 team MONTH', '3 storage MONTH']);
    expect(timeline.nodes[0].title).toBe('What is bought on top is now 3 × storage.');
    expect(late.userErrors[0].code).toBe('CONFLICT');
  });

  it('is charged as shown, together with seats: half of what is added with half of the month left', async () => {
    const acme = await inMidMonth();
    const input = { plan: 'team', interval: 'MONTH', seats: 3, addOns: [{ addOn: 'storage', quantity: 2 }] };

    const { preview } = await run(acme, PREVIEW_NEXT, input);
    const done = await run(acme, CHANGE, { previewToken: preview.token });

    expect(preview).toMatchObject({
      kind: 'SEATS_ONLY',
      timing: 'NOW',
      summary: 'Change to Team with 3 seats and 2 × storage, paid by the month, now, and pay $24.50.',
      amountDueNow: { minor: 2_450 },
      recurringBefore: { minor: 2_000 },
      recurringAfter: { minor: 6_900 },
      nextInvoice: { amountDue: { minor: 6_900 } },
    });
    expect(amounts(preview.lines).sort()).toEqual([-1_000, 3_000, 450].sort());
    expect((await linesOf(world, done.invoice.id)).sort()).toEqual([-1_000, 3_000, 450].sort());
    expect(done).toMatchObject({ outcome: 'APPLIED', invoice: { status: 'PAID' } });
    expect(await partsOf(acme)).toEqual(['2 storage MONTH', '3 team MONTH']);
    await world.advance({ by: 'P16D' });
    expect((await standing(acme)).invoices.nodes[0].total.minor).toBe(6_900);
  });

  it('that takes something away waits for the end of the period, is shown, and can be taken back', async () => {
    const acme = await inMidMonth();
    await run(acme, CHANGE, { addOns: [{ addOn: 'storage' }, { addOn: 'backup' }] });
    const invoices = (await standing(acme)).invoices.nodes.length;
    const live = acme.watch(LIVE);

    const { preview } = await run(acme, PREVIEW, {
      plan: 'team',
      interval: 'MONTH',
      addOns: [{ addOn: 'storage' }],
    });
    const booked = await run(acme, CHANGE, { previewToken: preview.token });
    await live.until(({ accountUpdated: { account } }) => account.subscription.pendingChange !== null);
    await run(acme, UNDO);
    const undone = (await standing(acme)).subscription.pendingChange;
    await run(acme, CHANGE, { addOns: [] });
    const both = (await standing(acme)).subscription.pendingChange;
    await world.advance({ by: 'P16D' });

    const [storage, backup] = ['storage', 'backup'].map((key) => ({ addOn: { key }, quantity: 1 }));
    expect(preview).toMatchObject({
      ...{ kind: 'SEATS_ONLY', timing: 'PERIOD_END', lines: [], amountDueNow: { minor: 0 } },
      ...{ fromAddOns: [backup, storage], toAddOns: [storage] },
    });
    expect(booked).toMatchObject({
      outcome: 'SCHEDULED',
      subscription: {
        pendingChange: {
          ...{ kind: 'SEATS_ONLY', toPlan: { key: 'team' }, toSeats: 1, toAddOns: [storage] },
          recurringAfter: { minor: 2_450 },
        },
      },
    });
    expect(undone).toBeNull();
    expect(both).toMatchObject({ recurringAfter: { minor: 2_000 }, toAddOns: [] });
    expect(await partsOf(acme)).toEqual(['1 team MONTH']);
    const account = await standing(acme);
    expect(account.invoices.nodes).toHaveLength(invoices + 1);
    expect(account.invoices.nodes[0].total.minor).toBe(2_000);
    const told = account.timeline.nodes.map(({ title }: { title: string }) => title);
    expect(told).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^A change of add-ons was booked for .+: 1 × storage\.$/),
        expect.stringMatching(/^A change of add-ons was booked for .+: no add-ons\.$/),
        'Nothing is bought on top any more.',
      ]),
    );
    expect(told.filter((title: string) => title === 'The booked change of add-ons was taken back.')).toHaveLength(1);
    live.close();
  });

  it('comes along to another plan and interval, and is refused where it is not sold', async () => {
    const acme = await inMidMonth();
    await run(acme, CHANGE, { addOns: [{ addOn: 'storage' }, { addOn: 'backup' }] });

    const refused = [
      await run(acme, CHANGE, { plan: 'team', interval: 'YEAR' }),
      await run(acme, CHANGE, { plan: 'business' }),
      await run(acme, CHANGE, { plan: 'business', addOns: [{ addOn: 'backup' }] }),
      await run(acme, CHANGE, { addOns: [{ addOn: 'storage', quantity: 11 }] }),
      await run(acme, CHANGE, { addOns: [{ addOn: 'storage' }, { addOn: 'storage' }] }),
    ];
    const { preview } = await run(acme, PREVIEW, {
      plan: 'business',
      interval: 'YEAR',
      addOns: [{ addOn: 'storage', quantity: 2 }],
    });
    const done = await run(acme, CHANGE, { previewToken: preview.token });

    expect(refused.map(({ userErrors: [{ code, field }] }) => `${code} ${field.slice(1).join('.')}`)).toEqual([
      'PLAN_NOT_AVAILABLE addOns',
      'PLAN_NOT_AVAILABLE addOns',
      'PLAN_NOT_AVAILABLE addOns',
      'QUANTITY_OUT_OF_RANGE addOns.0.quantity',
      'INVALID addOns',
    ]);
    // A new year of both, less the half month that is left of all three.
    expect(preview.amountDueNow.minor).toBe(99_000 + 2 * 4_500 - 1_000 - 225 - 400);
    expect(done).toMatchObject({ outcome: 'APPLIED', invoice: { status: 'PAID' } });
    expect(await partsOf(acme)).toEqual(['1 business YEAR', '2 storage YEAR']);
  });

  it('keeps what is bought on top when only the plan changes', async () => {
    const acme = await inMidMonth();
    await run(acme, CHANGE, { addOns: [{ addOn: 'storage', quantity: 3 }] });

    const { preview } = await run(acme, PREVIEW, { plan: 'business', interval: 'MONTH' });
    await run(acme, CHANGE, { previewToken: preview.token });

    expect(preview.recurringAfter.minor).toBe(9_900 + 1_350);
    expect(amounts(preview.lines)).toEqual([-1_000, 4_950]);
    expect(await partsOf(acme)).toEqual(['1 business MONTH', '3 storage MONTH']);
  });

  describe('with a promotion code', () => {
    it('is charged with the discount that was shown, which then stays as long as the code says', async () => {
      await sellCode(world, 'QUARTER', 'forever');
      const acme = await inMidMonth();

      const { preview } = await run(acme, PREVIEW_NEXT, {
        plan: 'business',
        interval: 'MONTH',
        seats: 2,
        promotionCode: 'quarter',
      });
      const done = await run(acme, CHANGE, { previewToken: preview.token });
      await world.advance({ by: 'P16D' });

      // Three quarters of the rest of Business, less the whole rest of Team: that was paid in full.
      expect(amounts(preview.lines)).toEqual([-1_000, 7_425]);
      expect(preview).toMatchObject({ amountDueNow: { minor: 6_425 }, nextInvoice: { amountDue: { minor: 14_850 } } });
      expect(await linesOf(world, done.invoice.id)).toEqual([-1_000, 7_425]);
      expect(await discountsOf(acme)).toEqual(['QUARTER']);
      expect((await standing(acme)).invoices.nodes[0].total.minor).toBe(14_850);
    });

    it.each([
      ['stays', 'forever' as const, ['QUARTER']],
      ['is used up with it', 'once' as const, []],
    ])('takes a quarter off a year that begins with the change, and %s', async (_what, duration, left) => {
      await sellCode(world, 'QUARTER', duration);
      const acme = await inMidMonth();

      const { preview } = await run(acme, PREVIEW, { plan: 'business', interval: 'YEAR', promotionCode: 'QUARTER' });
      const done = await run(acme, CHANGE, { previewToken: preview.token });

      expect(preview.amountDueNow.minor).toBe(74_250 - 1_000);
      expect((await standing(acme)).invoices.nodes[0]).toMatchObject({
        id: done.invoice.id,
        amountDue: preview.amountDueNow,
      });
      expect(await discountsOf(acme)).toEqual(left);
    });

    it('stays beside a discount that is there, and is not taken twice', async () => {
      await sellCode(world, 'QUARTER', 'forever');
      await sellCode(world, 'OTHER', 'forever');
      const acme = await inMidMonth();
      await run(acme, CHANGE, { seats: 2, promotionCode: 'QUARTER' });
      await run(acme, CHANGE, { seats: 3, promotionCode: 'OTHER' });

      const { preview } = await run(acme, PREVIEW, {
        plan: 'team',
        interval: 'MONTH',
        seats: 4,
        promotionCode: 'quarter',
      });
      const done = await run(acme, CHANGE, { previewToken: preview.token });

      expect(done).toMatchObject({ outcome: 'APPLIED' });
      expect(amounts(preview.lines)).toEqual(await linesOf(world, done.invoice.id));
      expect((await discountsOf(acme)).sort()).toEqual(['OTHER', 'QUARTER']);
    });

    it('counts from the next period on when the change waits for it', async () => {
      await sellCode(world, 'QUARTER', 'forever');
      const acme = await inMidMonth('business');

      const { preview } = await run(acme, PREVIEW_NEXT, {
        plan: 'team',
        interval: 'MONTH',
        promotionCode: 'QUARTER',
      });
      const booked = await run(acme, CHANGE, { previewToken: preview.token });
      const meanwhile = await discountsOf(acme);
      await world.advance({ by: 'P16D' });

      expect(preview.nextInvoice).toMatchObject({ amountDue: { minor: 1_500 } });
      expect(booked.outcome).toBe('SCHEDULED');
      expect(meanwhile).toEqual([]);
      expect((await standing(acme)).invoices.nodes[0].total.minor).toBe(1_500);
      expect(await discountsOf(acme)).toEqual(['QUARTER']);
    });

    it('is refused with its reason, and where there is nothing to take it off', async () => {
      await sellCode(world, 'QUARTER', 'once');
      const acme = await subscriber(world);

      const answers = [
        await run(acme, PREVIEW, { plan: 'business', interval: 'MONTH', promotionCode: 'NOTHING' }),
        await run(acme, CHANGE, { plan: 'business', promotionCode: 'NOTHING' }),
        await run(acme, PREVIEW, { plan: 'team', interval: 'MONTH', promotionCode: 'QUARTER' }),
        await run(acme, CHANGE, { plan: 'free', promotionCode: 'QUARTER' }),
      ];

      expect(answers.map(({ userErrors: [{ code, field }] }) => `${code} ${field.join('.')}`)).toEqual(
        Array.from({ length: 4 }, () => 'PROMOTION_CODE_INVALID input.promotionCode'),
      );
      expect((await standing(acme)).plan.key).toBe('team');
    });

    it('waits with a change that waits for its payment, and comes with it', async () => {
      await sellCode(world, 'QUARTER', 'forever');
      const acme = await subscriber(world);
      const { stripe } = world.gateway.parts;
      const { id } = (await standing(acme)).subscription;
      const { customer } = await stripe.subscriptions.retrieve(id);
      const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: String(customer) });
      const good = await stripe.paymentMethods.attach('pm_card_visa', { customer: String(customer) });
      await stripe.subscriptions.update(id, { default_payment_method: bad.id });
      await world.settled();

      const asked = await run(acme, CHANGE, { plan: 'business', promotionCode: 'QUARTER' });
      const meanwhile = await discountsOf(acme);
      await stripe.invoices.pay(asked.invoice.id, { payment_method: good.id });
      await world.settled();

      expect(asked).toMatchObject({ outcome: 'ACTION_REQUIRED', subscription: { plan: { key: 'team' } } });
      expect(meanwhile).toEqual([]);
      expect(await discountsOf(acme)).toEqual(['QUARTER']);
      expect((await standing(acme)).plan.key).toBe('business');
    });
  });
});

describe('what a preview tells beside the amounts', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());
  const codes = (notices: { code: string }[]) => notices.map(({ code }) => code);
  const toBusiness = { plan: 'business', interval: 'MONTH' };

  it('is that a discount ends within the first whole period', async () => {
    await sellCode(world, 'SHORT', { months: 1 });
    await sellCode(world, 'LONG', { months: 6 });
    const acme = await subscriber(world);
    await run(acme, CHANGE, { seats: 2, promotionCode: 'SHORT' });
    await run(acme, CHANGE, { seats: 3, promotionCode: 'LONG' });

    const { preview } = await run(acme, PREVIEW, toBusiness);

    const told = preview.notices.filter(({ code }: { code: string }) => code === 'DISCOUNT_WILL_END');
    expect(told).toHaveLength(1);
    expect(told[0].message).toMatch(/^The discount SHORT ends on /);
  });

  it('is that there is no way back to a price that is sold no more, which more seats keep', async () => {
    const acme = await subscriber(world);
    const before = codes((await run(acme, PREVIEW, toBusiness)).preview.notices);
    const { stripe } = world.gateway.parts;
    await stripe.prices.create({
      product: 'prod_sample_team',
      currency: 'usd',
      unit_amount: 2_500,
      lookup_key: 'team_month',
      transfer_lookup_key: true,
      recurring: { interval: 'month' },
    });
    const { data } = await stripe.prices.list({ product: 'prod_sample_team', limit: 100 });
    const old = data.find(({ unit_amount }) => unit_amount === 2_000);
    await stripe.prices.update(old!.id, { active: false });
    await world.settled();

    const { preview } = await run(acme, PREVIEW, toBusiness);
    const { preview: seats } = await run(acme, PREVIEW, { plan: 'team', interval: 'MONTH', seats: 2 });

    expect(before).not.toContain('PLAN_NOT_ON_SALE');
    expect(codes(preview.notices)).toContain('PLAN_NOT_ON_SALE');
    expect(seats).toMatchObject({ kind: 'SEATS_ONLY', recurringAfter: { minor: 4_000 } });
  });

  it('is that the seats that are there do not fit, which stands in the way until others are named', async () => {
    const acme = await subscriber(world);
    await world.gateway.parts.stripe.products.update('prod_sample_business', { metadata: { seats_min: '5' } });
    await world.settled();

    const { preview } = await run(acme, PREVIEW, toBusiness);
    const refused = await run(acme, CHANGE, { plan: 'business' });
    const { preview: fits } = await run(acme, PREVIEW, { ...toBusiness, seats: 5 });

    expect(preview).toMatchObject({ allowed: false, lines: [], blockers: [{ code: 'SEATS_DO_NOT_FIT' }] });
    expect(refused.userErrors[0].code).toBe('QUANTITY_OUT_OF_RANGE');
    expect(fits.allowed).toBe(true);
  });
});
