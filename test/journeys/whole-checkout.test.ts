import type Stripe from 'stripe';
import { run } from '../support/change-plan-story.js';
import { addCard, customerOf, SET_DEFAULT, SETUP_INTENT } from '../support/payment-story.js';
import { sellAddOns, sellCode } from '../support/price-story.js';
import { payCheckout } from '../support/story.js';
import { told, wholeStory, type WholeStory } from '../support/whole-story.js';
import { startWorld, type World } from '../support/world.js';

const ERRORS = `userErrors { __typename code message hint field
  ... on AlreadySubscribedError { subscription { id } } ... on CardDeclinedError { declineCode retryable } }`;
const OPEN = `mutation ($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { session { id status } ${ERRORS} } }`;
const START = `mutation ($input: StartSubscriptionInput!) { startSubscription(input: $input) {
  outcome subscription { id status } paymentAction { kind clientSecret } invoice { status } ${ERRORS} } }`;
const DETAILS = `mutation ($input: UpdateBillingDetailsInput!) { updateBillingDetails(input: $input) { ${ERRORS} } }`;
const PORTAL = `mutation ($input: CreatePortalSessionInput!) { createPortalSession(input: $input) { session { url } ${ERRORS} } }`;
const TEAM = { plan: 'team', interval: 'MONTH' };
const ONE_TEAM = '1 × Team (at $20.00 / month)';

const UPDATED = `subscription ($id: ID!) { checkoutUpdated(session: $id) { session { status subscription { status } } } }`;
const GATEWAY = '{ gateway { mode publishableKey currencies features } }';

/** Nothing was charged, and nobody was told anything. */
const NOTHING = { charged: [], pushed: [], history: [] };

