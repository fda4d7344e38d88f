import type Stripe from 'stripe';
import { startSandbox, type Sandbox } from '../../sandbox/start-sandbox.js';
import { startReceiver, SECRET, type Receiver } from './support/receiver.js';
import { control, stripeFor } from './support/stripe-for.js';

describe('a first checkout', () => {
  let sandbox: Sandbox;
  let receiver: Receiver;
  let stripe: Stripe;

  beforeEach(async () => {
    receiver = await startReceiver();
    sandbox = await startSandbox({
      catalogue: 'sample',
      seed: 1,
      clock: '2027-01-31T10:00:00Z',
      endpoint: { url: receiver.url, secret: SECRET },
    });
    stripe = stripeFor(sandbox);
    await sandbox.idle();
    receiver.takeTypes();
  });

  afterEach(async () => {
    await sandbox.stop();
    await receiver.stop();
  });

  async function openSession(): Promise<Stripe.Checkout.Session> {
    const prices = await stripe.prices.list({ lookup_keys: ['team_month'] });
    return stripe.checkout.sessions.create({
      mode: 'subscription',
      client_reference_id: 'acme',
      line_items: [{ price: String(prices.data[0]?.id), quantity: 2 }],
      subscription_data: { metadata: { tenant: 'acme' } },
      success_url: 'http://localhost/done?session={CHECKOUT_SESSION_ID}',
      cancel_url: 'http://localhost/plans',
    });
  }

  it('tells the endpoint each step in the order in which Stripe takes them', async () => {
    const session = await openSession();

    await control(sandbox, `checkout_sessions/${session.id}/complete`, { payment_method: 'pm_card_visa' });
    await sandbox.idle();

    expect(receiver.takeTypes().sort()).toEqual(
      [
        'customer.created',
        'customer.updated',
        'payment_method.attached',
        'customer.subscription.created',
        'invoice.created',
        'invoice.finalized',
        'payment_intent.created',
        'charge.succeeded',
        'payment_intent.succeeded',
        'invoice_payment.paid',
        'invoice.paid',
        'invoice.payment_succeeded',
        'customer.subscription.updated',
        'checkout.session.completed',
      ].sort(),
    );
    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription', 'line_items'] });
    expect(done).toMatchObject({ status: 'complete', payment_status: 'paid', amount_total: 4000 });
    expect(done.line_items?.data[0]).toMatchObject({ quantity: 2, amount_total: 4000 });
    expect(done.subscription).toMatchObject({ status: 'active', metadata: { tenant: 'acme' } });
  });

  it('renews at the end of a shorter month, and charges after the draft hour', async () => {
    const session = await openSession();
    await control(sandbox, `checkout_sessions/${session.id}/complete`, { payment_method: 'pm_card_visa' });

    await sandbox.advance({ to: '2027-02-28T10:30:00Z' });
    const [draft] = (await stripe.invoices.list({ limit: 1 })).data;
    expect(draft).toMatchObject({ status: 'draft', total: 4000, billing_reason: 'subscription_cycle' });

    await sandbox.advance({ by: 'PT1H' });
    expect(await stripe.invoices.retrieve(String(draft?.id))).toMatchObject({ status: 'paid', amount_paid: 4000 });
    const [subscription] = (await stripe.subscriptions.list()).data;
    expect(subscription?.items.data[0]?.current_period_end).toBe(Date.parse('2027-03-31T10:00:00Z') / 1000);
  });

  it('keeps the session open when the card is declined, says why, and shows no trace', async () => {
    const session = await openSession();

    const page = await fetch(String(session.url), {
      method: 'POST',
      body: new URLSearchParams({ payment_method: 'pm_card_visa_chargeDeclinedInsufficientFunds' }),
    });

    expect(page.status).toBe(402);
    expect(await page.text()).toContain('Your card has insufficient funds.');
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: 'open', subscription: null });
    expect((await stripe.subscriptions.list({ status: 'all' })).data).toEqual([]);
  });

  it('leads back to the success url with the id of the session', async () => {
    const session = await openSession();
    const page = await fetch(String(session.url), {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ payment_method: 'pm_card_visa' }),
    });

    expect(page.status).toBe(303);
    expect(page.headers.get('location')).toBe(`http://localhost/done?session=${session.id}`);
  });

  it('retries a failing renewal on days three, five and seven, then cancels', async () => {
    const session = await openSession();
    await control(sandbox, `checkout_sessions/${session.id}/complete`, { payment_method: 'pm_card_visa' });
    const customer = String((await stripe.checkout.sessions.retrieve(session.id)).customer);
    const failing = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    const [{ id }] = (await stripe.subscriptions.list()).data as [Stripe.Subscription];
    await stripe.subscriptions.update(id, { default_payment_method: failing.id });

    await sandbox.advance({ to: '2027-02-28T11:00:00Z' });
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'past_due' });
    const attempts = async (): Promise<number> =>
      (await stripe.invoices.list({ limit: 1 })).data[0]?.attempt_count ?? 0;
    expect(await attempts()).toBe(1);
    await sandbox.advance({ by: 'P3D' });
    expect(await attempts()).toBe(2);
    await sandbox.advance({ by: 'P2D' });
    expect(await attempts()).toBe(3);
    await sandbox.advance({ by: 'P2D' });

    expect(await attempts()).toBe(4);
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
      status: 'canceled',
      cancellation_details: { reason: 'payment_failed' },
    });
  });
});
