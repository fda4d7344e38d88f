import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';

describe('tax rates', () => {
  let story: Story;
  let customer: string;
  let price: string;
  let vat: string;
  let included: string;
  beforeAll(async () => {
    story = await startStory();
    price = await story.price('Team', 10_000);
    const rate = (percentage: number, inclusive: boolean): Promise<Stripe.TaxRate> =>
      story.stripe.taxRates.create({ display_name: 'VAT', percentage, inclusive, country: 'DE', tax_type: 'vat' });
    vat = (await rate(19, false)).id;
    included = (await rate(25, true)).id;
  });
  beforeEach(async () => (customer = await story.customer()));
  afterAll(() => story.stop());

  const subscribe = async (more: Partial<Stripe.SubscriptionCreateParams>): Promise<Stripe.Subscription> =>
    story.stripe.subscriptions.create({ customer, items: [{ price }], expand: ['latest_invoice'], ...more });
  const totals = ({ total, total_taxes, total_excluding_tax }: Stripe.Invoice): unknown => ({
    total,
    net: total_excluding_tax,
    taxes: total_taxes?.map(({ amount, tax_rate_details: details }) => [details?.tax_rate, amount]),
  });
  const first = ({ latest_invoice }: Stripe.Subscription): Stripe.Invoice => latest_invoice as Stripe.Invoice;

  it('are listed, changed and archived; what is archived cannot be put on anything', async () => {
    const { taxRates, subscriptions } = story.stripe;
    const old = await taxRates.create({ display_name: 'Old', percentage: 7.25, inclusive: false, active: false });
    expect(old).toMatchObject({ percentage: 7.25, active: false });
    const active = await taxRates.list({ active: true, inclusive: true });
    expect(active.data.map(({ id }) => id)).toEqual([included]);
    expect(await taxRates.update(old.id, { display_name: 'Older' })).toMatchObject({ display_name: 'Older' });
    expect(await story.told()).toEqual(expect.arrayContaining(['tax_rate.created', 'tax_rate.updated']));
    const refused = subscriptions.create({ customer, items: [{ price, tax_rates: [old.id] }] });
    await expect(refused).rejects.toMatchObject({ param: 'items[0][tax_rates][0]' });
    await expect(taxRates.retrieve('txr_none')).rejects.toMatchObject({ code: 'resource_missing' });
  });

  it('come on top of an invoice or are taken out of it, those of an item before those of the subscription', async () => {
    const onTop = await subscribe({ default_tax_rates: [vat] });
    expect(onTop.default_tax_rates?.map(({ id }) => id)).toEqual([vat]);
    expect(totals(first(onTop))).toEqual({ total: 11_900, net: 10_000, taxes: [[vat, 1900]] });

    // 25 % inside of 10,000 are 2,000 of a net 8,000.
    const inside = await subscribe({ default_tax_rates: [vat], items: [{ price, tax_rates: [included] }] });
    expect(totals(first(inside))).toEqual({ total: 10_000, net: 8000, taxes: [[included, 2000]] });

    // Both: 2,000 are inside; 19 % of the net 8,000 come on top.
    const both = await subscribe({ items: [{ price, tax_rates: [included, vat] }] });
    expect(totals(first(both))).toEqual({
      total: 11_520,
      net: 8000,
      taxes: [
        [included, 2000],
        [vat, 1520],
      ],
    });
  });

  it('are previewed as they are billed, at a renewal as well', async () => {
    const { id } = await subscribe({ default_tax_rates: [vat] });
    const { stripe } = story;
    const changed = await stripe.invoices.createPreview({
      subscription: id,
      subscription_details: { default_tax_rates: [included] },
    });
    expect(totals(changed)).toEqual({ total: 10_000, net: 8000, taxes: [[included, 2000]] });
    const [item] = (await stripe.subscriptionItems.list({ subscription: id })).data;
    const bare = await stripe.subscriptions.update(id, { default_tax_rates: '' });
    expect(bare.default_tax_rates).toEqual([]);
    await stripe.subscriptionItems.update(String(item?.id), { tax_rates: [vat] });

    const preview = await stripe.invoices.createPreview({ subscription: id });

    expect(totals(preview)).toEqual({ total: 11_900, net: 10_000, taxes: [[vat, 1900]] });
  });

  it('fall away for customers who are exempt', async () => {
    await story.stripe.customers.update(customer, { tax_exempt: 'reverse' });
    const { latest_invoice } = await subscribe({ default_tax_rates: [vat] });
    const invoice = latest_invoice as Stripe.Invoice;
    expect(invoice).toMatchObject({ total: 10_000, total_taxes: [{ amount: 0, taxability_reason: 'reverse_charge' }] });
  });

  it('are shown by automatic tax too, archived from the start', async () => {
    await story.stripe.customers.update(customer, { address: { country: 'DE' } });
    const { latest_invoice } = await subscribe({
      automatic_tax: { enabled: true },
      expand: ['latest_invoice.total_taxes.tax_rate_details.tax_rate'],
    });
    const [tax] = (latest_invoice as Stripe.Invoice).total_taxes ?? [];
    expect(tax).toMatchObject({ amount: 1900, tax_rate_details: { tax_rate: { percentage: 19, active: false } } });
  });

  it('stand on invoice items and on whole invoices, before and after they are changed', async () => {
    const { stripe } = story;
    const coupon = await stripe.coupons.create({ percent_off: 50, duration: 'once' });
    const item = await stripe.invoiceItems.create({
      customer,
      currency: 'usd',
      unit_amount_decimal: stripeDecimal('12.5'),
      quantity: 80,
      tax_rates: [included],
      discounts: [{ coupon: coupon.id }],
    });
    expect(item).toMatchObject({ amount: 1000, quantity: 80 });
    const draft = await stripe.invoices.create({
      customer,
      default_tax_rates: [vat],
      pending_invoice_items_behavior: 'include',
    });
    // Half of 1,000; 25 % inside of 500 are 100.
    expect(totals(draft)).toEqual({ total: 500, net: 400, taxes: [[included, 100]] });

    await stripe.invoiceItems.update(item.id, { amount: 2000, quantity: 1, tax_rates: '', discounts: '' });
    const invoice = String(draft.id);
    const more = await stripe.invoiceItems.create({ customer, currency: 'usd', amount: 300, invoice });
    expect(totals(await stripe.invoices.retrieve(invoice))).toEqual({ total: 2737, net: 2300, taxes: [[vat, 437]] });

    await stripe.invoiceItems.del(more.id);
    await stripe.invoices.update(invoice, { default_tax_rates: '' as never });
    expect(totals(await stripe.invoices.finalizeInvoice(invoice))).toEqual({ total: 2000, net: 2000, taxes: [] });
    await expect(stripe.invoiceItems.update(item.id, { amount: 1 })).rejects.toMatchObject({
      code: 'invoice_not_editable',
    });
  });

  it('begin with the phase of a schedule, as what it bills once and takes off', async () => {
    const { stripe } = story;
    const setup = await story.price('Setup', 5000, { recurring: undefined });
    const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'once' });
    const schedule = await stripe.subscriptionSchedules.create({
      customer,
      start_date: 'now',
      phases: [
        {
          items: [{ price, tax_rates: [included], discounts: [{ coupon: coupon.id }] }],
          add_invoice_items: [{ price: setup }],
          default_tax_rates: [vat],
          duration: { interval: 'month' },
        },
        { items: [{ price }], add_invoice_items: [{ price: setup, quantity: 2 }], duration: { interval: 'month' } },
      ],
      expand: ['subscription.latest_invoice'],
    });
    const begun = schedule.subscription as Stripe.Subscription;
    // 9,000 with 1,800 inside, and 5,000 with 950 on top.
    expect(totals(first(begun))).toEqual({
      total: 14_950,
      net: 12_200,
      taxes: [
        [included, 1800],
        [vat, 950],
      ],
    });

    await story.sandbox.advance({ by: 'P1M' });

    const [renewal] = (await stripe.invoices.list({ subscription: begun.id, limit: 1 })).data;
    expect(renewal?.lines.data.map(({ amount }) => amount).sort()).toEqual([10_000, 10_000]);
    expect(renewal?.total_discount_amounts).toEqual([]);
  });
});

function stripeDecimal(value: string): Stripe.Decimal {
  return value as unknown as Stripe.Decimal;
}
