import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';

describe('balances, coupons, taxes and credit notes', () => {
  let story: Story;
  let customer: string;
  let price: string;
  beforeEach(async () => {
    story = await startStory();
    customer = await story.customer('pm_card_visa', { address: { country: 'DE' } });
    price = await story.price('Team', 2000);
  });
  afterEach(() => story.stop());

  it('spends a credit balance before it charges the card', async () => {
    const { stripe } = story;
    await stripe.customers.createBalanceTransaction(customer, { amount: -1500, currency: 'usd' });

    const { latest_invoice } = await stripe.subscriptions.create({
      customer,
      items: [{ price }],
      expand: ['latest_invoice'],
    });

    expect(latest_invoice).toMatchObject({
      total: 2000,
      starting_balance: -1500,
      ending_balance: 0,
      amount_due: 500,
      amount_paid: 500,
    });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: 0 });
  });

  it('takes percentages off, and taxes, in amounts that a currency of three decimals can charge', async () => {
    const { stripe } = story;
    const dinars = await story.price('Dinars', 5_120, { currency: 'kwd' });
    const coupon = await stripe.coupons.create({ percent_off: 33.33, duration: 'forever' });
    const rate = await stripe.taxRates.create({ display_name: 'VAT', percentage: 8.1, inclusive: false });
    const within = await stripe.taxRates.create({ display_name: 'VAT', percentage: 8.1, inclusive: true });
    const buy = async (tax?: string) => {
      const buyer = await story.customer();
      const { latest_invoice } = await stripe.subscriptions.create({
        customer: buyer,
        items: [{ price: dinars }],
        discounts: [{ coupon: coupon.id }],
        ...(tax && { default_tax_rates: [tax] }),
        expand: ['latest_invoice'],
      });
      const { total, amount_paid, total_discount_amounts, total_taxes } = latest_invoice as Stripe.Invoice;
      return [total, amount_paid, total_discount_amounts?.[0]?.amount, total_taxes?.[0]?.amount];
    };

    expect(await buy()).toEqual([3_410, 3_410, 1_710, undefined]);
    expect(await buy(rate.id)).toEqual([3_690, 3_690, 1_710, 280]);
    expect(await buy(within.id)).toEqual([3_410, 3_410, 1_710, 260]);
  });

  it('moves a total that is too small to charge to the balance', async () => {
    const { stripe } = story;
    const tiny = await story.price('Tiny', 30);

    const { latest_invoice } = await stripe.subscriptions.create({
      customer,
      items: [{ price: tiny }],
      expand: ['latest_invoice'],
    });

    expect(latest_invoice).toMatchObject({ status: 'paid', amount_due: 0, ending_balance: 30 });
    expect((await stripe.customers.listBalanceTransactions(customer)).data[0]).toMatchObject({
      type: 'invoice_too_small',
      amount: 30,
    });
  });

  it('ends a repeating coupon when its months are over', async () => {
    const { stripe, sandbox } = story;
    const coupon = await stripe.coupons.create({ percent_off: 50, duration: 'repeating', duration_in_months: 2 });
    const { id } = await stripe.subscriptions.create({
      customer,
      items: [{ price }],
      discounts: [{ coupon: coupon.id }],
    });

    for (let month = 0; month < 3; month++) await sandbox.advance({ by: 'P1M' });
    await sandbox.advance({ by: 'PT2H' });

    const totals = (await stripe.invoices.list({ subscription: id })).data.map(({ total }) => total);
    expect(totals).toEqual([2000, 2000, 1000, 1000]);
    expect(await story.told()).toContain('customer.discount.deleted');
  });

  it('keeps a promotion code for the customer, the time and the number it is meant for', async () => {
    const { stripe, sandbox } = story;
    const coupon = (
      await stripe.coupons.create({ amount_off: 500, currency: 'usd', duration: 'once', applies_to: { products: [] } })
    ).id;
    const code = await stripe.promotionCodes.create({
      promotion: { type: 'coupon', coupon },
      code: 'ONCE',
      max_redemptions: 1,
      expires_at: Math.floor(sandbox.now() / 1000) + 86_400,
    });
    const redeem = (): Promise<Stripe.Subscription> =>
      stripe.subscriptions.create({ customer, items: [{ price }], discounts: [{ promotion_code: code.id }] });
    await expect(
      stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon }, code: 'once' }),
    ).rejects.toMatchObject({ code: 'resource_already_exists' });
    expect((await stripe.promotionCodes.list({ code: 'once', active: true })).data).toHaveLength(1);

    await redeem();

    await expect(redeem()).rejects.toMatchObject({ statusCode: 400 });
    expect((await stripe.promotionCodes.retrieve(code.id)).active).toBe(false);
  });

  it('adds the tax of the country, none for the exempt, and asks for a location where there is none', async () => {
    const { stripe } = story;
    const totalFor = async (given: Stripe.CustomerCreateParams): Promise<Stripe.Invoice> => {
      const one = await story.customer('pm_card_visa', given);
      const { latest_invoice } = await stripe.subscriptions.create({
        customer: one,
        items: [{ price }],
        automatic_tax: { enabled: true },
        expand: ['latest_invoice'],
      });
      return latest_invoice as Stripe.Invoice;
    };
    expect(await totalFor({ address: { country: 'DE' } })).toMatchObject({
      subtotal: 2000,
      total: 2380,
      total_excluding_tax: 2000,
      automatic_tax: { status: 'complete' },
      total_taxes: [{ amount: 380, taxable_amount: 2000 }],
    });
    expect(await totalFor({ address: { country: 'DE' }, tax_exempt: 'exempt' })).toMatchObject({ total: 2000 });
    expect(await totalFor({})).toMatchObject({ total: 2000, automatic_tax: { status: 'requires_location_inputs' } });
  });

  it('verifies a tax id after a while', async () => {
    const { stripe, sandbox } = story;
    const taxId = await stripe.customers.createTaxId(customer, { type: 'eu_vat', value: 'DE123456789' });
    expect(taxId.verification?.status).toBe('pending');

    await sandbox.advance({ by: 'PT1M' });

    expect((await stripe.customers.retrieveTaxId(customer, taxId.id)).verification?.status).toBe('verified');
    expect(await story.told()).toEqual(expect.arrayContaining(['customer.tax_id.created', 'customer.tax_id.updated']));
  });

  it('credits and refunds a paid invoice by a credit note', async () => {
    const { stripe } = story;
    const { latest_invoice } = await stripe.subscriptions.create({ customer, items: [{ price }] });

    const note = await stripe.creditNotes.create({
      invoice: String(latest_invoice),
      amount: 1500,
      refund_amount: 1000,
      credit_amount: 500,
    });

    expect(note).toMatchObject({ status: 'issued', type: 'post_payment', post_payment_amount: 1500 });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -500 });
    expect((await stripe.refunds.list()).data[0]).toMatchObject({ amount: 1000 });
    await expect(
      stripe.creditNotes.create({ invoice: String(latest_invoice), amount: 1000, credit_amount: 1000 }),
    ).rejects.toMatchObject({ param: 'amount' });
    expect(await story.told()).toContain('credit_note.created');
  });

  it('sells in another currency of the same price', async () => {
    const { stripe } = story;
    const both = await story.price('World', 2000, { currency_options: { eur: { unit_amount: 1800 } } });
    const buyer = await story.customer();

    const { latest_invoice, currency } = await stripe.subscriptions.create({
      customer: buyer,
      currency: 'eur',
      items: [{ price: both }],
      expand: ['latest_invoice'],
    });

    expect(currency).toBe('eur');
    expect(latest_invoice).toMatchObject({
      currency: 'eur',
      total: 1800,
      lines: { data: [{ description: '1 × World (at €18.00 / month)' }] },
    });
    await expect(
      stripe.subscriptions.create({ customer: buyer, currency: 'gbp', items: [{ price: both }] }),
    ).rejects.toMatchObject({ param: 'items[0][price]' });
  });

  it('takes a coupon for one invoice, or for some months, off a subscription item when it is used up', async () => {
    const { stripe, sandbox } = story;
    const once = await stripe.coupons.create({ percent_off: 50, duration: 'once' });
    const twice = await stripe.coupons.create({
      amount_off: 100,
      currency: 'usd',
      duration: 'repeating',
      duration_in_months: 2,
    });
    const customer = await story.customer();
    const { id } = await stripe.subscriptions.create({
      customer,
      items: [{ price: await story.price('Seats', 1000), discounts: [{ coupon: once.id }, { coupon: twice.id }] }],
    });

    await sandbox.advance({ by: 'P2MT2H' });

    const { data } = await stripe.invoices.list({ subscription: id });
    expect(data.map(({ total }) => total)).toEqual([1000, 900, 400]);
    const { items } = await stripe.subscriptions.retrieve(id);
    expect(items.data[0]?.discounts).toEqual([]);
    expect(await story.told()).toContain('customer.discount.deleted');
  });

  it('uses a coupon for one invoice up where it lowered what is charged for the rest of a period', async () => {
    const { stripe, sandbox } = story;
    const { id: coupon } = await stripe.coupons.create({ amount_off: 500, currency: 'usd', duration: 'once' });
    const { id, items } = await stripe.subscriptions.create({
      customer: await story.customer(),
      items: [{ price: await story.price('Small', 2000) }],
    });
    await stripe.subscriptions.update(id, { discounts: [{ coupon }] });
    const changed = await stripe.subscriptions.update(id, {
      items: [{ id: String(items.data[0]?.id), price: await story.price('Large', 9000) }],
      proration_behavior: 'always_invoice',
    });
    await sandbox.advance({ by: 'P1MT2H' });

    const { data } = await stripe.invoices.list({ subscription: id });
    expect(changed.discounts).toEqual([]);
    expect(data.map(({ total }) => total)).toEqual([9000, 6500, 2000]);
  });
});
