import type Stripe from 'stripe';
import { startSandbox, type Sandbox } from '../../sandbox/start-sandbox.js';
import { startReceiver, SECRET, type Receiver } from './support/receiver.js';
import { stripeFor } from './support/stripe-for.js';

describe('changing a plan', () => {
  let sandbox: Sandbox;
  let receiver: Receiver;
  let stripe: Stripe;
  let customer: string;
  let small: string;
  let large: string;

  beforeEach(async () => {
    receiver = await startReceiver();
    sandbox = await startSandbox({
      seed: 7,
      clock: '2027-04-01T00:00:00Z',
      frozen: true,
      endpoint: { url: receiver.url, secret: SECRET },
    });
    stripe = stripeFor(sandbox);
    const price = async (name: string, unit_amount: number): Promise<string> =>
      (
        await stripe.prices.create({
          currency: 'usd',
          unit_amount,
          recurring: { interval: 'month' },
          product_data: { name },
        })
      ).id;
    small = await price('Small', 9900);
    large = await price('Large', 49_900);
    customer = (
      await stripe.customers.create({
        payment_method: 'pm_card_visa',
        invoice_settings: { default_payment_method: 'pm_card_visa' },
      })
    ).id;
  });

  afterEach(async () => {
    await sandbox.stop();
    await receiver.stop();
  });

  const subscribe = (price: string): Promise<Stripe.Subscription> =>
    stripe.subscriptions.create({ customer, items: [{ price }] });
  const item = (subscription: Stripe.Subscription): string => String(subscription.items.data[0]?.id);

  it('charges an upgrade at once with always_invoice, as previewed, and the whole price from the next period on', async () => {
    const subscription = await subscribe(small);
    await sandbox.advance({ by: 'P15D' });
    const change = { items: [{ id: item(subscription), price: large }], proration_behavior: 'always_invoice' as const };
    const preview = await stripe.invoices.createPreview({
      subscription: subscription.id,
      subscription_details: change,
    });
    await sandbox.idle();
    receiver.takeTypes();

    const after = await stripe.subscriptions.update(subscription.id, {
      ...change,
      proration_date: Number(preview.parent?.subscription_details?.subscription_proration_date),
    });
    await sandbox.idle();

    expect(preview.lines.data.map(({ amount }) => amount)).toEqual([-4950, 24_950]);
    expect(preview.amount_due).toBe(20_000);
    const invoice = await stripe.invoices.retrieve(String(after.latest_invoice));
    expect(invoice).toMatchObject({ status: 'paid', total: 20_000, billing_reason: 'subscription_update' });
    expect(receiver.takeTypes().sort()).toEqual(
      [
        'customer.subscription.updated',
        'invoiceitem.created',
        'invoiceitem.created',
        'invoice.created',
        'invoice.finalized',
        'payment_intent.created',
        'charge.succeeded',
        'payment_intent.succeeded',
        'invoice_payment.paid',
        'invoice.paid',
        'invoice.payment_succeeded',
      ].sort(),
    );
    const next = await stripe.invoices.createPreview({ subscription: subscription.id });
    expect(next.total).toBe(49_900);
  });

  it('leaves the prorations of create_prorations for the next invoice', async () => {
    const subscription = await subscribe(small);
    await sandbox.advance({ by: 'P15D' });
    await stripe.subscriptions.update(subscription.id, { items: [{ id: item(subscription), price: large }] });

    await sandbox.advance({ by: 'P15DT2H' });

    const [renewal] = (await stripe.invoices.list({ subscription: subscription.id, limit: 1 })).data;
    expect(renewal?.lines.data.map(({ amount }) => amount).sort((a, b) => a - b)).toEqual([-4950, 24_950, 49_900]);
    expect(renewal).toMatchObject({ status: 'paid', total: 69_900 });
  });

  it('parks a change that cannot be paid for, and makes it once its invoice is paid', async () => {
    const subscription = await subscribe(small);
    const failing = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await stripe.subscriptions.update(subscription.id, { default_payment_method: failing.id });
    const parked = await stripe.subscriptions.update(subscription.id, {
      items: [{ id: item(subscription), price: large }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'pending_if_incomplete',
    });
    expect(parked).toMatchObject({ status: 'active', items: { data: [{ price: { id: small } }] } });
    expect(parked.pending_update?.subscription_items?.[0]?.price.id).toBe(large);

    const good = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    await stripe.invoices.pay(String(parked.latest_invoice), { payment_method: good.id });
    await sandbox.idle();

    const after = await stripe.subscriptions.retrieve(subscription.id);
    expect(after).toMatchObject({
      status: 'active',
      pending_update: null,
      items: { data: [{ price: { id: large } }] },
    });
    expect(receiver.types()).toContain('customer.subscription.pending_update_applied');
  });

  it('gives up a parked change after 23 hours and voids its invoice', async () => {
    const subscription = await subscribe(small);
    const failing = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await stripe.subscriptions.update(subscription.id, { default_payment_method: failing.id });
    const parked = await stripe.subscriptions.update(subscription.id, {
      items: [{ id: item(subscription), price: large }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'pending_if_incomplete',
    });

    await sandbox.advance({ by: 'PT23H' });

    expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({
      pending_update: null,
      items: { data: [{ price: { id: small } }] },
    });
    expect(await stripe.invoices.retrieve(String(parked.latest_invoice))).toMatchObject({ status: 'void' });
    expect(receiver.types()).toContain('customer.subscription.pending_update_expired');
  });

  it('gives a parked change up when another one comes, and credits only what was paid', async () => {
    const subscription = await subscribe(small);
    const good = String(
      subscription.default_payment_method ?? (await stripe.paymentMethods.list({ customer })).data[0]?.id,
    );
    const failing = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await stripe.subscriptions.update(subscription.id, { default_payment_method: failing.id });
    await sandbox.advance({ by: 'P15D' });
    const change = { proration_behavior: 'always_invoice', payment_behavior: 'pending_if_incomplete' } as const;
    const parked = await stripe.subscriptions.update(subscription.id, {
      items: [{ id: item(subscription), price: large }],
      ...change,
    });
    await stripe.subscriptions.update(subscription.id, { default_payment_method: good });

    const after = await stripe.subscriptions.update(subscription.id, {
      items: [{ id: item(subscription), quantity: 2 }],
      ...change,
    });

    expect(after).toMatchObject({ pending_update: null, items: { data: [{ price: { id: small }, quantity: 2 }] } });
    expect(await stripe.invoices.retrieve(String(parked.latest_invoice))).toMatchObject({ status: 'void' });
    const invoice = await stripe.invoices.retrieve(String(after.latest_invoice));
    expect(invoice.lines.data.map(({ amount }) => amount)).toEqual([-4950, 9900]);
  });

  it('takes a scheduled downgrade at the period end, in one change with the new period', async () => {
    const subscription = await subscribe(large);
    const schedule = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
    const [current] = schedule.phases as [Stripe.SubscriptionSchedule.Phase];
    await stripe.subscriptionSchedules.update(schedule.id, {
      end_behavior: 'release',
      proration_behavior: 'none',
      phases: [
        { items: [{ price: large, quantity: 1 }], start_date: current.start_date, end_date: current.end_date },
        {
          items: [{ price: small, quantity: 1 }],
          duration: { interval: 'month', interval_count: 1 },
          proration_behavior: 'none',
        },
      ],
    });
    await sandbox.idle();
    receiver.takeTypes();

    await sandbox.advance({ to: '2027-05-01T02:00:00Z' });
    await sandbox.idle();

    const after = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
    expect(after.items.data[0]?.price.id).toBe(small);
    expect(after.latest_invoice).toMatchObject({ status: 'paid', total: 9900 });
    const changed = receiver.events.filter(({ type }) => type === 'customer.subscription.updated').at(-1);
    expect(Object.keys(changed?.data.previous_attributes ?? {})).toContain('items');
    await sandbox.advance({ by: 'P1M' });
    await sandbox.idle();
    expect(receiver.types()).toContain('subscription_schedule.released');
    expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ schedule: null, status: 'active' });
  });
});
