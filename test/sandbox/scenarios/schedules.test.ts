import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';

describe('a subscription schedule', () => {
  let story: Story;
  let customer: string;
  let small: string;
  let large: string;
  beforeEach(async () => {
    story = await startStory();
    customer = await story.customer();
    small = await story.price('Small', 1000);
    large = await story.price('Large', 5000);
  });
  afterEach(() => story.stop());

  it('starts its subscription on the day it says', async () => {
    const { stripe, sandbox } = story;
    const start = Date.parse('2027-04-10T00:00:00Z') / 1000;
    const schedule = await stripe.subscriptionSchedules.create({
      customer,
      start_date: start,
      end_behavior: 'release',
      phases: [{ items: [{ price: small }], duration: { interval: 'month', interval_count: 1 } }],
    });
    expect(schedule).toMatchObject({ status: 'not_started', subscription: null });

    await sandbox.advance({ by: 'P10D' });

    const started = await stripe.subscriptionSchedules.retrieve(schedule.id, { expand: ['subscription'] });
    expect(started).toMatchObject({
      status: 'active',
      current_phase: { start_date: start },
      subscription: { status: 'active', schedule: schedule.id },
    });
  });

  it('merges the metadata of a phase on entry, and an empty value removes a key', async () => {
    const { stripe, sandbox } = story;
    const subscription = await stripe.subscriptions.create({
      customer,
      items: [{ price: large }],
      metadata: { pending_plan: 'small', tenant: 'acme' },
    });
    const { id, phases } = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
    await stripe.subscriptionSchedules.update(id, {
      phases: [
        { items: [{ price: large }], start_date: phases[0]?.start_date, end_date: phases[0]?.end_date },
        {
          items: [{ price: small }],
          duration: { interval: 'month' },
          proration_behavior: 'none',
          metadata: { pending_plan: '', plan: 'small' },
        },
      ],
    });

    await sandbox.advance({ by: 'P1M' });

    expect((await stripe.subscriptions.retrieve(subscription.id)).metadata).toEqual({ tenant: 'acme', plan: 'small' });
  });

  it('takes nothing beside from_subscription, needs the start of the running phase, and knows what has ended', async () => {
    const { stripe } = story;
    const subscription = await stripe.subscriptions.create({ customer, items: [{ price: large }] });
    await expect(
      stripe.subscriptionSchedules.create({ from_subscription: subscription.id, end_behavior: 'cancel' }),
    ).rejects.toMatchObject({ param: 'end_behavior' });
    const { id } = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
    await expect(
      stripe.subscriptionSchedules.update(id, {
        phases: [{ items: [{ price: small }], duration: { interval: 'month' } }],
      }),
    ).rejects.toMatchObject({ param: 'phases[0][start_date]' });

    const released = await stripe.subscriptionSchedules.release(id);

    expect(released).toMatchObject({ status: 'released', subscription: null, released_subscription: subscription.id });
    await expect(stripe.subscriptionSchedules.release(id)).rejects.toMatchObject({ statusCode: 400 });
  });

  it('previews the renewal as its next phase will make it', async () => {
    const { stripe } = story;
    const subscription = await stripe.subscriptions.create({ customer, items: [{ price: large }] });
    const { id, phases } = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
    await stripe.subscriptionSchedules.update(id, {
      phases: [
        { items: [{ price: large }], start_date: phases[0]?.start_date, end_date: phases[0]?.end_date },
        { items: [{ price: small, quantity: 3 }], duration: { interval: 'month' }, proration_behavior: 'none' },
      ],
    });

    expect((await stripe.invoices.createPreview({ schedule: id })).total).toBe(3000);
    expect((await stripe.subscriptions.retrieve(subscription.id)).items.data[0]?.price.id).toBe(large);
  });

  describe('and prices that are sold no more', () => {
    const refused = {
      param: 'items[0][price]',
      message: expect.stringContaining('only accepts active prices') as unknown,
    };
    const archive = (price: string) => story.stripe.prices.update(price, { active: false });
    const booked = async () => {
      const { stripe } = story;
      const subscription = await stripe.subscriptions.create({ customer, items: [{ price: large, quantity: 2 }] });
      await archive(large);
      const { id, phases } = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
      const { start_date, end_date } = phases[0] as Stripe.SubscriptionSchedule.Phase;
      const later = (price: string, quantity = 1) =>
        stripe.subscriptionSchedules.update(id, {
          phases: [
            { items: [{ price: large, quantity: 2 }], start_date, end_date },
            { items: [{ price, quantity }], duration: { interval: 'month' }, proration_behavior: 'none' },
          ],
        });
      return { subscription: subscription.id, schedule: id, later };
    };
    const paid = async (subscription: string) =>
      (await story.stripe.invoices.list({ subscription })).data.map(({ amount_paid }) => amount_paid);

    it('keeps the price that its subscription holds, and takes no other that is archived', async () => {
      const { subscription, later } = await booked();
      const gone = await story.price('Gone', 500);
      await archive(gone);

      await expect(later(gone)).rejects.toMatchObject(refused);
      await later(large, 1);
      await story.sandbox.advance({ by: 'P1M2D' });

      expect(await paid(subscription)).toEqual([5000, 10_000]);
      await expect(story.stripe.subscriptions.create({ customer, items: [{ price: large }] })).rejects.toMatchObject(
        refused,
      );
    });

    it('enters a phase whose price was archived after it was taken, and previews it', async () => {
      const { stripe, sandbox } = story;
      const { subscription, later, schedule } = await booked();
      await later(small);
      await archive(small);

      expect((await stripe.invoices.createPreview({ subscription })).total).toBe(1000);
      await stripe.subscriptionSchedules.update(schedule, { metadata: { seen: 'yes' } });
      await sandbox.advance({ by: 'P1M2D' });

      expect(await paid(subscription)).toEqual([1000, 10_000]);
    });

    it('starts its subscription though the price was archived before the day', async () => {
      const { stripe, sandbox } = story;
      const { id } = await stripe.subscriptionSchedules.create({
        customer,
        start_date: Date.parse('2027-04-10T00:00:00Z') / 1000,
        phases: [{ items: [{ price: small }], duration: { interval: 'month' } }],
      });
      await archive(small);

      await sandbox.advance({ by: 'P10D' });

      const { subscription } = await stripe.subscriptionSchedules.retrieve(id);
      expect(await paid(String(subscription))).toEqual([1000]);
    });
  });

  it('cancels its subscription with it, at its end or on request', async () => {
    const { stripe, sandbox } = story;
    const one = await stripe.subscriptions.create({ customer, items: [{ price: large }] });
    const two = await stripe.subscriptions.create({ customer, items: [{ price: large }] });
    const ending = await stripe.subscriptionSchedules.create({ from_subscription: one.id });
    await stripe.subscriptionSchedules.update(ending.id, { end_behavior: 'cancel' });
    const asked = await stripe.subscriptionSchedules.create({ from_subscription: two.id });

    expect(await stripe.subscriptionSchedules.cancel(asked.id)).toMatchObject({ status: 'canceled' });
    await sandbox.advance({ by: 'P1M' });

    expect(await stripe.subscriptions.retrieve(one.id)).toMatchObject({ status: 'canceled' });
    expect(await stripe.subscriptions.retrieve(two.id)).toMatchObject({ status: 'canceled' });
  });

  it('is aborted when its subscription is given up for lack of payment', async () => {
    const { stripe, sandbox } = story;
    const failing = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    const subscription = await stripe.subscriptions.create({ customer, items: [{ price: large }] });
    await stripe.subscriptions.update(subscription.id, { default_payment_method: failing.id });
    const { id, phases } = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
    await stripe.subscriptionSchedules.update(id, {
      phases: [{ items: [{ price: large }], start_date: phases[0]?.start_date, duration: { interval: 'year' } }],
    });

    await sandbox.advance({ by: 'P40D' });

    expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'canceled' });
    expect(await story.told()).toContain('subscription_schedule.aborted');
  });
});
