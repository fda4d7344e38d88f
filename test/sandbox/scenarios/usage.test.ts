import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';

describe('metered use when its price changes', () => {
  let story: Story;
  let customer: string;
  let meter: string;
  beforeEach(async () => {
    story = await startStory();
    customer = await story.customer();
    meter = (
      await story.stripe.billing.meters.create({
        display_name: 'Calls',
        event_name: 'calls',
        default_aggregation: { formula: 'sum' },
      })
    ).id;
  });
  afterEach(() => story.stop());

  const metered = (amount: number): Promise<string> =>
    story.price(`Calls at ${amount}`, amount, { recurring: { interval: 'month', usage_type: 'metered', meter } });
  const use = (value: number): Promise<unknown> =>
    story.stripe.billing.meterEvents.create({
      event_name: 'calls',
      payload: { stripe_customer_id: customer, value: String(value) },
    });
  const latest = async (id: string): Promise<number[]> => {
    const { latest_invoice } = await story.stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] });
    return ((latest_invoice as Stripe.Invoice | null)?.lines.data ?? []).map(({ amount }) => amount);
  };

  it.each([
    // Ten at 5, then four at 7
    ['flexible', [28, 50]],
    // What was used before the change is forgotten.
    ['classic', [28]],
  ] as const)('bills each use at the price it had, in %s billing', async (type, lines) => {
    const { stripe, sandbox } = story;
    const { id, items } = await stripe.subscriptions.create({
      customer,
      items: [{ price: await metered(5) }],
      billing_mode: { type },
    });
    await use(10);
    await sandbox.advance({ by: 'P15D' });
    await stripe.subscriptions.update(id, { items: [{ id: items.data[0]?.id, price: await metered(7) }] });
    await use(4);

    await sandbox.advance({ by: 'P15D' });

    expect(await latest(id)).toEqual(lines);
  });

  it('waits for the next invoice when its item is removed', async () => {
    const { stripe, sandbox } = story;
    const licensed = await story.price('Team', 3000);
    const { id, items } = await stripe.subscriptions.create({
      customer,
      items: [{ price: licensed }, { price: await metered(5) }],
    });
    await use(10);
    await sandbox.advance({ by: 'P15D' });

    await stripe.subscriptions.update(id, { items: [{ id: items.data[1]?.id, deleted: true }] });
    await sandbox.advance({ by: 'P15D' });

    expect(await latest(id)).toEqual([3000, 50]);
  });

  it('is billed with a pause, unless told otherwise, and with a final invoice', async () => {
    const { stripe, sandbox } = story;
    const subscribe = async (): Promise<string> =>
      (await stripe.subscriptions.create({ customer, items: [{ price: await metered(5) }] })).id;
    const paused = await subscribe();
    await use(10);
    await sandbox.advance({ by: 'P1D' });
    await stripe.subscriptions.pause(paused, { invoicing_behavior: 'invoice' });
    expect(await latest(paused)).toEqual([50]);

    const quiet = await subscribe();
    await use(3);
    await sandbox.advance({ by: 'P1D' });
    const bill_for = { outstanding_usage_through: { type: 'none' as const } };
    await stripe.subscriptions.pause(quiet, { invoicing_behavior: 'invoice', bill_for });
    expect(await latest(quiet)).toEqual([]);

    const ended = await subscribe();
    await use(2);
    await sandbox.advance({ by: 'P1D' });
    await stripe.subscriptions.cancel(ended, { invoice_now: true });
    expect(await latest(ended)).toEqual([10]);
  });

  it('forgets what was used of an item that goes, if asked to', async () => {
    const { stripe } = story;
    const { id, items } = await stripe.subscriptions.create({
      customer,
      items: [{ price: await metered(5) }, { price: await metered(7) }],
    });
    await use(10);
    await story.sandbox.advance({ by: 'P1D' });

    await stripe.subscriptionItems.del(items.data[0]?.id ?? '', { clear_usage: true });

    expect((await stripe.invoiceItems.list({ customer })).data).toEqual([]);
    await stripe.subscriptions.update(id, { items: [{ price: await story.price('Seat', 100) }] });
    await stripe.subscriptionItems.del(items.data[1]?.id ?? '');
    const { data } = await stripe.invoiceItems.list({ customer, pending: true });
    expect(data.filter(({ proration }) => !proration).map(({ amount }) => amount)).toEqual([70]);
  });

  it('is on the invoice that a change waits for, as previewed, and what follows meanwhile on the next', async () => {
    const { stripe, sandbox } = story;
    const cards = ['pm_card_visa', 'pm_card_chargeCustomerFail'];
    const [good, bad] = await Promise.all(cards.map((card) => stripe.paymentMethods.attach(card, { customer })));
    const { id, items } = await stripe.subscriptions.create({
      customer,
      items: [{ price: await story.price('Team', 3000) }, { price: await metered(5) }],
      default_payment_method: good?.id,
    });
    await use(10);
    await sandbox.advance({ by: 'P15D' });
    await stripe.subscriptions.update(id, { default_payment_method: bad?.id });
    const [team, calls] = items.data;
    const asked = {
      items: [
        { id: team?.id, quantity: 2 },
        { id: calls?.id, deleted: true },
      ],
      proration_behavior: 'always_invoice' as const,
    };
    const amountsOf = ({ lines }: Stripe.Invoice) => lines.data.map(({ amount }) => amount);
    const previewed = await stripe.invoices.createPreview({ subscription: id, subscription_details: asked });

    const waits = await stripe.subscriptions.update(id, { ...asked, payment_behavior: 'pending_if_incomplete' });
    await use(4);
    await sandbox.advance({ by: 'PT1H' });
    expect(waits.pending_update).not.toBeNull();
    expect(await latest(id)).toEqual(amountsOf(previewed));
    expect(await latest(id)).toContain(50);
    await stripe.invoices.pay(String(waits.latest_invoice), { payment_method: good?.id });

    expect((await stripe.subscriptions.retrieve(id)).items.data).toHaveLength(1);
    const next = await stripe.invoices.createPreview({ subscription: id });
    expect(amountsOf(next)).toEqual([6000, 20]);
  });

  it('is billed with its period after all where the change that waits is given up', async () => {
    const { stripe, sandbox } = story;
    const card = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    const { id, items } = await stripe.subscriptions.create({ customer, items: [{ price: await metered(5) }] });
    await use(10);
    await sandbox.advance({ by: 'P15D' });
    await stripe.subscriptions.update(id, { default_payment_method: card.id });

    const waits = await stripe.subscriptions.update(id, {
      items: [{ price: await story.price('Seat', 100) }, { id: items.data[0]?.id, deleted: true }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'pending_if_incomplete',
    });
    await stripe.invoices.voidInvoice(String(waits.latest_invoice));
    await use(4);

    expect((await stripe.invoices.createPreview({ subscription: id })).lines.data.map(({ amount }) => amount)).toEqual([
      70,
    ]);
  });

  it('is billed by the renewal with which a schedule takes its item away', async () => {
    const { stripe, sandbox } = story;
    const licensed = await story.price('Team', 3000);
    const { id } = await stripe.subscriptions.create({
      customer,
      items: [{ price: licensed }, { price: await metered(5) }],
    });
    const { id: schedule, phases } = await stripe.subscriptionSchedules.create({ from_subscription: id });
    const [phase] = phases;
    const items = (phase?.items ?? []).map(({ price, quantity }) => ({ price: String(price), quantity }));
    await stripe.subscriptionSchedules.update(schedule, {
      phases: [
        { items, start_date: phase?.start_date, end_date: phase?.end_date },
        { items: items.slice(0, 1), duration: { interval: 'month', interval_count: 1 } },
      ],
    });
    await use(10);

    const previewed = await stripe.invoices.createPreview({ subscription: id });
    await sandbox.advance({ by: 'P1M1D' });

    expect(previewed.lines.data.map(({ amount }) => amount)).toEqual([3000, 50]);
    expect(await latest(id)).toEqual([3000, 50]);
  });

  it('is billed when its period begins anew', async () => {
    const { stripe, sandbox } = story;
    const { id } = await stripe.subscriptions.create({
      customer,
      items: [{ price: await story.price('Team', 3000) }, { price: await metered(5) }],
    });
    await use(10);
    await sandbox.advance({ by: 'P15D' });

    await stripe.subscriptions.update(id, { billing_cycle_anchor: { type: 'now' }, proration_behavior: 'none' });

    expect(await latest(id)).toEqual([3000, 50]);
  });
});
