import type Stripe from 'stripe';
import { resourceFields } from './support/resource-fields.js';
import { startStory, type Story } from './support/story.js';
import { control } from './support/stripe-for.js';

/** One object of each kind, as the API answers it. */
async function collect({
  stripe,
  sandbox,
  price: priceOf,
  customer: customerOf,
}: Story): Promise<Record<string, object>> {
  const customer = await customerOf('pm_card_createDispute', { email: 'a@b.c', address: { country: 'DE' } });
  const monthly = await priceOf('Team', 2000);
  const price = await stripe.prices.retrieve(monthly);
  const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'forever' });
  const subscription = await stripe.subscriptions.create({
    customer,
    items: [{ price: monthly }],
    discounts: [{ coupon: coupon.id }],
    expand: ['discounts', 'latest_invoice.payments'],
  });
  const invoice = subscription.latest_invoice as Stripe.Invoice;
  const payment = invoice.payments?.data[0];
  const charge = (await stripe.charges.list({ customer })).data[0];
  const other = await customerOf('pm_card_createIssuerFraudRecord');
  const intent = await stripe.paymentIntents.create({
    amount: 500,
    currency: 'usd',
    customer: other,
    payment_method: String((await stripe.paymentMethods.list({ customer: other })).data[0]?.id),
    confirm: true,
  });
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: monthly, quantity: 1 }],
    success_url: 'http://localhost/ok',
    expand: ['line_items'],
  });
  const { line_items, ...shown } = session;
  const feature = await stripe.entitlements.features.create({ name: 'F', lookup_key: 'f' });
  const productFeature = await stripe.products.createFeature(String(price.product), {
    entitlement_feature: feature.id,
  });
  const meter = await stripe.billing.meters.create({
    display_name: 'M',
    event_name: 'm',
    default_aggregation: { formula: 'sum' },
  });
  const third = await customerOf();
  const scheduled = await stripe.subscriptions.create({ customer: third, items: [{ price: monthly }] });
  const configuration = await stripe.billingPortal.configurations.create({
    features: { invoice_history: { enabled: true } },
  });
  await sandbox.idle();
  const { latest_invoice: _latest, discounts, ...rest } = subscription;
  return {
    product: await stripe.products.retrieve(String(price.product)),
    price,
    customer: await stripe.customers.retrieve(customer),
    payment_method: (await stripe.paymentMethods.list({ customer })).data[0] ?? {},
    'checkout.session': shown,
    item: line_items?.data[0] ?? {},
    subscription: { ...rest, latest_invoice: invoice.id, discounts },
    subscription_item: subscription.items.data[0] ?? {},
    plan: subscription.items.data[0]?.plan ?? {},
    invoice: await stripe.invoices.retrieve(invoice.id),
    line_item: invoice.lines.data[0] ?? {},
    invoiceitem: await stripe.invoiceItems.create({ customer, amount: 100, currency: 'usd' }),
    invoice_payment: payment ?? {},
    payment_intent: intent,
    setup_intent: await stripe.setupIntents.create({ customer }),
    charge: charge ?? {},
    refund: await stripe.refunds.create({ payment_intent: intent.id, amount: 100 }),
    dispute: (await stripe.disputes.list()).data[0] ?? {},
    coupon,
    promotion_code: await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id } }),
    discount: discounts[0] as Stripe.Discount,
    subscription_schedule: await stripe.subscriptionSchedules.create({ from_subscription: scheduled.id }),
    webhook_endpoint: (await stripe.webhookEndpoints.list()).data[0] ?? {},
    event: (await stripe.events.list()).data[0] ?? {},
    tax_rate: await stripe.taxRates.create({ display_name: 'VAT', percentage: 19, inclusive: false }),
    tax_id: await stripe.customers.createTaxId(customer, { type: 'eu_vat', value: 'DE123456789' }),
    customer_balance_transaction: await stripe.customers.createBalanceTransaction(customer, {
      amount: -100,
      currency: 'usd',
    }),
    credit_note: await stripe.creditNotes.create({ invoice: invoice.id, amount: 100, credit_amount: 100 }),
    credit_note_line_item:
      (
        await stripe.creditNotes.listPreviewLineItems({
          invoice: invoice.id,
          lines: [{ type: 'invoice_line_item', invoice_line_item: String(invoice.lines.data[0]?.id), amount: 1 }],
          credit_amount: 1,
        })
      ).data[0] ?? {},
    'test_helpers.test_clock': await stripe.testHelpers.testClocks.create({ frozen_time: 1_800_000_000 }),
    'billing_portal.configuration': configuration,
    'billing_portal.session': await stripe.billingPortal.sessions.create({ customer, configuration: configuration.id }),
    'entitlements.feature': feature,
    'entitlements.active_entitlement':
      (await stripe.entitlements.activeEntitlements.list({ customer: third })).data[0] ?? {},
    product_feature: productFeature,
    'billing.meter': meter,
    'billing.meter_event': await stripe.billing.meterEvents.create({
      event_name: 'm',
      payload: { stripe_customer_id: customer, value: '1' },
    }),
    account: await stripe.accounts.retrieveCurrent(),
    customer_session: await stripe.customerSessions.create({
      customer,
      components: { pricing_table: { enabled: true } },
    }),
    'v2.core.event_destination': await stripe.v2.core.eventDestinations.create({
      name: 'D',
      type: 'webhook_endpoint',
      event_payload: 'snapshot',
      enabled_events: ['customer.created'],
      webhook_endpoint: { url: 'http://127.0.0.1:1/webhooks' },
      include: ['webhook_endpoint.url'],
    }),
    'radar.early_fraud_warning': (await stripe.radar.earlyFraudWarnings.list()).data[0] ?? {},
  };
}

describe('the contract of fields', () => {
  let story: Story;
  let objects: Record<string, object>;
  beforeAll(async () => {
    story = await startStory();
    objects = await collect(story);
  });
  afterAll(() => story.stop());

  it.each(Object.keys(resourceFields))('%s shows exactly its default fields', (name) => {
    expect(objects[name]).toMatchObject({ object: name });
    expect(Object.keys(objects[name] ?? {}).sort()).toEqual(String(resourceFields[name]).split(' '));
  });

  it('keeps decimals as strings on the wire', async () => {
    const answer = await fetch(`${story.sandbox.url}/v1/prices?limit=1`, {
      headers: { authorization: 'Bearer sk_test_1' },
    });
    expect(await answer.json()).toMatchObject({ data: [{ unit_amount_decimal: '2000' }] });
    expect((await control(story.sandbox, 'idle')).status).toBe(200);
  });
});
