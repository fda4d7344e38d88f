import { startStory, type Story } from '../support/story.js';

describe('a test clock', () => {
  let story: Story;
  beforeEach(async () => (story = await startStory()));
  afterEach(() => story.stop());

  it('moves its own customers only, and says when it is ready', async () => {
    const { stripe, sandbox } = story;
    const frozen_time = Date.parse('2030-01-31T00:00:00Z') / 1000;
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time, name: 'Future' });
    const customer = await story.customer('pm_card_visa', { test_clock: clock.id });
    const price = await story.price('Team', 2000);
    const subscription = await stripe.subscriptions.create({ customer, items: [{ price }] });
    expect(subscription).toMatchObject({ created: frozen_time, test_clock: clock.id });

    const advancing = await stripe.testHelpers.testClocks.advance(clock.id, {
      frozen_time: Date.parse('2030-03-01T00:00:00Z') / 1000,
    });
    expect(advancing.status).toBe('advancing');
    await sandbox.advance({ by: 'PT1S' });

    expect(await stripe.testHelpers.testClocks.retrieve(clock.id)).toMatchObject({
      status: 'ready',
      frozen_time: Date.parse('2030-03-01T00:00:00Z') / 1000,
    });
    const invoices = await stripe.invoices.list({ subscription: subscription.id });
    expect(invoices.data.map(({ status, created }) => [status, new Date(created * 1000).toISOString()])).toEqual([
      ['paid', '2030-02-28T00:00:00.000Z'],
      ['paid', '2030-01-31T00:00:00.000Z'],
    ]);
    expect(await story.told()).toContain('test_helpers.test_clock.ready');
    expect(story.last('invoice.finalized').created).toBe(Date.parse('2030-02-28T01:00:00Z') / 1000);
    expect((await stripe.customers.list()).data).toEqual([]);
    expect((await stripe.customers.list({ test_clock: clock.id })).data).toHaveLength(1);
  });

  it('goes forward only, and at most two intervals', async () => {
    const { stripe } = story;
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: 1_900_000_000 });
    const customer = await story.customer('pm_card_visa', { test_clock: clock.id });
    await stripe.subscriptions.create({ customer, items: [{ price: await story.price('Team', 2000) }] });

    await expect(stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: 1_800_000_000 })).rejects.toMatchObject(
      { param: 'frozen_time' },
    );
    await expect(
      stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: 1_900_000_000 + 90 * 86_400 }),
    ).rejects.toMatchObject({ param: 'frozen_time' });
  });

  it('takes its customers along when it is deleted', async () => {
    const { stripe } = story;
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: 1_900_000_000 });
    const customer = await story.customer('pm_card_visa', { test_clock: clock.id });

    await stripe.testHelpers.testClocks.del(clock.id);

    expect(await stripe.customers.retrieve(customer)).toMatchObject({ deleted: true });
  });
});
