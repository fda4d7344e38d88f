import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';
import { control } from '../support/stripe-for.js';

describe('Checkout', () => {
  let story: Story;
  beforeEach(async () => (story = await startStory()));
  afterEach(() => story.stop());

  const open = async (more: Partial<Stripe.Checkout.SessionCreateParams> = {}): Promise<Stripe.Checkout.Session> =>
    story.stripe.checkout.sessions.create({
      mode: 'subscription',
      line_items: [{ price: await story.price('Team', 2000), quantity: 1 }],
      success_url: 'http://localhost/ok?s={CHECKOUT_SESSION_ID}',
      cancel_url: 'http://localhost/no',
      ...more,
    });
  const pay = (session: Stripe.Checkout.Session, form: Record<string, string>): Promise<Response> =>
    fetch(String(session.url), { method: 'POST', redirect: 'manual', body: new URLSearchParams(form) });

  it('takes a single payment', async () => {
    const { stripe } = story;
    const price = (await stripe.prices.create({ currency: 'usd', unit_amount: 700, product_data: { name: 'Once' } }))
      .id;
    const session = await open({
      mode: 'payment',
      line_items: [{ price, quantity: 3 }],
      payment_intent_data: { metadata: { order: '1' } },
    });

    await control(story.sandbox, `checkout_sessions/${session.id}/complete`, { payment_method: 'pm_card_visa' });

    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
    expect(done).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      amount_total: 2100,
      subscription: null,
      payment_intent: { amount: 2100, status: 'succeeded', metadata: { order: '1' } },
    });
  });

  it('sets a card up without a payment', async () => {
    const { stripe } = story;
    const customer = (await stripe.customers.create()).id;
    const session = await open({ mode: 'setup', currency: 'usd', line_items: undefined, customer });

    await control(story.sandbox, `checkout_sessions/${session.id}/complete`, { payment_method: 'pm_card_mastercard' });

    expect(await stripe.checkout.sessions.retrieve(session.id, { expand: ['setup_intent'] })).toMatchObject({
      status: 'complete',
      payment_status: 'no_payment_required',
      setup_intent: { status: 'succeeded' },
    });
    expect((await stripe.paymentMethods.list({ customer })).data[0]?.card?.brand).toBe('mastercard');
  });

  it('leads through 3D Secure and completes when the cardholder agrees', async () => {
    const session = await open();

    const paid = await pay(session, { payment_method: 'pm_card_threeDSecure2Required', email: 'a@b.c' });
    expect(paid.headers.get('location')).toMatch(/^\/3ds\/pi_/);
    const challenge = `${story.sandbox.url}${paid.headers.get('location')}`;
    expect(await (await fetch(challenge)).text()).toContain('Complete authentication');
    expect(await story.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: 'open' });
    const answered = await fetch(challenge, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ ok: 'true' }),
    });

    expect(answered.headers.get('location')).toBe(`http://localhost/ok?s=${session.id}`);
    expect(await story.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
    });
  });

  it('opens again without a subscription when the cardholder refuses', async () => {
    const session = await open();
    const paid = await pay(session, { payment_method: 'pm_card_threeDSecure2Required', email: 'a@b.c' });
    const answered = await fetch(`${story.sandbox.url}${paid.headers.get('location')}`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ ok: 'false' }),
    });

    expect(answered.headers.get('location')).toBe(`/c/pay/${session.id}`);
    expect((await story.stripe.subscriptions.list({ status: 'active' })).data).toEqual([]);
    expect((await pay(session, { payment_method: 'pm_card_visa' })).status).toBe(303);
  });

  it('takes a promotion code off, once a customer enters it', async () => {
    const { stripe } = story;
    const coupon = await stripe.coupons.create({ percent_off: 25, duration: 'once' });
    await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id }, code: 'SPRING' });
    const session = await open({ allow_promotion_codes: true });

    expect((await pay(session, { payment_method: 'pm_card_visa', promotion_code: 'nope' })).status).toBe(402);
    await pay(session, { payment_method: 'pm_card_visa', promotion_code: 'spring' });

    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      amount_subtotal: 2000,
      amount_total: 1500,
      total_details: { amount_discount: 500 },
    });
    const [subscription] = (await stripe.subscriptions.list({ expand: ['data.discounts'] })).data;
    expect(subscription?.discounts).toEqual([]);
    expect((await stripe.coupons.retrieve(coupon.id)).times_redeemed).toBe(1);
    expect(await story.told()).toEqual(
      expect.arrayContaining(['customer.discount.created', 'customer.discount.deleted']),
    );
  });

  it('expires after a day, or when told to', async () => {
    const first = await open();
    const second = await open();
    await story.stripe.checkout.sessions.expire(second.id);
    await expect(story.stripe.checkout.sessions.expire(second.id)).rejects.toMatchObject({ statusCode: 400 });

    await story.sandbox.advance({ by: 'P1D' });

    expect(await story.stripe.checkout.sessions.retrieve(first.id)).toMatchObject({ status: 'expired', url: null });
    expect((await story.told()).filter((type) => type === 'checkout.session.expired')).toHaveLength(2);
    expect((await fetch(String(first.url))).status).toBe(410);
  });

  it('leaves an incomplete subscription behind a declined card where the setting says so', async () => {
    const other = await startStory(undefined, { checkoutDecline: 'incomplete_subscription' });
    const price = await other.price('Team', 2000);
    const session = await other.stripe.checkout.sessions.create({
      mode: 'subscription',
      line_items: [{ price, quantity: 1 }],
      success_url: 'http://localhost/ok',
    });

    const answer = await control(other.sandbox, `checkout_sessions/${session.id}/complete`, {
      payment_method: 'pm_card_chargeCustomerFail',
    });

    expect(answer.status).toBe(402);
    expect(await other.told()).toEqual(
      expect.arrayContaining([
        'customer.subscription.created',
        'payment_intent.payment_failed',
        'invoice.payment_failed',
      ]),
    );
    expect(await other.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: 'open' });
    await other.stop();
  });

  it('embeds with a client secret and a return url, and mixes no urls', async () => {
    const price = await story.price('Team', 2000);
    const session = await story.stripe.checkout.sessions.create({
      mode: 'subscription',
      ui_mode: 'embedded_page',
      line_items: [{ price, quantity: 1 }],
      return_url: 'http://localhost/back',
    });
    expect(session).toMatchObject({ url: null, return_url: 'http://localhost/back' });
    expect(session.client_secret).toMatch(/^cs_test_.*_secret_/);

    await expect(open({ ui_mode: 'elements', return_url: 'http://localhost/back' })).rejects.toMatchObject({
      param: 'success_url',
    });
  });
});