describe('a checkout, from all sides', () => {
  let world: World;
  let stripe: Stripe;
  const opened: WholeStory[] = [];
  beforeAll(async () => {
    world = await startWorld({
      STRIPE_PUBLISHABLE_KEY: 'pk_test_journey',
      RETURN_ORIGINS: 'https://app.example',
      ALLOWED_PAYMENT_METHOD_TYPES: 'card,us_bank_account',
    });
    ({ stripe } = world.gateway.parts);
    await sellAddOns(world);
    await sellCode(world, 'QUARTER', 'once');
  });
  afterEach(() => opened.splice(0).forEach((story) => story.close()));
  afterAll(() => world.stop());

  const begin = async (account: string) => {
    const story = await wholeStory(world, account);
    opened.push(story);
    return story;
  };
  const open = (story: WholeStory, input: object = {}) => run(story.person, OPEN, { ...TEAM, ...input });
  const start = (story: WholeStory, input: object = {}) => run(story.person, START, { ...TEAM, ...input });
  const pay = ({ id }: { id: string }, card?: string) => payCheckout(world.sandbox, id, card);
  const subscribed = async (account: string) => {
    const story = await begin(account);
    await pay((await open(story)).session);
    await story.mark();
    return story;
  };
  /** With a customer and a card, and nothing bought yet. */
  const withCard = async (account: string, token: string) => {
    const story = await begin(account);
    await story.person.ask(SETUP_INTENT);
    const paymentMethod = await addCard(world, account, token);
    await story.mark();
    return { story, paymentMethod };
  };

  it('charges nothing while it is open, and once it is paid exactly what was chosen', async () => {
    const story = await begin('acme');
    const { session } = await open(story);
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

    await pay(session);
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
    const story = await begin(`with-${ui}`);
    const { session } = await open(story, {
      ...{ ui, seats: 3, addOns: [{ addOn: 'storage', quantity: 2 }], promotionCode: 'QUARTER' },
    });
    await pay(session);

    const { charged, stored, last, history } = await story.chapter();

    expect(charged).toMatchObject([{ total: 5_175, paid: 5_175, lines: expect.any(Array) }]);
    expect(charged[0]?.lines.map(([, amount]) => amount).sort()).toEqual([6_000, 900]);
    expect(stored.invoices).toMatchObject([{ subtotal: 6_900, discount: 1_725, total: 5_175, status: 'PAID' }]);
    expect(stored.subscriptions[0]?.items.map(({ quantity }) => quantity).sort()).toEqual([2, 3]);
    expect(last).toMatchObject({ plan: { key: 'team' }, subscription: { seats: 3 } });
    expect(history).toContainEqual(told('stripe', 'over $51.75 was paid.'));
  });

  it('is one and the same in a second tab; another choice closes it, and what is closed cannot be paid', async () => {
    const story = await begin('tabs');
    const [one, two] = [await open(story), await open(story)];
    const other = await open(story, { plan: 'business' });

    expect(two.session.id).toBe(one.session.id);
    await expect(pay(one.session)).rejects.toThrow(/expired/);
    const { charged, stored, last, history } = await story.chapter();
    expect(charged).toEqual([]);
    expect(Object.fromEntries(stored.checkoutSessions.map(({ id, status }) => [id, status]))).toEqual({
      [one.session.id]: 'EXPIRED',
      [other.session.id]: 'OPEN',
    });
    expect(last).toMatchObject({ plan: { key: 'free' }, subscription: null });
    expect(history).toContainEqual(told('user-of-tabs', 'The checkout expired.'));
  });

  it('never sells a second subscription, and keeps those that come from elsewhere: the highest is the main one', async () => {
    const story = await subscribed('twice');
    const [held] = (await story.stored()).subscriptions;
    for (const refused of [await open(story, { plan: 'business' }), await start(story, { plan: 'business' })])
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

  it('belongs to one customer, however many ask at once and whoever else has her e-mail', async () => {
    const stranger = await stripe.customers.create({ email: 'pat@example.com' });
    const story = await begin('crowd');
    await run(story.person, DETAILS, { email: 'pat@example.com' });
    const answers = await Promise.all(Array.from({ length: 4 }, () => open(story)));
    await pay(answers[0].session);

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

  it('is the stored answer for a repeated key, and refused for another input', async () => {
    const { story, paymentMethod } = await withCard('keyed', 'pm_card_visa');
    const input = { paymentMethod, idempotencyKey: 'once' };
    const first = await start(story, input);
    expect(await story.chapter()).toMatchObject({
      charged: [{ lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
      stored: { subscriptions: [{ id: first.subscription.id, status: 'ACTIVE' }] },
      last: { plan: { key: 'team' } },
      history: expect.arrayContaining([told('user-of-keyed', 'The plan changed from Free to Team.')]),
    });

    expect(await start(story, input)).toEqual(first);
    expect((await start(story, { ...input, plan: 'business' })).userErrors).toMatchObject([
      { code: 'IDEMPOTENCY_KEY_REUSED' },
    ]);
    expect(await story.chapter()).toMatchObject(NOTHING);
  });

  it('is refused where it would lead elsewhere, or to what is not sold, and leaves nothing behind', async () => {
    const story = await begin('lost');
    const refused = [
      await open(story, { successUrl: 'https://app.example.evil/' }),
      await open(story, { cancelUrl: 'https://app.example@evil.example/' }),
      await open(story, { promotionCode: 'NONE' }),
      await open(story, { seats: 0 }),
      await open(story, { interval: 'ONE_TIME' }),
      await open(story, { currency: 'EUR' }),
    ];

    expect(refused.map(({ userErrors: [{ code }] }) => code)).toEqual([
      ...['RETURN_URL_NOT_ALLOWED', 'RETURN_URL_NOT_ALLOWED', 'PROMOTION_CODE_INVALID'],
      ...['QUANTITY_OUT_OF_RANGE', 'PLAN_NOT_AVAILABLE', 'PLAN_NOT_AVAILABLE'],
    ]);
    expect(await story.chapter()).toMatchObject({ ...NOTHING, stored: { checkoutSessions: [], subscriptions: [] } });
  });

  it('expires by itself, is charged to nobody, and is told as it is', async () => {
    const story = await begin('late');
    await open(story);
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
    const story = await subscribed('others');
    const customer = await customerOf(world, 'others');
    const common = { customer, success_url: 'https://app.example/' };
    const price_data = { currency: 'usd', unit_amount: 700, product_data: { name: 'Mug' } };
    await pay(await stripe.checkout.sessions.create({ ...common, mode: 'setup', currency: 'usd' }), 'pm_card_amex');
    await pay(
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

  it('begins a trial for nothing, once an account, and charges the whole price at its end', async () => {
    await stripe.products.update('prod_sample_business', { metadata: { trial_days: '14' } });
    await world.settled();
    const story = await begin('trying');
    await pay((await open(story, { plan: 'business' })).session);
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
    expect(await start(story, { plan: 'business', paymentMethod: id })).toMatchObject({ outcome: 'APPLIED' });
    expect(await story.chapter()).toMatchObject({
      charged: [{ paid: 9_900 }],
      last: { subscription: { status: 'ACTIVE' } },
    });
    await stripe.products.update('prod_sample_business', { metadata: { trial_days: '' } });
    await world.settled();
  });

  it('charges the card that is the default, wherever that was chosen', async () => {
    const story = await subscribed('wallet');
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

  it('tells the page behind it when what was bought is there, and to nobody without a login what it was', async () => {
    const story = await begin('page');
    const { session } = await open(story);
    await story.mark();
    const pages = [story.person, world.anybody()].map((who) => who.watch(UPDATED, { id: session.id }));
    await Promise.all(pages.map((page) => page.until(() => true)));
    await pay(session);
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
    const { story, paymentMethod } = await withCard('ways', 'pm_card_visa');
    const { session } = await open(story);
    const started = await start(story, { paymentMethod });
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
    const story = await subscribed('door');
    const { session, userErrors } = await run(story.person, PORTAL, { returnUrl: 'https://app.example/billing' });
    expect({ userErrors, page: (await fetch(session.url as string)).status }).toEqual({ userErrors: [], page: 200 });
    expect(await story.chapter()).toMatchObject(NOTHING);
  });

  describe('without a page', () => {
    it('says what a refused card was refused for and what to do, charges nothing, and takes back what it began', async () => {
      const { story, paymentMethod } = await withCard('declined', 'pm_card_chargeCustomerFail');

      expect(await start(story, { paymentMethod })).toMatchObject({
        outcome: 'REJECTED',
        subscription: null,
        paymentAction: null,
        userErrors: [
          {
            ...{ __typename: 'CardDeclinedError', code: 'CARD_DECLINED', message: 'Your card was declined.' },
            ...{ declineCode: 'generic_decline', retryable: false, field: ['input', 'paymentMethod'] },
            hint: 'Nothing was started and nothing is charged; use another payment method.',
          },
        ],
      });
      expect(await story.chapter()).toMatchObject({
        charged: [{ status: 'void', total: 2_000, paid: 0 }],
        stored: {
          account: { planKey: 'free' },
          subscriptions: [{ status: 'CANCELED' }],
          invoices: [{ status: 'VOID' }],
        },
        last: { plan: { key: 'free' }, subscription: null, access: { reason: 'FREE_PLAN' } },
        history: expect.arrayContaining([told('user-of-declined', 'was voided.')]),
      });
    });

    it('waits for the browser where no card is stored, and gives nothing before it is paid', async () => {
      const story = await begin('waiting');
      const started = await start(story);
      expect(started).toMatchObject({
        outcome: 'ACTION_REQUIRED',
        paymentAction: { kind: 'NEW_PAYMENT_METHOD', clientSecret: expect.stringContaining('_secret_') },
        invoice: { status: 'OPEN' },
      });
      expect(await story.chapter()).toMatchObject({
        charged: [{ status: 'open', lines: [[ONE_TEAM, 2_000]], paid: 0 }],
        stored: { account: { planKey: 'free' }, subscriptions: [{ status: 'INCOMPLETE' }] },
        last: { plan: { key: 'free' }, access: { reason: 'FREE_PLAN' } },
        history: expect.arrayContaining([told('user-of-waiting', 'The subscription waits for its first payment.')]),
      });

      const [intent] = String(started.paymentAction.clientSecret).split('_secret_');
      await stripe.paymentIntents.confirm(String(intent), { payment_method: 'pm_card_visa' });
      expect(await story.chapter()).toMatchObject({
        charged: [{ status: 'paid', paid: 2_000 }],
        stored: { account: { planKey: 'team' }, subscriptions: [{ status: 'ACTIVE' }] },
        last: { plan: { key: 'team' }, access: { allowed: true } },
        history: expect.arrayContaining([told('stripe', 'The plan changed from Free to Team.')]),
      });
    });

    it('charges a card that the browser has only just set up, of which no event has told yet', async () => {
      const story = await begin('early');
      await story.person.ask(SETUP_INTENT);
      await hold(true);
      const { id } = await stripe.paymentMethods.attach('pm_card_visa', { customer: await customerOf(world, 'early') });
      const started = await start(story, { paymentMethod: id });
      await hold(false);

      expect(started).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
      expect(await story.chapter()).toMatchObject({
        charged: [{ lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
        stored: { subscriptions: [{ status: 'ACTIVE', defaultPaymentMethodId: id }] },
        last: { plan: { key: 'team' } },
      });
    });

    it('is under way while a bank debit is, and gives access only when the money is there', async () => {
      const { story, paymentMethod } = await withCard('debited', 'pm_usBankAccount_success');

      expect(await start(story, { paymentMethod })).toMatchObject({
        outcome: 'PROCESSING',
        invoice: { status: 'OPEN' },
        userErrors: [],
      });
      expect(await story.chapter()).toMatchObject({
        charged: [{ status: 'open', paid: 0 }],
        stored: { invoices: [{ status: 'OPEN', amountPaid: 0 }] },
        last: { access: { allowed: false, reason: 'FIRST_PAYMENT_PENDING' } },
        history: expect.arrayContaining([told('user-of-debited', 'over $20.00 was issued.')]),
      });

      await world.advance({ by: 'P5D' });
      expect(await story.chapter()).toMatchObject({
        charged: [{ status: 'paid', lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
        stored: { invoices: [{ status: 'PAID', amountPaid: 2_000 }] },
        last: { access: { allowed: true, reason: 'ACTIVE' } },
        history: expect.arrayContaining([told('stripe', 'over $20.00 was paid.')]),
      });
    });
  });

  /** Stripe's deliveries wait. */
  async function hold(waits: boolean): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ hold: waits });
    await fetch(`${world.sandbox.url}/_sandbox/delivery`, { method: 'POST', headers, body });
  }
});

describe('a checkout whose bank leaves traces, from all sides', () => {
  it('shows nothing of a refused card, collects address and tax, and charges the tax', async () => {
    const settings = { AUTOMATIC_TAX: 'true', COLLECT_ADDRESS: 'required', COLLECT_TAX_IDS: 'true' };
    const world = await startWorld(settings, undefined, { checkoutDecline: 'incomplete_subscription' });
    const story = await wholeStory(world, 'acme');
    await run(story.person, DETAILS, { name: 'Acme GmbH', address: { line1: 'Hauptstr. 1', country: 'DE' } });
    const { session } = await run(story.person, OPEN, TEAM);
    await story.mark();

    await expect(payCheckout(world.sandbox, session.id, 'pm_card_visa_chargeDeclined')).rejects.toThrow(/declined/);
    expect(await story.chapter()).toMatchObject({
      last: null,
      history: [],
      stored: { checkoutSessions: [{ status: 'OPEN' }] },
    });

    await payCheckout(world.sandbox, session.id);
    expect(await story.chapter()).toMatchObject({
      charged: [{ lines: [[ONE_TEAM, 2_000]], total: 2_380, paid: 2_380 }],
      stored: { account: { name: 'Acme GmbH', address: { country: 'DE' } }, invoices: [{ subtotal: 2_000, tax: 380 }] },
      last: { plan: { key: 'team' }, invoices: { nodes: [{ total: { minor: 2_380 } }] } },
      history: expect.arrayContaining([told('stripe', 'over $23.80 was paid.')]),
    });

    const other = await wholeStory(world, 'globex');
    await other.person.ask(SETUP_INTENT);
    const paymentMethod = await addCard(world, 'globex', 'pm_card_visa');
    expect((await run(other.person, START, { ...TEAM, paymentMethod })).userErrors).toMatchObject([
      { code: 'ADDRESS_REQUIRED_FOR_TAX' },
    ]);
    await run(other.person, DETAILS, { address: { line1: 'Hauptstr. 1', country: 'DE' } });
    await run(other.person, START, { ...TEAM, paymentMethod });
    expect(await other.chapter()).toMatchObject({
      charged: [{ total: 2_380, paid: 2_380 }],
      stored: { invoices: [{ subtotal: 2_000, tax: 380 }] },
      last: { plan: { key: 'team' } },
      history: expect.arrayContaining([told('user-of-globex', 'The plan changed from Free to Team.')]),
    });
    story.close();
    other.close();
    await world.stop();
  });
});
