import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';

describe('billing credit grants', () => {
  let story: Story;
  let customer: string;
  let subscription: string;
  beforeEach(async () => {
    story = await startStory();
    const { stripe } = story;
    customer = await story.customer('pm_card_visa', { address: { country: 'DE' } });
    const meter = await stripe.billing.meters.create({
      display_name: 'Calls',
      event_name: 'calls',
      default_aggregation: { formula: 'sum' },
    });
    const seats = await story.price('Team', 2000);
    const calls = await story.price('Calls', 10, {
      recurring: { interval: 'month', usage_type: 'metered', meter: meter.id },
    });
    const made = await stripe.subscriptions.create({
      customer,
      items: [{ price: seats }, { price: calls }],
      automatic_tax: { enabled: true },
    });
    subscription = made.id;
    // 100 calls at $0.10 are $10.00.
    await stripe.billing.meterEvents.create({
      event_name: 'calls',
      payload: { stripe_customer_id: customer, value: '100' },
    });
  });
  afterEach(() => story.stop());

  const grant = (value: number, more: Partial<Stripe.Billing.CreditGrantCreateParams> = {}) =>
    story.stripe.billing.creditGrants.create({
      customer,
      amount: { type: 'monetary', monetary: { currency: 'usd', value } },
      applicability_config: { scope: { price_type: 'metered' } },
      ...more,
    });
  const balance = async (): Promise<number | undefined> => {
    const { balances } = await story.stripe.billing.creditBalanceSummaries.retrieve({
      customer,
      filter: { type: 'applicability_scope', applicability_scope: { price_type: 'metered' } },
    });
    return balances[0]?.available_balance.monetary?.value;
  };
  const renewal = async (): Promise<Stripe.Invoice> => {
    await story.sandbox.advance({ to: '2027-05-01T02:00:00Z' });
    return (await story.stripe.invoices.list({ subscription, limit: 1 })).data[0] as Stripe.Invoice;
  };

  it('pay for metered items before tax, the more urgent first', async () => {
    await grant(600);
    const promotional = await grant(150, { category: 'promotional', priority: 10 });

    const invoice = await renewal();

    // $20.00 + $10.00 - $7.50 of credit = $22.50; 19 % of $20.00 and of $2.50 are $3.80 and $0.48 (rounded up from 0.475).
    expect(invoice).toMatchObject({ status: 'paid', subtotal: 3000, total: 2678, amount_paid: 2678 });
    expect(invoice.total_pretax_credit_amounts?.map(({ amount }) => amount)).toEqual([150, 600]);
    const first = invoice.total_pretax_credit_amounts?.[0]?.credit_balance_transaction;
    const spent = await story.stripe.billing.creditBalanceTransactions.retrieve(String(first));
    expect(spent).toMatchObject({ credit_grant: promotional.id, debit: { credits_applied: { invoice: invoice.id } } });
    expect(await balance()).toBe(0);
  });

  it('are counted in by previews and drafts, and spent only when the invoice is finalised', async () => {
    await grant(600);
    // $20.00 and $4.00 of calls, with 19 % on each.
    const credited = {
      total: 2856,
      total_pretax_credit_amounts: [
        { amount: 600, credit_balance_transaction: null, type: 'credit_balance_transaction' },
      ],
    };
    expect(await story.stripe.invoices.createPreview({ subscription })).toMatchObject(credited);
    expect(await balance()).toBe(600);

    await story.sandbox.advance({ to: '2027-05-01T00:00:00Z' });
    const [draft] = (await story.stripe.invoices.list({ subscription, status: 'draft' })).data;
    expect(draft).toMatchObject(credited);
    expect(await balance()).toBe(600);

    expect(await renewal()).toMatchObject({ total: 2856, amount_paid: 2856 });
    expect(await balance()).toBe(0);
  });

  it('keep what an invoice did not need', async () => {
    await grant(1500);

    expect(await renewal()).toMatchObject({ total: 2380 });
    expect(await balance()).toBe(500);
  });

  it('are not spent once they expired or were voided', async () => {
    const { creditGrants } = story.stripe.billing;
    const one = await grant(500);
    const other = await grant(300);

    expect((await creditGrants.expire(one.id)).expires_at).toBe(Date.parse('2027-04-01T00:00:00Z') / 1000);
    expect((await creditGrants.voidGrant(other.id)).voided_at).not.toBeNull();

    expect(await balance()).toBe(0);
    expect((await renewal()).total_pretax_credit_amounts).toEqual([]);
    expect((await creditGrants.list({ customer })).data.map(({ id }) => id)).toEqual([other.id, one.id]);
    await expect(creditGrants.expire(one.id)).rejects.toMatchObject({ statusCode: 400 });
  });

  it('come back when the invoice is voided', async () => {
    await grant(400);
    await story.stripe.subscriptions.update(subscription, { collection_method: 'send_invoice', days_until_due: 30 });
    const { id } = await renewal();
    expect(await balance()).toBe(0);

    await story.stripe.invoices.voidInvoice(id ?? '');

    expect(await balance()).toBe(400);
  });
});
