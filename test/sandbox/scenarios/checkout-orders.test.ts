import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';
import { control } from '../support/stripe-for.js';

describe('what a checkout asks and offers', () => {
  let story: Story;
  let stripe: Stripe;
  let once: string;
  let monthly: string;
  beforeAll(async () => {
    story = await startStory();
    ({ stripe } = story);
    once = await story.price('Setup', 5000, { recurring: undefined });
    monthly = await story.price('Team', 2000);
  });
  afterAll(() => story.stop());

  type More = Omit<Stripe.Checkout.SessionCreateParams, 'mode'>;
  const open = (mode: 'payment' | 'subscription', more: More): Promise<Stripe.Checkout.Session> =>
    stripe.checkout.sessions.create({ mode, success_url: 'http://localhost/ok', expand: ['line_items'], ...more });
  const complete = async (id: string, body: object = {}): Promise<Stripe.Checkout.Session> => {
    const answer = await control<unknown>(story.sandbox, `checkout_sessions/${id}/complete`, body);
    return answer.body as Stripe.Checkout.Session;
  };
  const refusal = async (id: string, body: object): Promise<unknown> =>
    ((await complete(id, body)) as unknown as { error?: { param?: string } }).error?.param;
  const rate = async (percentage: number): Promise<string> =>
    (await stripe.taxRates.create({ display_name: 'VAT', percentage, inclusive: false })).id;

  it('shows each item with its discount and tax, and charges that', async () => {
    const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'once' });
    const vat = await rate(20);
    const session = await open('payment', {
      line_items: [{ price: once, quantity: 2, tax_rates: [vat] }],
      discounts: [{ coupon: coupon.id }],
    });
    // 10,000 less 1,000, and 20 % of 9,000 on top.
    expect(session).toMatchObject({
      amount_subtotal: 10_000,
      amount_total: 10_800,
      total_details: { amount_discount: 1000, amount_tax: 1800 },
      line_items: {
        data: [{ amount_subtotal: 10_000, amount_discount: 1000, amount_tax: 1800, amount_total: 10_800 }],
      },
    });
    const { payment_intent } = await complete(session.id);
    expect(await stripe.paymentIntents.retrieve(String(payment_intent))).toMatchObject({ amount_received: 10_800 });
  });

  it('adds automatic tax once it knows the country', async () => {
    const session = await open('payment', {
      line_items: [{ price: once, quantity: 1 }],
      automatic_tax: { enabled: true },
    });
    expect(session.amount_total).toBe(5000);
    const done = await complete(session.id, { country: 'DE' });
    expect(done).toMatchObject({ amount_total: 5950, total_details: { amount_tax: 950 }, payment_status: 'paid' });
  });

  it('puts its tax rates on the subscription, and what comes with it on the first invoice', async () => {
    const vat = await rate(10);
    const session = await open('subscription', {
      line_items: [
        { price: monthly, quantity: 1 },
        { price: once, quantity: 1 },
      ],
      subscription_data: { default_tax_rates: [vat], trial_period_days: 7 },
    });
    // The trial is free; the setup is not: 5,000 and 10 %.
    expect(session).toMatchObject({ amount_subtotal: 5000, amount_total: 5500 });
    const { subscription, invoice } = await complete(session.id);
    const held = await stripe.subscriptions.retrieve(String(subscription));
    expect(held.default_tax_rates?.map(({ id }) => id)).toEqual([vat]);
    expect(await stripe.invoices.retrieve(String(invoice))).toMatchObject({ total: 5500, status: 'paid' });
  });

  it('lets the customer take more of what is adjustable, within its bounds', async () => {
    const { id, line_items } = await open('subscription', {
      line_items: [{ price: monthly, quantity: 2, adjustable_quantity: { enabled: true, minimum: 1, maximum: 5 } }],
    });
    const item = String(line_items?.data[0]?.id);
    expect(line_items?.data[0]?.adjustable_quantity).toEqual({ enabled: true, minimum: 1, maximum: 5 });
    expect(await refusal(id, { quantities: { [item]: 6 } })).toBe(`quantities[${item}]`);

    const { subscription, amount_total } = await complete(id, { quantities: { [item]: 3 } });

    expect(amount_total).toBe(6000);
    const { items } = await stripe.subscriptions.retrieve(String(subscription));
    expect(items.data[0]?.quantity).toBe(3);
  });

  it('asks the seller’s own questions and for a telephone', async () => {
    const session = await open('subscription', {
      line_items: [{ price: monthly, quantity: 1 }],
      phone_number_collection: { enabled: true },
      custom_fields: [
        {
          key: 'vat',
          label: { type: 'custom', custom: 'Cost centre' },
          type: 'numeric',
          numeric: { maximum_length: 4 },
        },
        {
          key: 'size',
          label: { type: 'custom', custom: 'Size' },
          type: 'dropdown',
          optional: true,
          dropdown: { options: [{ label: 'Small', value: 's' }] },
        },
      ],
      custom_text: { submit: { message: 'Thank you' } },
    });
    expect(session.custom_text.submit).toEqual({ message: 'Thank you' });
    const phone = '+49228';
    expect(await refusal(session.id, { custom_fields: { vat: '12' } })).toBe('phone');
    expect(await refusal(session.id, { phone })).toBe('custom_fields[vat]');
    expect(await refusal(session.id, { phone, custom_fields: { vat: '12345' } })).toBe('custom_fields[vat]');
    expect(await refusal(session.id, { phone, custom_fields: { vat: '12', size: 'xl' } })).toBe('custom_fields[size]');

    const page = await (await fetch(String(session.url))).text();
    expect(page).toMatch(
      /Cost centre <input name="field vat" required>.*Size <select name="field size">.*name="phone"/s,
    );
    const form = new URLSearchParams({ payment_method: 'pm_card_visa', phone, 'field vat': '12' });
    await fetch(String(session.url), { method: 'POST', body: form, redirect: 'manual' });

    const done = await stripe.checkout.sessions.retrieve(session.id);
    expect(done.custom_fields.map((field) => (field.numeric ?? field.dropdown)?.value)).toEqual(['12', null]);
    expect(done.customer_details?.phone).toBe(phone);
    expect(await stripe.customers.retrieve(String(done.customer))).toMatchObject({ phone });
  });

  it('leaves an invoice of a single payment where one is asked for', async () => {
    const { id } = await open('payment', {
      line_items: [{ price: once, quantity: 1 }],
      invoice_creation: { enabled: true, invoice_data: { description: 'Setup', metadata: { order: '7' } } },
      payment_intent_data: { description: 'Order 7' },
    });
    expect(await complete(id, { payment_method: 'pm_card_visa_chargeDeclined' })).toHaveProperty('error');
    expect((await stripe.invoices.list()).data.map(({ description }) => description)).not.toContain('Setup');

    const { invoice, customer, payment_intent } = await complete(id);

    const shown = await stripe.invoices.retrieve(String(invoice), { expand: ['payments'] });
    expect(shown).toMatchObject({
      status: 'paid',
      customer,
      description: 'Setup',
      metadata: { order: '7' },
      total: 5000,
    });
    expect(shown.payments?.data[0]?.payment.payment_intent).toBe(payment_intent);
    expect(await stripe.paymentIntents.retrieve(String(payment_intent))).toMatchObject({ description: 'Order 7' });
  });

  it('charges nothing where a coupon takes all of it', async () => {
    const coupon = await stripe.coupons.create({ percent_off: 100, duration: 'once' });
    const { id } = await open('payment', {
      line_items: [{ price: once, quantity: 1 }],
      discounts: [{ coupon: coupon.id }],
    });
    expect(await complete(id)).toMatchObject({ payment_status: 'no_payment_required', payment_intent: null });
  });
});
