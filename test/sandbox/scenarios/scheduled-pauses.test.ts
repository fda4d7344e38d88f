import { startStory, type Story } from '../support/story.js';

describe('a schedule that pauses its subscription', () => {
  let story: Story;
  let subscription: string;
  let schedule: string;
  const at = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000;
  beforeEach(async () => {
    story = await startStory();
    const { stripe } = story;
    const price = await story.price('Team', 3000);
    const { id } = await stripe.subscriptions.create({ customer: await story.customer(), items: [{ price }] });
    subscription = id;
    const { id: created, phases } = await stripe.subscriptionSchedules.create({ from_subscription: id });
    schedule = created;
    await stripe.subscriptionSchedules.update(created, {
      phases: [
        {
          items: [{ price }],
          start_date: Number(phases[0]?.start_date),
          duration: { interval: 'month', interval_count: 6 },
        },
      ],
      pause_schedules: [
        {
          pause: { pause_at: { type: 'timestamp', timestamp: at('2027-04-16') } },
          resume: { resume_at: { type: 'duration', duration: { interval: 'month', interval_count: 1 } } },
        },
      ],
    });
  });
  afterEach(() => story.stop());

  it('pauses with a credit and resumes with a new period once that is paid', async () => {
    const { stripe, sandbox } = story;
    await story.told();

    await sandbox.advance({ to: '2027-05-01T00:00:00Z' });
    expect(await stripe.subscriptions.retrieve(subscription)).toMatchObject({ status: 'paused', schedule });
    const told = await story.told();
    expect(told).toEqual(
      expect.arrayContaining(['customer.subscription.paused', 'invoiceitem.created', 'subscription_schedule.updated']),
    );
    expect(told).not.toContain('invoice.created');
    expect(story.last('subscription_schedule.updated').data).toMatchObject({
      object: {
        pause_schedules: [{ pause: { status: { type: 'succeeded' } }, resume: { status: { type: 'scheduled' } } }],
      },
      previous_attributes: { pause_schedules: [{ pause: { status: { type: 'scheduled' } } }] },
    });

    await sandbox.advance({ to: '2027-05-16T01:00:00Z' });
    const resumed = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] });
    expect(resumed).toMatchObject({
      status: 'active',
      billing_cycle_anchor: at('2027-05-16'),
      latest_invoice: { status: 'paid', amount_paid: 1500 },
    });
  });

  it('is taken back by an empty list, and changed by its key', async () => {
    const { stripe, sandbox } = story;
    const [entry] = (await stripe.subscriptionSchedules.retrieve(schedule)).pause_schedules;

    const later = await stripe.subscriptionSchedules.update(schedule, {
      pause_schedules: [{ key: entry?.key, resume: '' }],
    });
    expect(later.pause_schedules).toMatchObject([
      { key: entry?.key, pause: { pause_at: at('2027-04-16') }, resume: null },
    ]);

    await stripe.subscriptionSchedules.update(schedule, { pause_schedules: '' });
    await sandbox.advance({ by: 'P1M' });
    expect(await stripe.subscriptions.retrieve(subscription)).toMatchObject({ status: 'active' });
  });

  it('tells why it could not pause', async () => {
    const { stripe, sandbox } = story;
    await stripe.subscriptions.update(subscription, { collection_method: 'send_invoice', days_until_due: 5 });

    await sandbox.advance({ by: 'P1M' });

    expect((await stripe.subscriptionSchedules.retrieve(schedule)).pause_schedules).toMatchObject([
      {
        pause: {
          status: { type: 'error', error: { message: expect.stringContaining('collection_method') as string } },
        },
      },
    ]);
  });

  it('keeps the cancellation of a schedule that is released, where it is asked to', async () => {
    const { stripe } = story;
    await stripe.subscriptionSchedules.update(schedule, { end_behavior: 'cancel' });

    await stripe.subscriptionSchedules.release(schedule, { preserve_cancel_date: true });

    expect(await stripe.subscriptions.retrieve(subscription)).toMatchObject({
      schedule: null,
      cancel_at: at('2027-10-01'),
    });
  });

  it('is completed without a consequence when its end behavior is none', async () => {
    const { stripe, sandbox } = story;
    await stripe.subscriptionSchedules.update(schedule, { end_behavior: 'none', pause_schedules: '' });

    await sandbox.advance({ by: 'P7M' });

    expect(await stripe.subscriptionSchedules.retrieve(schedule)).toMatchObject({ status: 'completed' });
    expect(await stripe.subscriptions.retrieve(subscription)).toMatchObject({ status: 'active', schedule: null });
    const done = await stripe.subscriptionSchedules.list({ completed_at: { gte: at('2027-10-01') } });
    expect(done.data.map(({ id }) => id)).toEqual([schedule]);
  });
});
