import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';

describe('a preview', () => {
  let story: Story;
  let price: string;
  let large: string;
  let customer: string;
  beforeEach(async () => {
    story = await startStory();
    price = await story.price('Team', 3000);
    large = await story.price('Scale', 9000);
    customer = await story.customer();
  });
  afterEach(() => story.stop());

  const amounts = ({ lines }: Stripe.Invoice): number[] => lines.data.map(({ amount }) => amount);
  const subscribe = (more: Partial<Stripe.SubscriptionCreateParams> = {}): Promise<Stripe.Subscription> =>
    story.stripe.subscriptions.create({ customer, items: [{ price }], ...more });
  const at = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000;

  it('of a subscription that does not exist cuts the first period at the anchor, begins later or reaches back', async () => {
    const { stripe } = story;
    const items = [{ price }];
    const first = async (more: Stripe.InvoiceCreatePreviewParams.SubscriptionDetails): Promise<Stripe.Invoice> =>
      stripe.invoices.createPreview({ customer, subscription_details: { items, ...more } });

    // 10 of the 31 days from 11 March to 11 April
    const anchored = await first({ billing_cycle_anchor: { type: 'timestamp', timestamp: at('2027-04-11') } });
    expect(amounts(anchored)).toEqual([968]);
    const later = await first({ start_date: at('2027-05-01') });
    expect(later.lines.data[0]?.period).toEqual({ start: at('2027-05-01'), end: at('2027-06-01') });
    // March has 31 days: 3000 × 10/31 = 967.74, then a whole period
    const back = await first({ start_date: at('2027-03-22') });
    expect(amounts(back)).toEqual([968, 3000]);
    expect((await stripe.subscriptions.list({ customer })).data).toEqual([]);
  });

  it('brings ten of its lines, the rest by its id: also after another preview', async () => {
    const { stripe } = story;
    const { id } = await subscribe();
    for (let amount = 1; amount <= 11; amount++)
      await stripe.invoiceItems.create({ customer, subscription: id, currency: 'usd', amount });
    const preview = await stripe.invoices.createPreview({ subscription: id });
    await stripe.invoiceItems.create({ customer, subscription: id, currency: 'usd', amount: 100 });
    const other = await stripe.invoices.createPreview({ subscription: id });

    const all = await stripe.invoices.listLineItems(preview.id, { limit: 5 }).autoPagingToArray({ limit: 100 });
    const sum = all.reduce((total, { amount }) => total + amount, 0);
    expect(preview.lines).toMatchObject({
      has_more: true,
      data: all.slice(0, 10),
      url: `/v1/invoices/${preview.id}/lines`,
    });
    expect([all.length, sum]).toEqual([12, preview.total]);
    expect((await stripe.invoices.listLineItems(other.id, { limit: 100 })).data).toHaveLength(13);
    await expect(stripe.invoices.retrieve(preview.id)).rejects.toMatchObject({ code: 'resource_missing' });
  });

  it('needs no customer where it is told what one is like', async () => {
    const { total, customer: nobody } = await story.stripe.invoices.createPreview({
      currency: 'usd',
      customer_details: { address: { country: 'DE' } },
      automatic_tax: { enabled: true },
      subscription_details: { items: [{ price }] },
    });

    expect(total).toBe(3570);
    await expect(story.stripe.customers.retrieve(String(nobody))).rejects.toMatchObject({ code: 'resource_missing' });
  });

  it('of a schedule shows the first invoice it would bring', async () => {
    const phases: Stripe.InvoiceCreatePreviewParams.ScheduleDetails.Phase[] = [
      { items: [{ price, quantity: 2 }], start_date: 'now', duration: { interval: 'month' } },
    ];
    const now = await story.stripe.invoices.createPreview({ customer, schedule_details: { phases } });
    expect(amounts(now)).toEqual([6000]);

    const [phase] = phases;
    const later = await story.stripe.invoices.createPreview({
      customer,
      schedule_details: { phases: [{ ...phase, start_date: at('2027-06-01') } as never] },
    });
    expect(later.lines.data[0]?.period.start).toBe(at('2027-06-01'));
    expect((await story.stripe.subscriptionSchedules.list({ customer })).data).toEqual([]);
  });

  it('shows what recurs without what is billed once', async () => {
    const subscription = await subscribe();
    await story.stripe.invoiceItems.create({ customer, amount: 700, currency: 'usd' });
    await story.sandbox.advance({ by: 'P15D' });
    const items = [{ id: subscription.items.data[0]?.id, price: large }];
    const preview = (preview_mode: 'next' | 'recurring'): Promise<Stripe.Invoice> =>
      story.stripe.invoices.createPreview({
        subscription: subscription.id,
        subscription_details: { items },
        preview_mode,
      });

    expect(amounts(await preview('next'))).toEqual([9000, 700, -1500, 4500]);
    expect(amounts(await preview('recurring'))).toEqual([9000]);
  });

  it('shows what a pause would give back, and does not pause', async () => {
    const subscription = await subscribe();
    await story.sandbox.advance({ by: 'P15D' });

    const preview = await story.stripe.invoices.createPreview({
      subscription: subscription.id,
      subscription_details: { pause: { bill_for: { unused_time_from: { type: 'now' } } } },
    });

    expect(amounts(preview)).toEqual([-1500]);
    expect(await story.stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'active' });
  });

  it('leaves the pending items in their order', async () => {
    const subscription = await subscribe();
    for (const amount of [100, 200, 300])
      await story.stripe.invoiceItems.create({ customer, amount, currency: 'usd', subscription: subscription.id });
    const preview = (): Promise<Stripe.Invoice> =>
      story.stripe.invoices.createPreview({ subscription: subscription.id });

    expect(amounts(await preview())).toEqual([3000, 100, 200, 300]);
    expect(amounts(await preview())).toEqual([3000, 100, 200, 300]);
  });
});
