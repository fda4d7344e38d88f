import type Stripe from 'stripe';
import { run } from '../support/change-plan-story.js';
import { type Buyers, buyersOf, DETAILS, NOTHING, ONE_TEAM } from '../support/checkout-story.js';
import { addCard, customerOf, REMOVE_METHOD, SET_DEFAULT } from '../support/payment-story.js';
import { told } from '../support/whole-story.js';
import { holdDeliveries, startWorld, type World } from '../support/world.js';

describe('who buys, from all sides', () => {
  let world: World;
  let stripe: Stripe;
  let buyers: Buyers;
  beforeAll(async () => {
    world = await startWorld();
    ({ stripe } = world.gateway.parts);
    buyers = buyersOf(world);
  });
  afterEach(() => buyers.leave());
  afterAll(() => world.stop());

  it('never sells a second subscription, and keeps those that come from elsewhere: the highest is the main one', async () => {
    const story = await buyers.subscribed('twice');
    const [held] = (await story.stored()).subscriptions;
    for (const refused of [
      await buyers.open(story, { plan: 'business' }),
      await buyers.start(story, { plan: 'business' }),
    ])
      expect(refused.userErrors).toMatchObject([{ code: 'ALREADY_SUBSCRIBED', subscription: { id: held?.id } }]);
    expect(await story.chapter()).toMatchObject(NOTHING);

    const [business] = (await stripe.prices.list({ lookup_keys: ['business_month'] })).data;
    const elsewhere = await stripe.subscriptions.create({
      customer: await customerOf(world, 'twice'),
      items: [{ price: String(business?.id) }],
      default_payment_method: String(held?.defaultPaymentMethodId),
    });

    expect(await story.chapter()).toMatchObject({
      charged: [{ lines: [['1 × Business (at $99.00 / month)', 9_900]], paid: 9_900 }],
      stored: { account: { planKey: 'business' }, subscriptions: [{ status: 'ACTIVE' }, { status: 'ACTIVE' }] },
      last: { plan: { key: 'business' }, subscription: { id: elsewhere.id } },
      history: expect.arrayContaining([told('stripe', 'The plan changed from Team to Business.')]),
    });
    expect(await world.gateway.parts.metrics.render()).toMatch(/^billing_second_subscription_total 1$/m);
  });

  it('closes the open page of who gets a subscription from elsewhere, and names that one before its event has come', async () => {
    const { story, paymentMethod } = await buyers.withCard('gifted', 'pm_card_visa');
    const { session } = await buyers.open(story);
    const [business] = (await stripe.prices.list({ lookup_keys: ['business_month'] })).data;
    await holdDeliveries(world, true);
    const elsewhere = await stripe.subscriptions.create({
      customer: await customerOf(world, 'gifted'),
      items: [{ price: String(business?.id) }],
      default_payment_method: paymentMethod,
    });
    const refused = await buyers.open(story);
    await holdDeliveries(world, false);

    expect(refused.userErrors).toMatchObject([{ code: 'ALREADY_SUBSCRIBED', subscription: { id: elsewhere.id } }]);
    expect(await story.chapter()).toMatchObject({
      charged: [{ paid: 9_900 }],
      stored: { account: { planKey: 'business' }, subscriptions: [{ id: elsewhere.id }] },
    });
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: 'expired' });
  });

  it('gives up a start that waits for its payment when a subscription comes from elsewhere', async () => {
    const { story, paymentMethod } = await buyers.withCard('overtaken', 'pm_card_authenticationRequired');
    const started = await buyers.start(story, { paymentMethod });
    const customer = await customerOf(world, 'overtaken');
    const [business] = (await stripe.prices.list({ lookup_keys: ['business_month'] })).data;
    const elsewhere = await stripe.subscriptions.create({
      customer,
      items: [{ price: String(business?.id) }],
      collection_method: 'send_invoice',
      days_until_due: 30,
    });
    await world.settled();

    expect(started).toMatchObject({ outcome: 'ACTION_REQUIRED' });
    const all = (await stripe.subscriptions.list({ customer, status: 'all' })).data;
    expect(all.filter(({ id }) => id !== elsewhere.id).map(({ status }) => status)).not.toContain('incomplete');
    expect((await stripe.invoices.list({ subscription: started.subscription.id })).data).toMatchObject([
      { status: 'void' },
    ]);
    expect((await story.chapter()).last).toMatchObject({ subscription: { id: elsewhere.id } });
  });

  it('belongs to one customer, however many ask at once and whoever else has her e-mail', async () => {
    const stranger = await stripe.customers.create({ email: 'pat@example.com' });
    const story = await buyers.begin('crowd');
    await run(story.person, DETAILS, { email: 'pat@example.com' });
    const answers = await Promise.all(Array.from({ length: 4 }, () => buyers.open(story)));
    await buyers.pay(answers[0].session);

    const { charged, stored, last, history } = await story.chapter();

    expect(new Set(answers.map(({ session }) => session.id)).size).toBe(1);
    const customer = await customerOf(world, 'crowd');
    const [subscription] = stored.subscriptions;
    const session = await stripe.checkout.sessions.retrieve(answers[0].session.id);
    const atStripe = await stripe.subscriptions.retrieve(String(subscription?.id));
    expect(customer).not.toBe(stranger.id);
    expect([subscription?.customerId, session.customer, atStripe.customer]).toEqual([customer, customer, customer]);
    expect([session.client_reference_id, session.metadata?.account_id, atStripe.metadata.account_id]).toEqual(
      Array.from({ length: 3 }, () => stored.account.id),
    );
    expect(charged).toMatchObject([{ paid: 2_000 }]);
    expect(last).toMatchObject({ plan: { key: 'team' } });
    expect(history).toContainEqual(told('user-of-crowd', 'Billing details were updated.'));
  });

  it('begins a trial for nothing, once an account, and charges the whole price at its end', async () => {
    await stripe.products.update('prod_sample_business', { metadata: { trial_days: '14' } });
    await world.settled();
    const story = await buyers.begin('trying');
    await buyers.pay((await buyers.open(story, { plan: 'business' })).session);
    expect(await story.chapter()).toMatchObject({
      charged: [{ lines: [['Trial period for Business', 0]], total: 0 }],
      stored: { subscriptions: [{ status: 'TRIALING', planKey: 'business' }], invoices: [{ total: 0 }] },
      last: { access: { allowed: true, reason: 'TRIALING' }, subscription: { status: 'TRIALING' } },
      history: expect.arrayContaining([told('stripe', 'The free trial began.')]),
    });

    await world.advance({ by: 'P15D' });
    const { stored, ...seen } = await story.chapter();
    expect(seen).toMatchObject({
      charged: [{ lines: [['1 × Business (at $99.00 / month)', 9_900]], paid: 9_900 }],
      last: { access: { reason: 'ACTIVE' }, subscription: { status: 'ACTIVE' } },
      history: expect.arrayContaining([told('stripe', 'The subscription is active.')]),
    });

    await stripe.subscriptions.cancel(String(stored.subscriptions[0]?.id));
    await story.mark();
    const { id } = stored.paymentMethods[0]!;
    expect(await buyers.start(story, { plan: 'business', paymentMethod: id })).toMatchObject({ outcome: 'APPLIED' });
    expect(await story.chapter()).toMatchObject({
      charged: [{ paid: 9_900 }],
      last: { subscription: { status: 'ACTIVE' } },
      history: expect.arrayContaining([told('user-of-trying', 'The plan changed from Free to Business.')]),
    });
    await stripe.products.update('prod_sample_business', { metadata: { trial_days: '' } });
    await world.settled();
  });

  it('charges the card that is the default, wherever that was chosen', async () => {
    const story = await buyers.subscribed('wallet');
    const card = await addCard(world, 'wallet', 'pm_card_mastercard');
    const { data } = await story.person.ask(SET_DEFAULT, { method: card });
    expect(data.setDefaultPaymentMethod.userErrors).toEqual([]);
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { account: { defaultPaymentMethodId: card }, subscriptions: [{ defaultPaymentMethodId: card }] },
      last: { defaultPaymentMethod: { label: 'Mastercard ending 4444' } },
      history: expect.arrayContaining([told('user-of-wallet', 'The default payment method was changed.')]),
    });

    await world.advance({ by: 'P1M' });
    await world.advance({ by: 'PT2H' });
    const { charged, stored, history } = await story.chapter();
    expect(charged).toMatchObject([{ lines: [[ONE_TEAM, 2_000]], paid: 2_000 }]);
    expect(stored.invoices[0]).toMatchObject({ status: 'PAID', paymentMethodId: card });
    expect(history).toContainEqual(told('stripe', 'over $20.00 was paid.'));
  });

  it('keeps the default card while a subscription without one of its own is paid with it, and lets it go afterwards', async () => {
    const { story, paymentMethod: card } = await buyers.withCard('keeps', 'pm_card_visa');
    const customer = await customerOf(world, 'keeps');
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: card } });
    const [price] = (await stripe.prices.list({ lookup_keys: ['team_month'] })).data;
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price: price!.id }] });
    await story.mark();
    const remove = async () =>
      (await story.person.ask(REMOVE_METHOD, { id: card })).data.removePaymentMethod.userErrors;

    expect(await remove()).toMatchObject([{ code: 'PAYMENT_METHOD_IN_USE', hint: expect.stringContaining('default') }]);
    expect(await story.chapter()).toMatchObject({
      ...NOTHING,
      stored: {
        account: { defaultPaymentMethodId: card },
        subscriptions: [{ defaultPaymentMethodId: null }],
        paymentMethods: [{ id: card }],
      },
    });
    await world.advance({ by: 'P1M' });
    await world.advance({ by: 'PT2H' });
    expect(await story.chapter()).toMatchObject({
      charged: [{ lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
      stored: { invoices: [{ paymentMethodId: card }, {}] },
      history: expect.arrayContaining([told('stripe', 'over $20.00 was paid.')]),
    });

    await stripe.subscriptions.cancel(id);
    await story.mark();
    expect(await remove()).toEqual([]);
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { account: { defaultPaymentMethodId: null }, paymentMethods: [] },
      last: { plan: { key: 'free' }, defaultPaymentMethod: null },
      history: expect.arrayContaining([told('user-of-keeps', 'Visa ending 4242 was removed.')]),
    });
  });
});
