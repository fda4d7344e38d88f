import type Stripe from 'stripe';
import type { SandboxSettings } from '../../../sandbox/settings.js';
import { startStory, type Story } from '../support/story.js';
import { control } from '../support/stripe-for.js';

/** Runs a story under each value of a setting that Stripe's public material leaves open. */
async function under(
  settings: Partial<SandboxSettings>,
  play: (story: Story, customer: string, price: string) => Promise<void>,
): Promise<void> {
  const story = await startStory(undefined, settings);
  try {
    await play(story, await story.customer(), await story.price('Team', 2000));
  } finally {
    await story.stop();
  }
}

const half = 15 * 86_400;

describe('what could not be verified is a setting, and both values hold', () => {
  it.each([
    ['align_to_anchor', 0],
    ['bill_now', 1],
  ] as const)('intervalSwitch %s raises %d invoices at once', (intervalSwitch, raised) =>
    under({ intervalSwitch }, async ({ stripe, sandbox, price: priceOf }, customer, price) => {
      const yearly = await priceOf('Yearly', 20_000, { recurring: { interval: 'year' } });
      const { id, items, latest_invoice } = await stripe.subscriptions.create({ customer, items: [{ price }] });
      await sandbox.advance({ by: 'P15D' });

      const after = await stripe.subscriptions.update(id, {
        items: [{ id: items.data[0]?.id, price: yearly }],
        billing_cycle_anchor: { type: 'unchanged' },
      });

      expect(after.items.data[0]?.current_period_end).toBe(Date.parse('2028-04-01T00:00:00Z') / 1000);
      expect(Number(after.latest_invoice !== latest_invoice)).toBe(raised);
    }),
  );

  it.each(['customer.subscription.updated', 'customer.subscription.deleted'] as const)(
    'incompleteExpiredEvent is %s',
    (incompleteExpiredEvent) =>
      under(
        { incompleteExpiredEvent },
        async ({ stripe, sandbox, customer: customerOf, told, last }, _customer, price) => {
          await stripe.subscriptions.create({
            customer: await customerOf('pm_card_chargeCustomerFail'),
            items: [{ price }],
          });
          await told();

          await sandbox.advance({ by: 'PT23H' });

          expect((await told()).filter((type) => type.startsWith('customer.subscription'))).toEqual([
            incompleteExpiredEvent,
          ]);
          expect(last(incompleteExpiredEvent).data.object).toMatchObject({ status: 'incomplete_expired' });
        },
      ),
  );

  it.each([
    ['released', 'subscription_schedule.released'],
    ['completed', 'subscription_schedule.completed'],
  ] as const)('a schedule that is over is %s', (scheduleEnd, event) =>
    under({ scheduleEnd }, async ({ stripe, sandbox, told }, customer, price) => {
      const subscription = await stripe.subscriptions.create({ customer, items: [{ price }] });
      const schedule = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });

      await sandbox.advance({ by: 'P1M' });

      expect(await stripe.subscriptionSchedules.retrieve(schedule.id)).toMatchObject({ status: scheduleEnd });
      expect(await told()).toContain(event);
      expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'active', schedule: null });
    }),
  );

  it.each([true, false])('scheduleLocksCancellation is %s', (scheduleLocksCancellation) =>
    under({ scheduleLocksCancellation }, async ({ stripe }, customer, price) => {
      const { id } = await stripe.subscriptions.create({ customer, items: [{ price }] });
      await stripe.subscriptionSchedules.create({ from_subscription: id });

      const canceled = stripe.subscriptions.update(id, { cancel_at_period_end: true });

      if (scheduleLocksCancellation)
        await expect(canceled).rejects.toMatchObject({
          statusCode: 400,
          message: expect.stringContaining('schedule') as string,
        });
      else await expect(canceled).resolves.toMatchObject({ cancel_at_period_end: true });
    }),
  );

  it.each([true, false])('cancelFieldsTogether is %s', (cancelFieldsTogether) =>
    under({ cancelFieldsTogether }, async ({ stripe }, customer, price) => {
      const { id } = await stripe.subscriptions.create({ customer, items: [{ price }], cancel_at_period_end: true });

      const cleared = stripe.subscriptions.update(id, { cancel_at: '', cancel_at_period_end: false });

      if (cancelFieldsTogether) await expect(cleared).resolves.toMatchObject({ cancel_at: null });
      else await expect(cleared).rejects.toMatchObject({ param: 'cancel_at' });
    }),
  );

  it.each([true, false])('actionRequiredAlsoFails is %s', (actionRequiredAlsoFails) =>
    under({ actionRequiredAlsoFails }, async ({ stripe, sandbox, told }, customer, price) => {
      await stripe.subscriptions.create({ customer, items: [{ price }] });
      await control(sandbox, `customers/${customer}/next_payment`, { outcome: 'requires_action' });
      await told();

      await sandbox.advance({ by: 'P1MT2H' });

      const types = await told();
      expect(types).toContain('invoice.payment_action_required');
      expect(types.includes('invoice.payment_failed')).toBe(actionRequiredAlsoFails);
    }),
  );

  it.each([
    [true, 'canceled'],
    [false, 'active'],
  ] as const)('disputeCancels %s leaves the subscription %s', (disputeCancels, status) =>
    under({ disputeCancels }, async ({ stripe, customer: customerOf }, _customer, price) => {
      const disputing = await customerOf('pm_card_createDispute');
      const { id } = await stripe.subscriptions.create({ customer: disputing, items: [{ price }] });
      const [subscription] = (await stripe.subscriptions.list({ customer: disputing, status: 'all' })).data;

      expect(subscription).toMatchObject({
        id,
        status,
        cancellation_details: { reason: disputeCancels ? 'payment_disputed' : null },
      });
    }),
  );

  it.each([true, false])('holdFinalization is %s', (holdFinalization) =>
    under({ holdFinalization }, async ({ stripe, sandbox, receiver }, customer, price) => {
      const { id } = await stripe.subscriptions.create({ customer, items: [{ price }] });
      await sandbox.idle();
      await control(sandbox, 'delivery', { dead: [receiver.url] });

      await sandbox.advance({ by: 'P1MT2H' });

      const [invoice] = (await stripe.invoices.list({ subscription: id, limit: 1 })).data as [Stripe.Invoice];
      expect(invoice.status).toBe(holdFinalization ? 'draft' : 'paid');
    }),
  );

  it.each([
    // 333 × 15/30 = 166.5
    ['half_up', -167],
    ['half_even', -166],
  ] as const)('rounding %s makes half of 333 into %d', (rounding, credit) =>
    under({ rounding }, async ({ stripe, sandbox, price: priceOf }, customer) => {
      const { id, items } = await stripe.subscriptions.create({
        customer,
        items: [{ price: await priceOf('Odd', 333) }],
      });
      await sandbox.advance({ by: 'P15D' });

      const preview = await stripe.invoices.createPreview({
        subscription: id,
        subscription_details: { items: [{ id: items.data[0]?.id, quantity: 2 }], proration_behavior: 'always_invoice' },
      });

      expect(preview.lines.data.map(({ amount }) => amount)).toEqual([credit, 333]);
      expect(half).toBe(
        preview.lines.data[0]?.period.end === undefined
          ? 0
          : preview.lines.data[0].period.end - preview.lines.data[0].period.start,
      );
    }),
  );

  it.each([
    [['active', 'trialing', 'past_due'], 1],
    [['active', 'trialing'], 0],
  ] as const)('entitledStatuses %j leave a customer who is past due with %d features', (entitledStatuses, features) =>
    under({ entitledStatuses: [...entitledStatuses] }, async ({ stripe, sandbox }, customer, price) => {
      const feature = await stripe.entitlements.features.create({ name: 'API', lookup_key: 'api' });
      await stripe.products.createFeature(String((await stripe.prices.retrieve(price)).product), {
        entitlement_feature: feature.id,
      });
      await stripe.subscriptions.create({ customer, items: [{ price }] });
      await control(sandbox, `customers/${customer}/next_payment`, { outcome: 'declined' });

      await sandbox.advance({ by: 'P1MT2H' });

      expect((await stripe.entitlements.activeEntitlements.list({ customer })).data).toHaveLength(features);
    }),
  );
});
