import { startStory, type Story } from '../support/story.js';
import { control } from '../support/stripe-for.js';

describe('a trial', () => {
  let story: Story;
  beforeEach(async () => (story = await startStory()));
  afterEach(() => story.stop());

  it('starts with an invoice over nothing, paid at once without a charge', async () => {
    const { stripe } = story;
    const customer = await story.customer();
    const price = await story.price('Team', 2000);
    await story.told();

    const subscription = await stripe.subscriptions.create({ customer, items: [{ price }], trial_period_days: 14 });

    expect(subscription).toMatchObject({ status: 'trialing', trial_end: subscription.created + 14 * 86_400 });
    expect((await story.told()).sort()).toEqual([
      'customer.subscription.created',
      'customer.updated',
      'invoice.created',
      'invoice.finalized',
      'invoice.paid',
    ]);
    expect((await stripe.charges.list({ customer })).data).toEqual([]);
  });

  it('warns three days before it ends, becomes active at its end and is charged after the draft hour', async () => {
    const { stripe, sandbox } = story;
    const customer = await story.customer();
    const { id } = await stripe.subscriptions.create({
      customer,
      items: [{ price: await story.price('Team', 2000) }],
      trial_period_days: 14,
    });
    await story.told();

    await sandbox.advance({ by: 'P11D' });
    expect(await story.told()).toContain('customer.subscription.trial_will_end');
    await sandbox.advance({ by: 'P3D' });
    expect(await story.told()).toEqual(expect.arrayContaining(['customer.subscription.updated', 'invoice.created']));
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active' });
    await sandbox.advance({ by: 'PT1H' });

    expect(await story.told()).toEqual(
      expect.arrayContaining(['invoice.finalized', 'charge.succeeded', 'invoice.paid']),
    );
  });

  it.each([
    ['create_invoice', 'past_due', 'invoice.payment_failed'],
    ['pause', 'paused', 'customer.subscription.paused'],
    ['cancel', 'canceled', 'customer.subscription.deleted'],
  ] as const)('ends without a card by %s as %s', async (missing_payment_method, status, event) => {
    const { stripe, sandbox } = story;
    const customer = (await stripe.customers.create()).id;
    const { id } = await stripe.subscriptions.create({
      customer,
      items: [{ price: await story.price('Team', 2000) }],
      trial_period_days: 7,
      trial_settings: { end_behavior: { missing_payment_method } },
    });

    await sandbox.advance({ by: 'P7DT2H' });

    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status });
    expect(await story.told()).toContain(event);
  });

  it('ends at once when asked to, and is charged at once', async () => {
    const { stripe } = story;
    const customer = await story.customer();
    const { id } = await stripe.subscriptions.create({
      customer,
      items: [{ price: await story.price('Team', 2000) }],
      trial_period_days: 7,
    });

    const after = await stripe.subscriptions.update(id, { trial_end: 'now', expand: ['latest_invoice'] });

    expect(after).toMatchObject({ status: 'active', latest_invoice: { status: 'paid', total: 2000 } });
    expect(await story.told()).toContain('customer.subscription.trial_will_end');
  });

  it('needs no card at the checkout where none is collected', async () => {
    const { stripe } = story;
    const price = await story.price('Team', 2000);
    const session = await stripe.checkout.sessions.create({
      mode: 'subscription',
      line_items: [{ price, quantity: 1 }],
      payment_method_collection: 'if_required',
      subscription_data: { trial_period_days: 7 },
      success_url: 'http://localhost/ok',
    });

    const page = await fetch(String(session.url), { method: 'POST', redirect: 'manual', body: new URLSearchParams() });

    expect(page.status).toBe(303);
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: 'complete',
      payment_status: 'no_payment_required',
    });
    expect((await control(story.sandbox, 'idle')).body).toMatchObject({ idle: true });
  });
});
