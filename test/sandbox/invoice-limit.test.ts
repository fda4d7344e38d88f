import { startStory } from './support/story.js';

describe('the limit of invoices for one subscription', () => {
  const change = async (subscriptionInvoiceLimit: { perMinute: number; perDay: number } | null): Promise<unknown[]> => {
    const story = await startStory(undefined, { subscriptionInvoiceLimit });
    const customer = await story.customer();
    const price = await story.price('Team', 2000);
    const { id, items } = await story.stripe.subscriptions.create({ customer, items: [{ price }] });
    const answers: unknown[] = [];
    for (const quantity of [2, 3, 4]) {
      const update = {
        items: [{ id: items.data[0]?.id ?? '', quantity }],
        proration_behavior: 'always_invoice' as const,
      };
      answers.push(await story.stripe.subscriptions.update(id, update).catch((error: unknown) => error));
      await story.sandbox.advance({ by: 'PT1S' });
    }
    const after = await story.stripe.subscriptions.retrieve(id);
    await story.stop();
    return [...answers, after.items.data[0]?.quantity];
  };

  it('answers 429 above it and leaves the subscription as it was', async () => {
    const [first, second, third, quantity] = await change({ perMinute: 3, perDay: 20 });

    expect(first).toMatchObject({ object: 'subscription' });
    expect(second).toMatchObject({ object: 'subscription' });
    expect(third).toMatchObject({
      type: 'StripeRateLimitError',
      statusCode: 429,
      headers: { 'stripe-rate-limited-reason': 'resource-specific' },
    });
    expect(quantity).toBe(3);
  });

  it('is off unless it is set', async () => {
    expect((await change(null)).at(-1)).toBe(4);
  });
});
