import { startSandbox, type Sandbox } from '../../sandbox/start-sandbox.js';
import { stripeFor } from './support/stripe-for.js';

describe('voiding the invoice of a change that waits for its payment', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox({ catalogue: 'sample' });
  });
  afterEach(() => sandbox.stop());

  it('gives the change up', async () => {
    const stripe = stripeFor(sandbox);
    const customer = await stripe.customers.create();
    const good = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
    const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id });
    const { data } = await stripe.prices.list({ lookup_keys: ['team_month', 'business_month'] });
    const priceOf = (key: string) => String(data.find(({ lookup_key }) => lookup_key === key)?.id);
    const { id, items } = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: priceOf('team_month') }],
      default_payment_method: good.id,
    });
    await stripe.subscriptions.update(id, { default_payment_method: bad.id });
    const waiting = await stripe.subscriptions.update(id, {
      items: [{ id: items.data[0]!.id, price: priceOf('business_month') }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'pending_if_incomplete',
    });

    await stripe.invoices.voidInvoice(String(waiting.latest_invoice));

    const after = await stripe.subscriptions.retrieve(id);
    expect(waiting.pending_update).not.toBeNull();
    expect(after).toMatchObject({ pending_update: null, status: 'active' });
    expect(after.items.data[0]!.price.id).toBe(priceOf('team_month'));
    expect((await stripe.invoices.retrieve(String(waiting.latest_invoice))).status).toBe('void');
  });
});
