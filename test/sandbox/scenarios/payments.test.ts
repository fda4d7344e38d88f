import Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';
import { control } from '../support/stripe-for.js';

describe('paying', () => {
  let story: Story;
  let price: string;
  beforeEach(async () => {
    story = await startStory();
    price = await story.price('Team', 2000);
  });
  afterEach(() => story.stop());

  it('rolls the period first and is charged an hour later at a renewal', async () => {
    const { stripe, sandbox } = story;
    const { id } = await stripe.subscriptions.create({ customer: await story.customer(), items: [{ price }] });
    await story.told();

    await sandbox.advance({ by: 'P23D' });
    expect(await story.told()).toEqual(['invoice.upcoming']);
    expect((story.last('invoice.upcoming').data.object as { id?: string }).id).toBeUndefined();
    await sandbox.advance({ to: '2027-05-01T00:30:00Z' });
    expect((await story.told()).sort()).toEqual(['customer.subscription.updated', 'invoice.created']);
    const rolled = story.last('customer.subscription.updated');
    expect(rolled.request).toEqual({ id: null, idempotency_key: null });
    expect(
      (rolled.data.previous_attributes as { items: { data: { current_period_end: number }[] } }).items.data[0]
        ?.current_period_end,
    ).toBe(Date.parse('2027-05-01T00:00:00Z') / 1000);
    await sandbox.advance({ by: 'PT1H' });

    expect((await story.told()).sort()).toEqual(
      [
        'invoice.finalized',
        'payment_intent.created',
        'charge.succeeded',
        'payment_intent.succeeded',
        'invoice_payment.paid',
        'invoice.paid',
        'invoice.payment_succeeded',
      ].sort(),
    );
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active' });
  });

  it('becomes past due when a renewal fails, and active again when the customer pays', async () => {
    const { stripe, sandbox } = story;
    const customer = await story.customer('pm_card_chargeCustomerFail');
    const good = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price }], default_payment_method: good.id });
    await stripe.paymentMethods.detach(good.id);
    await sandbox.advance({ by: 'P1MT2H' });
    expect((await story.told()).slice(-20)).toEqual(
      expect.arrayContaining([
        'charge.failed',
        'payment_intent.payment_failed',
        'invoice.payment_failed',
        'invoice.updated',
        'customer.subscription.updated',
      ]),
    );
    const failed = story.last('invoice.payment_failed').data.object as Stripe.Invoice;
    expect(failed).toMatchObject({ attempt_count: 1, status: 'open' });
    expect(Number(failed.next_payment_attempt)).toBe(Date.parse('2027-05-04T01:00:00Z') / 1000);
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'past_due' });

    const fresh = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: fresh.id } });
    await stripe.invoices.pay(failed.id);

    expect(await story.told()).toEqual(
      expect.arrayContaining([
        'payment_method.attached',
        'customer.updated',
        'invoice.paid',
        'invoice.payment_succeeded',
        'customer.subscription.updated',
      ]),
    );
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active' });
  });

  it.each([
    ['cancel', 'canceled'],
    ['unpaid', 'unpaid'],
    ['past_due', 'past_due'],
  ] as const)('ends after the last retry by the setting %s', async (afterLastRetry, status) => {
    const other = await startStory('2027-04-01T00:00:00Z', { afterLastRetry });
    const customer = await other.customer();
    const { id } = await other.stripe.subscriptions.create({
      customer,
      items: [{ price: await other.price('Team', 2000) }],
    });
    await control(other.sandbox, `customers/${customer}/next_payment`, { outcome: 'insufficient_funds', times: 9 });

    await other.sandbox.advance({ to: '2027-05-08T02:00:00Z' });

    expect(await other.stripe.subscriptions.retrieve(id)).toMatchObject({ status });
    await other.stop();
  });

  it('waits for the cardholder where the first payment needs 3D Secure', async () => {
    const { stripe } = story;
    const customer = await story.customer('pm_card_threeDSecure2Required');
    const subscription = await stripe.subscriptions.create({
      customer,
      items: [{ price }],
      expand: ['latest_invoice.confirmation_secret', 'latest_invoice.payments'],
    });
    expect(subscription.status).toBe('incomplete');
    expect(await story.told()).toEqual(
      expect.arrayContaining(['payment_intent.requires_action', 'invoice.payment_action_required']),
    );
    const invoice = subscription.latest_invoice as Stripe.Invoice;
    expect(invoice.confirmation_secret?.client_secret).toMatch(/^pi_.*_secret_/);

    const intent = String(invoice.payments?.data[0]?.payment.payment_intent);
    await control(story.sandbox, `payment_intents/${intent}/authenticate`, { ok: true });

    expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'active' });
    expect(await story.told()).toEqual(
      expect.arrayContaining(['payment_intent.succeeded', 'invoice.paid', 'customer.subscription.updated']),
    );
  });

  it('gives an incomplete subscription up after 23 hours and voids its invoice', async () => {
    const { stripe, sandbox } = story;
    const customer = await story.customer('pm_card_chargeCustomerFail');
    const subscription = await stripe.subscriptions.create({ customer, items: [{ price }] });
    expect(subscription.status).toBe('incomplete');

    await sandbox.advance({ by: 'PT23H' });

    expect(await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] })).toMatchObject({
      status: 'incomplete_expired',
      latest_invoice: { status: 'void' },
    });
  });

  it('keeps the card of a confirmed first payment for the renewals, where the subscription asks for it', async () => {
    const { stripe, sandbox } = story;
    const customer = (await stripe.customers.create()).id;
    const { id, latest_invoice } = await stripe.subscriptions.create({
      customer,
      items: [{ price }],
      payment_behavior: 'default_incomplete',
      payment_settings: { save_default_payment_method: 'on_subscription' },
      expand: ['latest_invoice.payments'],
    });
    const intent = String((latest_invoice as Stripe.Invoice).payments?.data[0]?.payment.payment_intent);

    await stripe.paymentIntents.confirm(intent, { payment_method: 'pm_card_visa' });
    await sandbox.advance({ by: 'P1MT2H' });

    const after = await stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] });
    expect(after).toMatchObject({
      status: 'active',
      latest_invoice: { status: 'paid', billing_reason: 'subscription_cycle' },
    });
    expect(after.default_payment_method).toMatch(/^pm_/);
  });

  it('gives a weekly subscription up by its oldest unpaid invoice, though newer ones fail meanwhile', async () => {
    const { stripe, sandbox } = story;
    const customer = await story.customer();
    const weekly = await story.price('Weekly', 500, { recurring: { interval: 'week' } });
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price: weekly }] });
    await control(sandbox, `customers/${customer}/next_payment`, { outcome: 'declined', times: 99 });

    await sandbox.advance({ by: 'P14DT2H' });

    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
      status: 'canceled',
      cancellation_details: { reason: 'payment_failed' },
    });
    const counts = (await stripe.invoices.list({ subscription: id })).data.map(({ attempt_count }) => attempt_count);
    expect(Math.max(...counts)).toBe(4);
  });

  it('creates nothing with error_if_incomplete, and says why', async () => {
    const { stripe } = story;
    const customer = await story.customer('pm_card_chargeCustomerFail');

    await expect(
      stripe.subscriptions.create({ customer, items: [{ price }], payment_behavior: 'error_if_incomplete' }),
    ).rejects.toMatchObject({ type: 'StripeCardError', statusCode: 402, code: 'card_declined' });

    expect((await stripe.subscriptions.list({ customer, status: 'all' })).data).toEqual([]);
  });

  it('refunds in parts, and lets a refund fail later', async () => {
    const { stripe, sandbox } = story;
    const customer = await story.customer('pm_card_refundFail');
    await stripe.subscriptions.create({ customer, items: [{ price }] });
    const [charge] = (await stripe.charges.list({ customer })).data as [Stripe.Charge];
    await story.told();

    const part = await stripe.refunds.create({ charge: charge.id, amount: 500, reason: 'requested_by_customer' });
    expect((await story.told()).sort()).toEqual(['charge.refunded', 'charge.updated', 'refund.created']);
    expect(await stripe.charges.retrieve(charge.id)).toMatchObject({ amount_refunded: 500, refunded: false });
    await expect(stripe.refunds.create({ charge: charge.id, amount: 5000 })).rejects.toMatchObject({
      statusCode: 400,
      param: 'amount',
    });
    await sandbox.advance({ by: 'P1D' });

    expect(await story.told()).toEqual(expect.arrayContaining(['refund.updated', 'refund.failed']));
    expect(await stripe.refunds.retrieve(part.id)).toMatchObject({ status: 'failed' });
    expect(await stripe.charges.retrieve(charge.id, { expand: ['refunds'] })).toMatchObject({
      amount_refunded: 0,
      refunds: { data: [{ id: part.id }] },
    });
  });

  it('withdraws the money of a dispute and gives it back when it is won', async () => {
    const { stripe } = story;
    const customer = await story.customer('pm_card_createDispute');
    await stripe.subscriptions.create({ customer, items: [{ price }] });
    const [charge] = (await stripe.charges.list({ customer })).data as [Stripe.Charge];
    expect(await story.told()).toEqual(
      expect.arrayContaining(['charge.dispute.created', 'charge.dispute.funds_withdrawn', 'charge.updated']),
    );
    const [dispute] = (await stripe.disputes.list({ charge: charge.id })).data as [Stripe.Dispute];
    expect(dispute).toMatchObject({ status: 'needs_response', reason: 'fraudulent', amount: 2000 });

    await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'winning_evidence' } });

    expect(await stripe.disputes.retrieve(dispute.id)).toMatchObject({ status: 'won' });
    expect((await story.told()).sort()).toEqual([
      'charge.dispute.closed',
      'charge.dispute.funds_reinstated',
      'charge.dispute.updated',
    ]);
  });

  it('moves no money for an inquiry', async () => {
    const { stripe } = story;
    const customer = await story.customer('pm_card_createDisputeInquiry');
    await stripe.subscriptions.create({ customer, items: [{ price }] });

    const told = await story.told();

    expect(told).toContain('charge.dispute.created');
    expect(told).not.toContain('charge.dispute.funds_withdrawn');
    expect((await stripe.disputes.list()).data[0]).toMatchObject({
      status: 'warning_needs_response',
      balance_transactions: [],
    });
  });
});
