import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';

describe('credit notes by line', () => {
  let story: Story;
  let stripe: Stripe;
  let vat: string;
  let invoice: Stripe.Invoice;
  beforeAll(async () => {
    story = await startStory();
    ({ stripe } = story);
    vat = (await stripe.taxRates.create({ display_name: 'VAT', percentage: 20, inclusive: false })).id;
    const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'once' });
    const made = await stripe.subscriptions.create({
      customer: await story.customer(),
      items: [{ price: await story.price('Team', 1000), quantity: 4 }],
      default_tax_rates: [vat],
      discounts: [{ coupon: coupon.id }],
      expand: ['latest_invoice'],
    });
    invoice = made.latest_invoice as Stripe.Invoice;
  });
  afterAll(() => story.stop());

  const byLine = (more: Partial<Stripe.CreditNoteCreateParams.Line>): Stripe.CreditNoteCreateParams.Line => ({
    type: 'invoice_line_item',
    invoice_line_item: String(invoice.lines.data[0]?.id),
    ...more,
  });

  it('take back a part of a line, with its part of the discount and the tax', async () => {
    // 4,000 less 400, and 20 % of 3,600 on top.
    expect(invoice.total).toBe(4320);
    const asked = { invoice: invoice.id, lines: [byLine({ quantity: 1 })] };
    const preview = await stripe.creditNotes.preview(asked);

    const note = await stripe.creditNotes.create({ ...asked, refund_amount: preview.total });

    // A quarter: 1,000 less 100, and 180.
    const quarter = { subtotal: 1000, discount_amount: 100, total_excluding_tax: 900, total: 1080, amount: 1080 };
    expect(preview).toMatchObject(quarter);
    expect(note).toMatchObject({ ...quarter, total_taxes: [{ amount: 180, taxable_amount: 900 }] });
    const { data } = await stripe.creditNotes.listLineItems(note.id);
    expect(data).toMatchObject([{ amount: 1000, quantity: 1, discount_amount: 100, taxes: [{ amount: 180 }] }]);
    expect((await stripe.refunds.list()).data[0]).toMatchObject({ amount: 1080 });
  });

  it('credit something of their own, taxed by its rates, and refunds that were made before', async () => {
    const { payments } = await stripe.invoices.retrieve(invoice.id, { expand: ['payments'] });
    const payment_intent = String(payments?.data[0]?.payment.payment_intent);
    const refund = await stripe.refunds.create({ payment_intent, amount: 400 });

    const note = await stripe.creditNotes.create({
      invoice: invoice.id,
      lines: [{ type: 'custom_line_item', description: 'Delay', quantity: 2, unit_amount: 250, tax_rates: [vat] }],
      refunds: [{ refund: refund.id }],
      credit_amount: 200,
    });

    expect(note).toMatchObject({ subtotal: 500, total: 600, refunds: [{ refund: refund.id, amount_refunded: 400 }] });
    expect(await stripe.customers.retrieve(String(invoice.customer))).toMatchObject({ balance: -200 });
  });

  it('never credit more than a line was, nor a line of another invoice', async () => {
    const refused = (lines: Stripe.CreditNoteCreateParams.Line[], more: object = {}): Promise<unknown> =>
      stripe.creditNotes.create({ invoice: invoice.id, lines, ...more });
    await expect(refused([byLine({ quantity: 5 })])).rejects.toMatchObject({ param: 'lines[0][quantity]' });
    await expect(refused([byLine({ amount: 4001 })])).rejects.toMatchObject({ param: 'lines[0][amount]' });
    await expect(refused([byLine({ quantity: 1, invoice_line_item: 'il_none' })])).rejects.toMatchObject({
      code: 'resource_missing',
    });
    await expect(refused([byLine({ quantity: 1 })], { amount: 5 })).rejects.toMatchObject({ param: 'amount' });
  });
});
