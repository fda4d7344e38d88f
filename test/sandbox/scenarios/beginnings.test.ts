import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';

describe('a new subscription', () => {
  let story: Story;
  let price: string;
  let customer: string;
  beforeEach(async () => {
    story = await startStory();
    price = await story.price('Team', 3000);
    customer = await story.customer();
  });
  afterEach(() => story.stop());

  const at = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000;
  const amounts = (subscription: Stripe.Subscription): number[] =>
    (subscription.latest_invoice as Stripe.Invoice).lines.data.map(({ amount }) => amount);

  it.each([
    // From 12 February: 17 of the 28 days to 1 March, 31 of 31 to 1 April, and April.
    ['flexible', [1821, 3000, 3000]],
    // 12 February to 12 March whole, and 20 of 31 days; then April.
    ['classic', [4935, 3000]],
  ] as const)('that began earlier is charged for the time until now, by %s billing', async (type, lines) => {
    const subscription = await story.stripe.subscriptions.create({
      customer,
      items: [{ price }],
      backdate_start_date: at('2027-02-12'),
      billing_mode: { type },
      expand: ['latest_invoice'],
    });

    expect(amounts(subscription)).toEqual(lines);
    expect(subscription).toMatchObject({ start_date: at('2027-02-12'), billing_cycle_anchor: at('2027-04-01') });
  });

  it('that began earlier is not charged for it with proration_behavior none', async () => {
    const subscription = await story.stripe.subscriptions.create({
      customer,
      items: [{ price }],
      backdate_start_date: at('2027-02-12'),
      proration_behavior: 'none',
      expand: ['latest_invoice'],
    });

    expect(amounts(subscription)).toEqual([3000]);
    expect(subscription.start_date).toBe(at('2027-02-12'));
  });

  it('takes a price made for it, which no list shows', async () => {
    const { product } = await story.stripe.prices.retrieve(price);
    const price_data = { currency: 'usd', product: String(product), recurring: { interval: 'month' as const } };
    const subscription = await story.stripe.subscriptions.create({
      customer,
      items: [{ price_data: { ...price_data, unit_amount: 1234 } }],
      expand: ['latest_invoice'],
    });
    const [item] = subscription.items.data;

    expect(amounts(subscription)).toEqual([1234]);
    const listed = await story.stripe.prices.list({ product: String(product) });
    expect(listed.data.map(({ id }) => id)).toEqual([price]);

    const after = await story.stripe.subscriptions.update(subscription.id, {
      items: [{ id: item?.id, price_data: { ...price_data, unit_amount: 2000 } }],
      proration_behavior: 'none',
    });
    expect(after.items.data[0]?.price.unit_amount).toBe(2000);
    await story.sandbox.advance({ by: 'P1M' });
    expect(after.items.data[0]?.price.id).not.toBe(item?.price.id);
  });

  it.each([
    // Flexible billing leaves what was added for the next invoice, classic billing takes it in.
    ['flexible', [-1500, 4500], [9000, 700]],
    ['classic', [700, -1500, 4500], [9000]],
  ] as const)('adds a one-time price to a change, in %s billing', async (type, now, next) => {
    const { stripe, sandbox } = story;
    const once = await story.price('Setup', 700, { recurring: undefined });
    const large = await story.price('Scale', 9000);
    const { id, items } = await stripe.subscriptions.create({ customer, items: [{ price }], billing_mode: { type } });
    await sandbox.advance({ by: 'P15D' });

    const changed = await stripe.subscriptions.update(id, {
      items: [{ id: items.data[0]?.id, price: large }],
      add_invoice_items: [{ price: once }],
      proration_behavior: 'always_invoice',
      expand: ['latest_invoice'],
    });
    expect(amounts(changed)).toEqual(now);

    await sandbox.advance({ by: 'P15D' });
    expect(amounts(await stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] }))).toEqual(next);
  });

  it('says until when its items are billed, where it is asked', async () => {
    const { id, items } = await story.stripe.subscriptions.create({ customer, items: [{ price }] });
    expect(items.data[0]).not.toHaveProperty('billed_until');

    const shown = await story.stripe.subscriptions.retrieve(id, { expand: ['items.data.billed_until'] });
    expect(shown.items.data[0]).toHaveProperty('billed_until', at('2027-05-01'));
  });

  it('begins no trial of more than two years', async () => {
    const { id } = await story.stripe.subscriptions.create({ customer, items: [{ price }] });

    await expect(story.stripe.subscriptions.update(id, { trial_end: at('2029-05-01') })).rejects.toMatchObject({
      param: 'trial_end',
    });
  });
});
