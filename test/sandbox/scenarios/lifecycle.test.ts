import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';

describe('the life of a subscription', () => {
  let story: Story;
  let customer: string;
  let price: string;
  beforeEach(async () => {
    story = await startStory();
    customer = await story.customer();
    price = await story.price('Team', 2000);
  });
  afterEach(() => story.stop());

  const subscribe = async (more: Partial<Stripe.SubscriptionCreateParams> = {}): Promise<Stripe.Subscription> => {
    const subscription = await story.stripe.subscriptions.create({ customer, items: [{ price }], ...more });
    await story.told();
    return subscription;
  };

  const seconds = (): number => Math.floor(story.sandbox.now() / 1000);
  /** A card that is refused becomes the default; answers one that is not. */
  async function failingDefault(): Promise<string> {
    const { stripe } = story;
    const { id } = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
    return (await stripe.paymentMethods.attach('pm_card_visa', { customer })).id;
  }

  it('is canceled at the period end, and only then', async () => {
    const { stripe, sandbox } = story;
    const { id } = await subscribe();

    const asked = await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    expect(asked).toMatchObject({
      status: 'active',
      cancel_at_period_end: true,
      cancel_at: Date.parse('2027-05-01T00:00:00Z') / 1000,
    });
    expect(await story.told()).toEqual(['customer.subscription.updated']);
    await sandbox.advance({ by: 'P1M' });

    expect((await story.told()).at(-1)).toBe('customer.subscription.deleted');
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
      status: 'canceled',
      ended_at: Date.parse('2027-05-01T00:00:00Z') / 1000,
    });
    expect((await stripe.invoices.list({ subscription: id })).data).toHaveLength(1);
  });

  it('goes on when it is reactivated before its end', async () => {
    const { stripe, sandbox } = story;
    const { id } = await subscribe();
    await stripe.subscriptions.update(id, { cancel_at: 'min_period_end' });

    const kept = await stripe.subscriptions.update(id, { cancel_at: '' });
    await sandbox.advance({ by: 'P1MT2H' });

    expect(kept).toMatchObject({ cancel_at: null, canceled_at: null });
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active' });
  });

  it('keeps what was said of a cancellation until it is emptied', async () => {
    const { stripe } = story;
    const { id } = await subscribe();
    const said = { feedback: 'unused' as const, comment: 'No time.' };

    await stripe.subscriptions.update(id, { cancel_at_period_end: true, cancellation_details: said });
    const kept = await stripe.subscriptions.update(id, { cancel_at_period_end: false });
    const emptied = await stripe.subscriptions.update(id, {
      cancel_at_period_end: true,
      cancellation_details: { feedback: '', comment: '' },
    });
    await stripe.subscriptions.update(id, { cancellation_details: said });
    const ended = await stripe.subscriptions.cancel(id, { cancellation_details: { feedback: '' } });

    expect(kept.cancellation_details).toMatchObject(said);
    expect(emptied.cancellation_details).toMatchObject({ feedback: null, comment: null });
    expect(ended.cancellation_details).toMatchObject({ feedback: null, comment: 'No time.' });
  });

  it('ends at once without credit unless asked for', async () => {
    const { stripe } = story;
    const { id } = await subscribe();

    const ended = await stripe.subscriptions.cancel(id, { cancellation_details: { feedback: 'too_expensive' } });

    expect(ended).toMatchObject({
      status: 'canceled',
      cancellation_details: { reason: 'cancellation_requested', feedback: 'too_expensive' },
    });
    expect(await story.told()).toEqual(['customer.subscription.deleted']);
    await expect(stripe.subscriptions.cancel(id)).rejects.toMatchObject({ statusCode: 404, code: 'resource_missing' });
  });

  it('credits the unused half to the balance when it ends with prorate and invoice_now', async () => {
    const { stripe, sandbox } = story;
    const { id } = await subscribe();
    await sandbox.advance({ by: 'P15D' });

    await stripe.subscriptions.cancel(id, { prorate: true, invoice_now: true });

    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -1000 });
    expect((await stripe.customers.listBalanceTransactions(customer)).data[0]).toMatchObject({
      amount: -1000,
      type: 'applied_to_invoice',
    });
  });

  it('pauses with a credit and resumes with a new period once the resume is paid', async () => {
    const { stripe, sandbox } = story;
    const { id } = await subscribe();
    await sandbox.advance({ by: 'P15D' });
    await story.told();

    const paused = await stripe.subscriptions.pause(id);
    expect(paused).toMatchObject({ status: 'paused', status_details: { paused: { type: 'subscription' } } });
    expect((await story.told()).sort()).toEqual([
      'customer.subscription.paused',
      'customer.subscription.updated',
      'invoiceitem.created',
    ]);
    await sandbox.advance({ by: 'P2M' });
    expect((await stripe.invoices.list({ subscription: id })).data).toHaveLength(1);
    const resumed = await stripe.subscriptions.resume(id, { payment_behavior: 'resume_on_payment_success' });

    expect(resumed.status).toBe('active');
    expect(await story.told()).toEqual(expect.arrayContaining(['customer.subscription.resumed', 'invoice.paid']));
    const invoice = await stripe.invoices.retrieve(String(resumed.latest_invoice));
    expect(invoice.lines.data.map(({ amount }) => amount).sort((a, b) => a - b)).toEqual([-1000, 2000]);
  });

  it('stays paused until the invoice of the resume is tried, and is past due when that fails', async () => {
    const { stripe } = story;
    const { id } = await subscribe();
    await stripe.subscriptions.pause(id, { bill_for: { unused_time_from: { type: 'none' } } });
    const failing = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });

    const waiting = await stripe.subscriptions.resume(id);
    expect(waiting.status).toBe('paused');
    await expect(
      stripe.invoices.pay(String(waiting.latest_invoice), { payment_method: failing.id }),
    ).rejects.toMatchObject({ type: 'StripeCardError' });

    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'past_due' });
  });

  it('stays paused as it was where a resume is not paid, and its period begins with the payment', async () => {
    const { stripe, sandbox } = story;
    const { id, billing_cycle_anchor } = await subscribe();
    await stripe.subscriptions.pause(id, { bill_for: { unused_time_from: { type: 'none' } } });
    const [paused, card] = [await stripe.subscriptions.retrieve(id), await failingDefault()];
    const [today, expires_at] = [seconds(), Date.parse('2028-04-01T00:00:00Z') / 1000];

    const waiting = await stripe.subscriptions.resume(id, { payment_behavior: 'resume_on_payment_success' });
    await sandbox.advance({ by: 'P40D' });
    const later = await stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] });
    await stripe.invoices.pay(String(waiting.latest_invoice), { payment_method: card });
    const paid = await stripe.subscriptions.retrieve(id);

    const pending_update = { expires_at, billing_cycle_anchor: today, subscription_items: null };
    expect(waiting).toMatchObject({ status: 'paused', items: paused.items, billing_cycle_anchor, pending_update });
    expect(later).toMatchObject({ status: 'paused', items: paused.items, latest_invoice: { status: 'open' } });
    expect(paid).toMatchObject({ status: 'active', pending_update: null, billing_cycle_anchor: seconds() });
    expect(paid.items.data[0]?.current_period_start).toBe(seconds());
    expect((await stripe.invoices.list({ subscription: id })).data).toHaveLength(2);
    await stripe.subscriptions.pause(id);
    const credits = (await stripe.invoiceItems.list({ customer, pending: true })).data.map(({ amount }) => amount);
    expect(credits).toEqual([-Number((await stripe.invoices.retrieve(String(waiting.latest_invoice))).amount_paid)]);
  });

  it.each([
    ['resume_on_payment_attempt', 'PT22H', 'PT2H'],
    ['resume_on_payment_success', 'P360D', 'P6D'],
  ] as const)('gives a resume up that is not paid in time, with %s', async (payment_behavior, before, rest) => {
    const { stripe, sandbox } = story;
    const { id } = await subscribe();
    await stripe.subscriptions.pause(id, { bill_for: { unused_time_from: { type: 'none' } } });
    await failingDefault();
    const { latest_invoice } = await stripe.subscriptions.resume(id, { payment_behavior });

    await sandbox.advance({ by: before });
    expect(await stripe.invoices.retrieve(String(latest_invoice))).toMatchObject({ status: 'open' });
    await sandbox.advance({ by: rest });

    expect(await stripe.invoices.retrieve(String(latest_invoice))).toMatchObject({ status: 'void' });
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'paused', pending_update: null });
  });

  it('is not resumed by a payment for which there is no method', async () => {
    const { stripe } = story;
    const { id } = await subscribe();
    await stripe.subscriptions.pause(id, { bill_for: { unused_time_from: { type: 'none' } } });
    for (const method of (await stripe.paymentMethods.list({ customer })).data)
      await stripe.paymentMethods.detach(method.id);

    await expect(
      stripe.subscriptions.resume(id, { payment_behavior: 'resume_on_payment_success' }),
    ).rejects.toMatchObject({
      code: 'resource_missing',
      message: 'This customer has no attached payment source or default payment method.',
    });

    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'paused', pending_update: null });
    expect((await stripe.invoices.list({ subscription: id })).data).toHaveLength(1);
  });

  it('voids its invoices while collection is paused, without a change of status', async () => {
    const { stripe, sandbox } = story;
    const { id } = await subscribe();
    await stripe.subscriptions.update(id, { pause_collection: { behavior: 'void' } });

    await sandbox.advance({ by: 'P1MT2H' });

    expect((await stripe.invoices.list({ subscription: id, limit: 1 })).data[0]).toMatchObject({ status: 'void' });
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
      status: 'active',
      pause_collection: { behavior: 'void' },
    });
  });

  it('ends with its customer', async () => {
    const { stripe } = story;
    const { id } = await subscribe();

    await stripe.customers.del(customer);

    expect(await story.told()).toEqual(expect.arrayContaining(['customer.subscription.deleted', 'customer.deleted']));
    expect(await stripe.customers.retrieve(customer)).toEqual(expect.objectContaining({ id: customer, deleted: true }));
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'canceled' });
  });

  it('tells which features its customer may use, from the period that follows a change of the catalogue', async () => {
    const { stripe, sandbox } = story;
    const { product } = await stripe.prices.retrieve(price);
    const api = await stripe.entitlements.features.create({ name: 'API', lookup_key: 'api' });
    await stripe.products.createFeature(String(product), { entitlement_feature: api.id });
    const { id } = await subscribe();
    const keys = async (): Promise<string[]> =>
      (await stripe.entitlements.activeEntitlements.list({ customer })).data.map(({ lookup_key }) => lookup_key);
    expect(await keys()).toEqual(['api']);

    const exports = await stripe.entitlements.features.create({ name: 'Exports', lookup_key: 'exports' });
    await stripe.products.createFeature(String(product), { entitlement_feature: exports.id });
    expect(await keys()).toEqual(['api']);
    await sandbox.advance({ by: 'P1M' });
    expect(await keys()).toEqual(['exports', 'api']);
    await stripe.subscriptions.cancel(id);

    expect(await keys()).toEqual([]);
    await story.told();
    expect(story.last('entitlements.active_entitlement_summary.updated').data).toMatchObject({
      object: { customer, entitlements: { data: [] } },
      previous_attributes: { entitlements: { data: [{}, {}] } },
    });
  });

  it('bills what a meter counted when the period is over', async () => {
    const { stripe, sandbox } = story;
    const meter = await stripe.billing.meters.create({
      display_name: 'Calls',
      event_name: 'calls',
      default_aggregation: { formula: 'sum' },
    });
    const metered = await story.price('Calls', 0, {
      unit_amount: undefined,
      unit_amount_decimal: undefined,
      billing_scheme: 'tiered',
      tiers_mode: 'graduated',
      tiers: [
        { up_to: 100, unit_amount: 0 },
        { up_to: 'inf', unit_amount: 5 },
      ],
      recurring: { interval: 'month', usage_type: 'metered', meter: meter.id },
    });
    const { id } = await subscribe({ items: [{ price: metered }] });
    await sandbox.advance({ by: 'P10D' });
    for (const value of ['90', '30'])
      await stripe.billing.meterEvents.create({
        event_name: 'calls',
        payload: { stripe_customer_id: customer, value },
      });

    await sandbox.advance({ to: '2027-05-01T02:00:00Z' });

    const [invoice] = (await stripe.invoices.list({ subscription: id, limit: 1 })).data as [Stripe.Invoice];
    expect(invoice).toMatchObject({ status: 'paid', total: 100, lines: { data: [{ quantity: 120, amount: 100 }] } });
  });
});
