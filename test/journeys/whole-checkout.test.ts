import type Stripe from 'stripe';
import { run } from '../support/change-plan-story.js';
import { type Buyers, buyersOf, NOTHING, ONE_TEAM } from '../support/checkout-story.js';
import { customerOf } from '../support/payment-story.js';
import { sellAddOns, sellCode } from '../support/price-story.js';
import { told } from '../support/whole-story.js';
import { startWorld, type World } from '../support/world.js';

const PORTAL = `mutation ($input: CreatePortalSessionInput!) { createPortalSession(input: $input) { session { url } userErrors { code } } }`;
const UPDATED = `subscription ($id: ID!) { checkoutUpdated(session: $id) { session { status subscription { status } } } }`;
const GATEWAY = '{ gateway { mode publishableKey currencies features } }';

describe('a checkout, from all sides', () => {
  let world: World;
  let stripe: Stripe;
  let buyers: Buyers;
  beforeAll(async () => {
    world = await startWorld({
      STRIPE_PUBLISHABLE_KEY: 'pk_test_journey',
      RETURN_ORIGINS: 'https://app.example',
      ALLOWED_PAYMENT_METHOD_TYPES: 'card,us_bank_account',
    });
    ({ stripe } = world.gateway.parts);
    buyers = buyersOf(world);
    await sellAddOns(world);
    await sellCode(world, 'QUARTER', 'once');
  });
  afterEach(() => buyers.leave());
  afterAll(() => world.stop());

  it('charges nothing while it is open, and once it is paid exactly what was chosen', async () => {
    const story = await buyers.begin('acme');
    const { session } = await buyers.open(story);
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: {
        account: { planKey: 'free' },
        subscriptions: [],
        checkoutSessions: [{ id: session.id, status: 'OPEN', subscriptionId: null }],
      },
      last: { plan: { key: 'free' }, subscription: null },
      history: expect.arrayContaining([told('user-of-acme', 'A checkout was started.', 'createCheckoutSession')]),
    });

    await buyers.pay(session);
    const { stored, ...seen } = await story.chapter();

    expect(seen).toMatchObject({
      charged: [{ status: 'paid', lines: [[ONE_TEAM, 2_000]], total: 2_000, paid: 2_000, currency: 'usd' }],
      last: {
        plan: { key: 'team' },
        subscription: { status: 'ACTIVE', items: [{ quantity: 1 }] },
        access: { allowed: true, reason: 'ACTIVE' },
      },
      history: expect.arrayContaining([told('stripe', 'The plan changed from Free to Team.')]),
    });
    const [subscription] = stored.subscriptions;
    expect(stored).toMatchObject({
      account: { planKey: 'team', currency: 'USD' },
      subscriptions: [{ status: 'ACTIVE', planKey: 'team', items: [{ quantity: 1 }] }],
      invoices: [{ status: 'PAID', total: 2_000, subscriptionId: subscription?.id }],
      checkoutSessions: [{ status: 'COMPLETE', subscriptionId: subscription?.id }],
      paymentMethods: [{ id: subscription?.defaultPaymentMethodId, last4: '4242' }],
    });
  });

  it.each(['HOSTED', 'EMBEDDED', 'ELEMENTS'])('charges seats, add-ons and a code to the cent over %s', async (ui) => {
    const story = await buyers.begin(`with-${ui}`);
    const { session } = await buyers.open(story, {
      ...{ ui, seats: 3, addOns: [{ addOn: 'storage', quantity: 2 }], promotionCode: 'QUARTER' },
    });
    await buyers.pay(session);

    const { charged, stored, last, history } = await story.chapter();

    expect(charged).toMatchObject([{ total: 5_175, paid: 5_175, lines: expect.any(Array) }]);
    expect(charged[0]?.lines.map(([, amount]) => amount).sort()).toEqual([6_000, 900]);
    expect(stored.invoices).toMatchObject([{ subtotal: 6_900, discount: 1_725, total: 5_175, status: 'PAID' }]);
    expect(stored.subscriptions[0]?.items.map(({ quantity }) => quantity).sort()).toEqual([2, 3]);
    expect(last).toMatchObject({ plan: { key: 'team' }, subscription: { seats: 3 } });
    expect(history).toContainEqual(told('stripe', 'over $51.75 was paid.'));
  });

  it('is one and the same in a second tab; another choice closes it, and what is closed cannot be paid', async () => {
    const story = await buyers.begin('tabs');
    const [one, two] = [await buyers.open(story), await buyers.open(story)];
    const other = await buyers.open(story, { plan: 'business' });

    expect(two.session.id).toBe(one.session.id);
    await expect(buyers.pay(one.session)).rejects.toThrow(/expired/);
    const { charged, stored, last, history } = await story.chapter();
    expect(charged).toEqual([]);
    expect(Object.fromEntries(stored.checkoutSessions.map(({ id, status }) => [id, status]))).toEqual({
      [one.session.id]: 'EXPIRED',
      [other.session.id]: 'OPEN',
    });
    expect(last).toMatchObject({ plan: { key: 'free' }, subscription: null });
    expect(history).toContainEqual(told('user-of-tabs', 'The checkout expired.'));
  });

  it('is refused where it would lead elsewhere, or to what is not sold, and leaves nothing behind', async () => {
    const story = await buyers.begin('lost');
    const refused = [
      await buyers.open(story, { successUrl: 'https://app.example.evil/' }),
      await buyers.open(story, { cancelUrl: 'https://app.example@evil.example/' }),
      await buyers.open(story, { promotionCode: 'NONE' }),
      await buyers.open(story, { seats: 0 }),
      await buyers.open(story, { interval: 'ONE_TIME' }),
      await buyers.open(story, { currency: 'EUR' }),
    ];

    expect(refused.map(({ userErrors: [{ code }] }) => code)).toEqual([
      ...['RETURN_URL_NOT_ALLOWED', 'RETURN_URL_NOT_ALLOWED', 'PROMOTION_CODE_INVALID'],
      ...['QUANTITY_OUT_OF_RANGE', 'PLAN_NOT_AVAILABLE', 'PLAN_NOT_AVAILABLE'],
    ]);
    expect(await story.chapter()).toMatchObject({ ...NOTHING, stored: { checkoutSessions: [], subscriptions: [] } });
  });

  it('expires by itself, is charged to nobody, and is told as it is', async () => {
    const story = await buyers.begin('late');
    await buyers.open(story);
    await story.mark();
    await world.advance({ by: 'PT25H' });

    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { account: { planKey: 'free' }, checkoutSessions: [{ status: 'EXPIRED', url: null }] },
      last: { plan: { key: 'free' }, subscription: null },
      history: expect.arrayContaining([expect.objectContaining({ summary: 'The checkout expired.' })]),
    });
  });

  it('of another mode takes a card or one payment, and is never a subscription', async () => {
    const story = await buyers.subscribed('others');
    const customer = await customerOf(world, 'others');
    const common = { customer, success_url: 'https://app.example/' };
    const price_data = { currency: 'usd', unit_amount: 700, product_data: { name: 'Mug' } };
    await buyers.pay(
      await stripe.checkout.sessions.create({ ...common, mode: 'setup', currency: 'usd' }),
      'pm_card_amex',
    );
    await buyers.pay(
      await stripe.checkout.sessions.create({ ...common, mode: 'payment', line_items: [{ price_data, quantity: 1 }] }),
    );

    const { charged, stored, last, history } = await story.chapter();

    expect(charged).toEqual([]);
    expect(stored.subscriptions).toMatchObject([{ status: 'ACTIVE' }]);
    expect(Object.fromEntries(stored.checkoutSessions.map(({ mode, status }) => [mode, status]))).toEqual({
      ...{ subscription: 'COMPLETE', setup: 'COMPLETE', payment: 'COMPLETE' },
    });
    expect(stored.paymentMethods.map(({ last4 }) => last4)).toContain('0005');
    expect(last).toMatchObject({ subscription: { id: stored.subscriptions[0]?.id } });
    expect(history).toContainEqual(told('stripe', 'American Express ending 0005 was added as a payment method.'));
  });

  it('tells the page behind it when what was bought is there, and to nobody without a login what it was', async () => {
    const story = await buyers.begin('page');
    const { session } = await buyers.open(story);
    await story.mark();
    const pages = [story.person, world.anybody()].map((who) => who.watch(UPDATED, { id: session.id }));
    await Promise.all(pages.map((page) => page.until(() => true)));
    await buyers.pay(session);
    await Promise.all(pages.map((page) => page.ended()));

    const shown = pages.map(({ messages }) => messages.map(({ checkoutUpdated }) => checkoutUpdated.session));
    const [first, ...later] = [
      { status: 'OPEN', subscription: null },
      { status: 'COMPLETE', subscription: { status: 'ACTIVE' } },
    ];
    expect([shown[0]?.[0], shown[0]?.at(-1)]).toEqual([first, ...later]);
    expect([shown[1]?.[0], shown[1]?.at(-1)]).toEqual([first, { status: 'COMPLETE', subscription: null }]);
    expect(await story.chapter()).toMatchObject({
      charged: [{ paid: 2_000 }],
      stored: { checkoutSessions: [{ id: session.id, status: 'COMPLETE' }], subscriptions: [{ status: 'ACTIVE' }] },
      last: { plan: { key: 'team' } },
      history: expect.arrayContaining([told('stripe', 'The checkout was completed.')]),
    });
  });

  it('offers the ways to pay that the settings allow, and names no secret to the browser', async () => {
    const { story, paymentMethod } = await buyers.withCard('ways', 'pm_card_visa');
    const { session } = await buyers.open(story);
    const started = await buyers.start(story, { paymentMethod });
    const { data } = await world.anybody().ask(GATEWAY);

    const raw = await stripe.checkout.sessions.retrieve(session.id);
    const { payment_settings: paying } = await stripe.subscriptions.retrieve(started.subscription.id);
    expect([raw.allowed_payment_method_types, paying?.payment_method_types]).toEqual([
      ['card', 'us_bank_account'],
      ['card', 'us_bank_account'],
    ]);
    expect(data.gateway).toEqual({
      ...{ mode: 'SANDBOX', publishableKey: 'pk_test_journey', currencies: ['USD'] },
      features: ['embedded_checkout', 'elements'],
    });
    expect(await story.chapter()).toMatchObject({
      charged: [{ lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
      stored: { checkoutSessions: [{ status: 'EXPIRED' }], subscriptions: [{ status: 'ACTIVE' }] },
      last: { plan: { key: 'team' } },
      history: expect.arrayContaining([told('user-of-ways', 'The checkout expired.')]),
    });
  });

  it('is left for the portal, which charges nothing by itself', async () => {
    const story = await buyers.subscribed('door');
    const { session, userErrors } = await run(story.person, PORTAL, { returnUrl: 'https://app.example/billing' });
    expect({ userErrors, page: (await fetch(session.url as string)).status }).toEqual({ userErrors: [], page: 200 });
    expect(await story.chapter()).toMatchObject(NOTHING);
  });
});
