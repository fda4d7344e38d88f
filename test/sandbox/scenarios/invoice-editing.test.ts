import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';

describe('an invoice made by hand', () => {
  let story: Story;
  let customer: string;
  let draft: string;
  beforeEach(async () => {
    story = await startStory();
    customer = await story.customer();
    await story.stripe.invoiceItems.create({ customer, amount: 1500, currency: 'usd', description: 'Help' });
    draft = (await story.stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' })).id ?? '';
    await story.told();
  });
  afterEach(() => story.stop());

  const amounts = ({ lines }: Stripe.Invoice): number[] => lines.data.map(({ amount }) => amount);
  const pay = (amount: number, more: Partial<Stripe.PaymentIntentCreateParams> = {}): Promise<Stripe.PaymentIntent> =>
    story.stripe.paymentIntents.create({
      amount,
      currency: 'usd',
      customer,
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url: 'http://localhost/',
      ...more,
    });

  it('takes lines in, changes them and lets them go, with its total', async () => {
    const { stripe } = story;
    const once = await story.price('Setup', 700, { recurring: undefined });
    const pending = await stripe.invoiceItems.create({ customer, amount: 200, currency: 'usd' });

    const added = await stripe.invoices.addLines(draft, {
      lines: [
        { amount: 300, description: 'More' },
        { pricing: { price: once }, quantity: 2 },
        { invoice_item: pending.id },
      ],
    });
    expect(amounts(added)).toEqual([1500, 300, 1400, 200]);
    expect(added.total).toBe(3400);
    expect(await story.told()).toContain('invoice.updated');
    expect(story.last('invoice.updated').data.previous_attributes).toMatchObject({ total: 1500 });

    const [help, more, setup, last] = added.lines.data;
    const updated = await stripe.invoices.updateLines(draft, {
      lines: [
        { id: String(more?.id), amount: 350, description: 'Even more' },
        { id: String(setup?.id), quantity: 3 },
      ],
    });
    expect(amounts(updated)).toEqual([1500, 350, 2100, 200]);
    expect(updated.lines.data[1]).toMatchObject({ id: more?.id, description: 'Even more' });
    expect(await stripe.invoices.updateLineItem(draft, String(more?.id), { amount: 400 })).toMatchObject({
      amount: 400,
    });

    const left = await stripe.invoices.removeLines(draft, {
      lines: [
        { id: String(help?.id), behavior: 'delete' },
        { id: String(last?.id), behavior: 'unassign' },
      ],
    });
    expect(amounts(left)).toEqual([400, 2100]);
    expect(await stripe.invoiceItems.retrieve(pending.id)).toMatchObject({ invoice: null });

    await stripe.invoices.finalizeInvoice(draft);
    await expect(stripe.invoices.addLines(draft, { lines: [{ amount: 1 }] })).rejects.toMatchObject({
      code: 'invoice_not_editable',
    });
  });

  it('shows what is written on it, falls due when it says, and takes a coupon and tax in', async () => {
    const { stripe } = story;
    await stripe.customers.update(customer, { address: { country: 'DE' } });
    const coupon = await stripe.coupons.create({ percent_off: 50, duration: 'once' });
    const due_date = Math.floor(story.sandbox.now() / 1000) + 9 * 86_400;
    const custom_fields = [{ name: 'Order', value: '7' }];

    await expect(stripe.invoices.update(draft, { due_date })).rejects.toMatchObject({ param: 'due_date' });
    const updated = await stripe.invoices.update(draft, {
      collection_method: 'send_invoice',
      due_date,
      footer: 'Thank you',
      custom_fields,
      discounts: [{ coupon: coupon.id }],
      automatic_tax: { enabled: true },
    });

    // 750 and 19 %: 142.5, halves away from zero
    expect(updated).toMatchObject({ due_date, footer: 'Thank you', custom_fields, total: 893 });
    expect(await stripe.invoices.sendInvoice(draft)).toMatchObject({ status: 'open', due_date });
    await expect(stripe.invoices.update(draft, { footer: 'Too late' })).rejects.toMatchObject({
      code: 'invoice_not_editable',
    });
  });

  it('is paid in parts by payments that are attached, and credits what is too much', async () => {
    const { stripe } = story;
    await stripe.invoices.finalizeInvoice(draft, { auto_advance: false });
    await story.told();

    const first = await stripe.invoices.attachPayment(draft, { payment_intent: (await pay(500)).id });
    expect(first).toMatchObject({ status: 'open', amount_paid: 500, amount_remaining: 1000, auto_advance: false });
    expect(await story.told()).toContain('invoice_payment.paid');

    const waiting = await pay(1200, { payment_method: 'pm_card_authenticationRequired' });
    await stripe.invoices.attachPayment(draft, { payment_intent: waiting.id });
    const payments = await stripe.invoicePayments.list({ invoice: draft });
    expect(payments.data.map(({ is_default, status }) => [is_default, status])).toEqual([
      [false, 'open'],
      [false, 'paid'],
      [true, 'open'],
    ]);

    await stripe.paymentIntents.confirm(waiting.id, {
      payment_method: 'pm_card_visa',
      return_url: 'http://localhost/',
    });

    expect(await stripe.invoices.retrieve(draft)).toMatchObject({
      status: 'paid',
      amount_paid: 1500,
      amount_remaining: 0,
      amount_overpaid: 200,
    });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -200 });
    expect(await story.told()).toEqual(expect.arrayContaining(['invoice_payment.paid', 'invoice.paid']));
    const own = (await stripe.invoicePayments.list({ invoice: draft })).data.find(({ is_default }) => is_default);
    expect(own?.status).toBe('canceled');
  });

  it('goes under its own number and date, and is finalised when it is told to be', async () => {
    const { stripe, sandbox } = story;
    const at = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000;
    await stripe.invoices.update(draft, { number: 'A-7', effective_at: at('2027-03-31') });
    const planned = await stripe.invoices.update(draft, {
      auto_advance: true,
      automatically_finalizes_at: at('2027-04-03'),
    });
    expect(planned).toMatchObject({ status: 'draft', automatically_finalizes_at: at('2027-04-03') });

    await sandbox.advance({ to: '2027-04-02T12:00:00Z' });
    expect((await stripe.invoices.retrieve(draft)).status).toBe('draft');
    expect(await stripe.invoices.update(draft, { auto_advance: false })).toMatchObject({
      automatically_finalizes_at: null,
    });
    await sandbox.advance({ to: '2027-04-04T00:00:00Z' });
    expect((await stripe.invoices.retrieve(draft)).status).toBe('draft');
    await stripe.invoices.update(draft, { auto_advance: true });
    await sandbox.advance({ by: 'PT1H' });

    const paid = { status: 'paid', number: 'A-7', effective_at: at('2027-03-31') };
    expect(await stripe.invoices.retrieve(draft)).toMatchObject(paid);
  });

  it('asks for its payer where it is told to, as the invoices of a subscription do', async () => {
    const { stripe } = story;
    const payment_settings = { payment_method_options: { card: { request_three_d_secure: 'any' as const } } };
    const optional = await stripe.paymentMethods.attach('pm_card_threeDSecureOptional', { customer });
    await stripe.invoices.update(draft, { payment_settings });
    const refused = stripe.invoices.pay(draft, { payment_method: optional.id, off_session: false });
    await expect(refused).rejects.toMatchObject({ code: 'invoice_payment_intent_requires_action' });

    const items = [{ price: await story.price('Team', 1000) }];
    const create = (settings: object): Promise<Stripe.Subscription> =>
      stripe.subscriptions.create({ customer, items, default_payment_method: optional.id, ...settings });
    expect((await create({})).status).toBe('active');
    expect((await create({ payment_settings })).status).toBe('incomplete');
  });
});
