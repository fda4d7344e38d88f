import {
  CHANGE,
  monthOfThirtyDays,
  PREVIEW_NEXT,
  run,
  sell,
  standing,
  subscriber,
} from '../support/change-plan-story.js';
import { customerOf } from '../support/payment-story.js';
import { type Person, startStillWorld, type World } from '../support/world.js';

const LINES = `lines { description amount { minor } period { start end } }`;
const UPCOMING = `{ viewer { account { upcomingInvoice { date total { minor } ${LINES} } } } }`;
const INVOICES = `{ viewer { account { invoices { nodes { status total { minor } lines { nodes { amount { minor } } } } } } } }`;
const YEAR = { plan: 'team', interval: 'YEAR', addOns: [] };
const MONTH = { plan: 'team', interval: 'MONTH' };

describe('use of a metered add-on', () => {
  let world: World;
  let acme: Person;
  beforeEach(async () => {
    world = await startStillWorld();
    const first = monthOfThirtyDays(world.sandbox.now());
    if (first > world.sandbox.now()) await world.advance({ to: new Date(first).toISOString() });
    acme = await subscriber(world, 'team');
    await addCalls();
    await use(150);
    await world.advance({ by: 'P15D' });
  });
  afterEach(() => world.stop());

  async function addCalls(): Promise<void> {
    const { stripe } = world.gateway.parts;
    const meter = await stripe.billing.meters.create({
      display_name: 'Calls',
      event_name: 'calls',
      default_aggregation: { formula: 'sum' },
    });
    const metadata = { app: 'billing', kind: 'add_on', add_on_id: 'calls', plans: 'team,business' };
    const product = await stripe.products.create({ name: 'Calls', metadata });
    const price = await stripe.prices.create({
      product: product.id,
      currency: 'usd',
      unit_amount: 2,
      recurring: { interval: 'month', usage_type: 'metered', meter: meter.id },
      lookup_key: 'calls_month',
    });
    await world.settled();
    const { subscription } = await standing(acme);
    await stripe.subscriptions.update(subscription.id, { items: [{ price: price.id }] });
    await world.settled();
  }

  async function use(calls: number): Promise<void> {
    const customer = await customerOf(world, 'acme');
    const payload = { stripe_customer_id: customer, value: String(calls) };
    await world.gateway.parts.stripe.billing.meterEvents.create({ event_name: 'calls', payload });
  }

  const show = async (input: Record<string, unknown>) => (await run(acme, PREVIEW_NEXT, input)).preview;
  const change = async (preview: { token: string }) => {
    const changed = await run(acme, CHANGE, { previewToken: preview.token });
    await world.settled();
    return changed;
  };
  const upcoming = async () => (await acme.ask(UPCOMING)).data.viewer.account.upcomingInvoice;
  const invoices = async () => (await acme.ask(INVOICES)).data.viewer.account.invoices.nodes;
  const renewal = async () => {
    await world.advance({ by: 'P16D' });
    return (await invoices())[0];
  };
  const amountsOf = ({ lines }: { lines: { amount: { minor: number } }[] }) => lines.map(({ amount }) => amount.minor);

  it('is charged with a change to a year that drops it, as shown, and not again', async () => {
    const preview = await show(YEAR);
    const { outcome, invoice } = await change(preview);

    const [charged] = await invoices();
    expect(amountsOf(preview)).toContain(300);
    expect(outcome).toBe('APPLIED');
    expect(invoice).toMatchObject({ status: 'PAID' });
    expect(charged.total).toEqual(preview.amountDueNow);
    expect(charged.lines.nodes.map(({ amount }: { amount: { minor: number } }) => amount.minor)).toContain(300);
    expect(preview.nextInvoice.total.minor).toBe(20_000);
    expect((await upcoming()).total).toEqual(preview.nextInvoice.total);
  });

  it('is on the renewal with which it is dropped, as shown', async () => {
    const preview = await show({ ...MONTH, addOns: [] });
    await change(preview);
    await use(50);
    const announced = await upcoming();

    expect(preview).toMatchObject({ timing: 'PERIOD_END', nextInvoice: { total: { minor: 2_300 } } });
    expect(announced.total.minor).toBe(2_400);
    expect(await renewal()).toMatchObject({ total: { minor: 2_400 } });
    expect((await upcoming()).total.minor).toBe(2_000);
  });

  it('is charged at once where it is dropped at once, and the answer shows its invoice', async () => {
    const preview = await show({ ...MONTH, addOns: [], timing: 'NOW' });
    const { invoice } = await change(preview);

    expect(preview).toMatchObject({
      amountDueNow: { minor: 300 },
      lines: [{ amount: { minor: 300 } }],
      nextInvoice: { total: { minor: 2_000 } },
    });
    expect(invoice).toMatchObject({ status: 'PAID' });
    expect((await invoices())[0]).toMatchObject({ status: 'PAID', total: { minor: 300 } });
    expect(await renewal()).toMatchObject({ total: { minor: 2_000 } });
  });

  it.each([
    ['more seats', { ...MONTH, seats: 2 }, 4_300],
    ['a higher plan', { plan: 'business', interval: 'MONTH' }, 10_200],
    ['less, later', { ...MONTH, plan: 'lite' }, 1_300],
  ])('is on the next invoice that is shown with %s, as on the one announced then', async (_what, input, total) => {
    if (input.plan === 'lite') {
      await sell(world, 'lite', 0, 1_000);
      const { data } = await world.gateway.parts.stripe.products.list({ limit: 100 });
      const calls = data.find(({ name }) => name === 'Calls');
      await world.gateway.parts.stripe.products.update(calls?.id ?? '', { metadata: { plans: 'lite,team,business' } });
      await world.settled();
    }
    const { start, end } = (await standing(acme)).subscription.currentPeriod;

    const preview = await show(input);
    await change(preview);

    const { nextInvoice } = preview;
    const announced = await upcoming();
    expect([nextInvoice.total.minor, nextInvoice.date]).toEqual([total, end]);
    expect(announced).toMatchObject({ date: end, total: { minor: total } });
    expect(amountsOf(nextInvoice).sort()).toEqual(amountsOf(announced).sort());
    const calls = nextInvoice.lines.find(({ amount }: { amount: { minor: number } }) => amount.minor === 300);
    expect(calls.period.start >= start && calls.period.end <= end).toBe(true);
    expect(await renewal()).toMatchObject({ total: { minor: total } });
  });

  it('stays where a change to a year that drops it is not paid, and what comes meanwhile is billed', async () => {
    const { stripe } = world.gateway.parts;
    const customer = await customerOf(world, 'acme');
    const { subscription } = await standing(acme);
    const payWith = async (card: string) => {
      const { id } = await stripe.paymentMethods.attach(card, { customer });
      await stripe.subscriptions.update(subscription.id, { default_payment_method: id });
      await world.settled();
    };
    await payWith('pm_card_chargeCustomerFail');

    const { outcome } = await change(await show(YEAR));
    await use(50);
    await world.advance({ by: 'P2D' });
    await payWith('pm_card_visa');

    expect(outcome).toBe('ACTION_REQUIRED');
    expect((await invoices())[0].status).toBe('VOID');
    expect((await upcoming()).total.minor).toBe(2_400);
    expect(await renewal()).toMatchObject({ status: 'PAID', total: { minor: 2_400 } });
  });
});
