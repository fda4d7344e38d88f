import type Stripe from 'stripe';
import { issueToken } from '../../src/auth/issue-token.js';
import { Role } from '../../src/auth/roles.js';
import { systemWall } from '../../src/clock/system-clock.js';
import { type Person, personAt, startWorld, type World } from '../support/world.js';
import { ACCOUNT_LIVE, payCheckout } from '../support/story.js';

const OPEN = `mutation ($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) {
  session { id ui status url clientSecret publishableKey expiresAt subscription { id } }
  userErrors { code message field }
} }`;
const TEAM = { plan: 'team', interval: 'MONTH' };
const SESSION = `query ($id: ID!) { checkoutSession(id: $id) { id status url subscription { id status } } }`;
const UPDATED = `subscription ($id: ID!) { checkoutUpdated(session: $id) { kind session { id status subscription { status } } } }`;
const INVOICE = `{ viewer { account {
  plan { key }
  subscription { status seats }
  invoices { nodes { status total { minor currency } discount { minor } tax { minor } lines { nodes { amount { minor } quantity } } } }
} } }`;

interface Line {
  amount: { minor: number };
  quantity: number;
}

describe('a checkout', () => {
  let world: World;
  let stripe: Stripe;
  const begin = async (settings: Record<string, string> = {}) => {
    world = await startWorld({ STRIPE_PUBLISHABLE_KEY: 'pk_test_journey', ...settings });
    ({ stripe } = world.gateway.parts);
  };
  afterEach(() => world.stop());

  const open = async (input: object, account = 'acme') => {
    const { data, errors } = await world.as(account).ask(OPEN, { input });
    if (errors) throw new Error(JSON.stringify(errors));
    return data.createCheckoutSession;
  };
  const bought = async (account = 'acme') => {
    await world.settled();
    const { data } = await world.as(account).ask(INVOICE);
    const { subscription, invoices, plan } = data.viewer.account;
    const [invoice] = invoices.nodes;
    const lines = invoice?.lines.nodes.map(({ amount, quantity }: Line) => [amount.minor, quantity]);
    return { plan: plan.key, subscription, invoice, lines };
  };

  it('follows one session from open to complete, over a query and a stream that ends by itself', async () => {
    await begin();
    const acme = world.as('acme');
    const { session } = await open(TEAM);
    const live = acme.watch(UPDATED, { id: session.id });
    const first = await live.until(() => true);

    await payCheckout(world.sandbox, session.id);
    await live.ended();

    expect(first.checkoutUpdated).toEqual({
      kind: 'SNAPSHOT',
      session: { id: session.id, status: 'OPEN', subscription: null },
    });
    expect(live.messages.at(-1)?.checkoutUpdated).toEqual({
      kind: 'CHANGED',
      session: { id: session.id, status: 'COMPLETE', subscription: { status: 'ACTIVE' } },
    });
    const { data } = await acme.ask(SESSION, { id: session.id });
    expect(data.checkoutSession).toMatchObject({ status: 'COMPLETE', url: null, subscription: { status: 'ACTIVE' } });
  });

  const comers: [string, () => Person][] = [
    ['no login', () => personAt(() => world.gateway.port)],
    ['an expired login', () => expired('acme')],
    ["another tenant's expired login", () => expired('other')],
  ];
  const expired = (account: string) => {
    const past = { now: () => systemWall.now() - 7_200_000 };
    const token = issueToken(world.config, past, { account, roles: [Role.BILLING_ADMIN], ttlSeconds: 3_600 });
    return personAt(() => world.gateway.port, token);
  };

  it('is told nothing but of checkouts to an expired login', async () => {
    await begin();
    const { session } = await open(TEAM);
    const both = `query ($id: ID!) { viewer { subject } checkoutSession(id: $id) { id status } }`;

    expect((await expired('acme').ask(both, { id: session.id })).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect((await expired('acme').ask('{ viewer { subject } }')).data).toBeUndefined();
    const socket = expired('acme').watch(`subscription { accountUpdated { cursor } }`);
    await expect(socket.until(() => true)).rejects.toThrow();
    socket.close();
  });

  it.each(comers)('tells id and status to who comes back with %s, and nothing to another tenant', async (_who, who) => {
    await begin();
    const { session } = await open(TEAM);
    const nobody = who();

    const { data } = await nobody.ask(SESSION, { id: session.id });
    const refused = await nobody.ask(`query ($id: ID!) { checkoutSession(id: $id) { expiresAt } }`, { id: session.id });
    const other = await world.as('other').ask(SESSION, { id: session.id });
    const live = nobody.watch(UPDATED, { id: session.id });
    await live.until(() => true);
    await payCheckout(world.sandbox, session.id);
    await live.ended();

    expect(data.checkoutSession).toEqual({ id: session.id, status: 'OPEN', url: null, subscription: null });
    expect(refused.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(other.data.checkoutSession).toBeNull();
    expect(live.messages.at(-1)?.checkoutUpdated.session).toEqual({
      id: session.id,
      status: 'COMPLETE',
      subscription: null,
    });
    await expect(
      world
        .as('other')
        .watch(UPDATED, { id: session.id })
        .until(() => true),
    ).rejects.toThrow(/NOT_FOUND/);
  });

  it('ends the stream of a session that expires by time alone', async () => {
    await begin();
    const { session } = await open(TEAM);
    const live = world.as('acme').watch(UPDATED, { id: session.id });
    await live.until(() => true);

    await world.advance({ by: 'PT25H' });
    await live.ended();

    expect(live.messages.at(-1)?.checkoutUpdated.session.status).toBe('EXPIRED');
  });

  it.each([
    ['EMBEDDED', 'embedded_page'],
    ['ELEMENTS', 'elements'],
  ])('gives %s its client secret, and hands the same session back', async (ui, mode) => {
    await begin({ RETURN_ORIGINS: 'https://app.example' });
    const input = { ...TEAM, ui, returnUrl: 'https://app.example/done?s={CHECKOUT_SESSION_ID}' };

    const { session } = await open(input);
    const again = await open(input);

    expect(session).toMatchObject({
      ui,
      url: null,
      clientSecret: expect.stringMatching(/_secret_/),
      publishableKey: 'pk_test_journey',
    });
    expect(again.session).toEqual(session);
    const raw = await stripe.checkout.sessions.retrieve(session.id);
    expect(raw).toMatchObject({
      ui_mode: mode,
      return_url: 'https://app.example/done?s={CHECKOUT_SESSION_ID}',
      success_url: null,
    });
    expect((await open({ ...input, returnUrl: 'https://evil.example/' })).userErrors[0]).toMatchObject({
      code: 'RETURN_URL_NOT_ALLOWED',
      field: ['input', 'returnUrl'],
    });
  });

  it('charges seats and add-ons to the cent, and refuses what is not sold so', async () => {
    await begin();
    await stripe.products.update('prod_sample_team', {
      metadata: { seats_min: '2', seats_max: '10', seats_step: '2' },
    });
    const storage = await stripe.products.create({
      name: 'Storage',
      metadata: { app: 'billing', kind: 'add_on', add_on_id: 'storage', plans: 'team' },
    });
    await stripe.prices.create({
      product: storage.id,
      currency: 'usd',
      unit_amount: 450,
      recurring: { interval: 'month' },
    });
    await world.settled();

    const refused = [
      await open({ ...TEAM, seats: 1 }),
      await open({ ...TEAM, seats: 3 }),
      await open({ ...TEAM, seats: 12 }),
      await open({ ...TEAM, interval: 'YEAR', addOns: [{ addOn: 'storage' }] }),
      await open({ plan: 'business', interval: 'MONTH', addOns: [{ addOn: 'storage' }] }),
      await open({ ...TEAM, addOns: [{ addOn: 'storage', quantity: 0 }] }),
      await open({ ...TEAM, addOns: [{ addOn: 'storage' }, { addOn: 'storage' }] }),
    ];
    const { session } = await open({ ...TEAM, seats: 4, addOns: [{ addOn: 'storage', quantity: 3 }] });
    await payCheckout(world.sandbox, session.id);

    expect(refused.map(({ userErrors: [error] }) => `${error.code} ${error.field.slice(1).join('.')}`)).toEqual([
      'QUANTITY_OUT_OF_RANGE seats',
      'QUANTITY_OUT_OF_RANGE seats',
      'QUANTITY_OUT_OF_RANGE seats',
      'PLAN_NOT_AVAILABLE addOns',
      'PLAN_NOT_AVAILABLE addOns',
      'QUANTITY_OUT_OF_RANGE addOns.0.quantity',
      'INVALID addOns',
    ]);
    const { subscription, invoice, lines } = await bought();
    expect(subscription).toMatchObject({ status: 'ACTIVE', seats: 4 });
    expect(lines).toEqual(
      expect.arrayContaining([
        [8000, 4],
        [1350, 3],
      ]),
    );
    expect(invoice.total).toEqual({ minor: 9350, currency: 'USD' });
  });

  it('takes the fewest seats when none are named', async () => {
    await begin();
    await stripe.products.update('prod_sample_team', { metadata: { seats_min: '3' } });
    await world.settled();
    const { session } = await open(TEAM);
    await payCheckout(world.sandbox, session.id);

    expect((await bought()).lines).toEqual([[6000, 3]]);
  });

  it('charges in the currency that was chosen', async () => {
    await begin();
    await stripe.prices.create({
      product: 'prod_sample_team',
      currency: 'usd',
      unit_amount: 2000,
      lookup_key: 'team_month',
      transfer_lookup_key: true,
      currency_options: { jpy: { unit_amount: 3000 } },
      recurring: { interval: 'month' },
    });
    await world.settled();
    const { session } = await open({ ...TEAM, currency: 'JPY', seats: 2 });
    await payCheckout(world.sandbox, session.id);

    expect((await bought()).invoice).toMatchObject({ total: { minor: 6000, currency: 'JPY' } });
  });

  describe('with a promotion code', () => {
    beforeEach(async () => {
      await begin();
      const quarter = await stripe.coupons.create({ percent_off: 25, duration: 'once', name: 'Quarter off' });
      await stripe.promotionCodes.create({ code: 'QUARTER', promotion: { type: 'coupon', coupon: quarter.id } });
      await stripe.promotionCodes.create({
        code: 'OVER',
        promotion: { type: 'coupon', coupon: quarter.id },
        expires_at: Math.floor(world.sandbox.now() / 1000) + 60,
      });
      await stripe.promotionCodes.create({
        code: 'NEWCOMER',
        promotion: { type: 'coupon', coupon: quarter.id },
        restrictions: { first_time_transaction: true },
      });
      const other = await stripe.coupons.create({
        percent_off: 10,
        duration: 'once',
        applies_to: { products: ['prod_sample_business'] },
      });
      await stripe.promotionCodes.create({ code: 'BIGONE', promotion: { type: 'coupon', coupon: other.id } });
    });
    const check = async (code: string, plan = 'team') => {
      const { data } = await world
        .as('acme')
        .ask(
          `query ($code: String!, $plan: String) { checkPromotionCode(code: $code, plan: $plan) { code valid reason discount { label percentOff duration amountOff { minor } } } }`,
          { code, plan },
        );
      return data.checkPromotionCode;
    };

    it('says before whether it is good, and why not', async () => {
      expect(await check('quarter')).toEqual({
        code: 'QUARTER',
        valid: true,
        reason: null,
        discount: { label: 'QUARTER', percentOff: '25', duration: 'ONCE', amountOff: null },
      });
      expect(await check('nothing')).toEqual({
        code: 'nothing',
        valid: false,
        reason: 'There is no such code.',
        discount: null,
      });
      expect(await check('BIGONE')).toMatchObject({ valid: false, reason: 'The code BIGONE is not for this plan.' });
      expect(await check('BIGONE', 'business')).toMatchObject({ valid: true });
      expect(await check('OVER')).toMatchObject({ valid: true });
      await world.advance({ by: 'PT2M' });
      expect(await check('OVER')).toMatchObject({ valid: false, reason: 'The code OVER has expired.' });
    });

    it('is good for nothing that is not sold', async () => {
      expect(await check('QUARTER', 'gold')).toMatchObject({ valid: false, reason: "There is no plan 'gold' to buy." });
      expect(await check('QUARTER', 'free')).toMatchObject({ valid: false, reason: "There is no plan 'free' to buy." });
      const { data } = await world
        .as('acme')
        .ask('{ checkPromotionCode(code: "QUARTER", plan: "team", interval: WEEK) { valid reason } }');
      expect(data.checkPromotionCode).toEqual({ valid: false, reason: 'Team is not sold by the week.' });
    });

    it('is good for a plan that costs enough with the fewest seats it is sold with', async () => {
      const five = await stripe.coupons.create({ amount_off: 500, currency: 'usd', duration: 'once' });
      const restrictions = { minimum_amount: 5_000, minimum_amount_currency: 'usd' };
      await stripe.promotionCodes.create({
        code: 'FIFTY',
        promotion: { type: 'coupon', coupon: five.id },
        restrictions,
      });
      expect(await check('FIFTY')).toMatchObject({ valid: false, reason: 'The code FIFTY needs a larger purchase.' });

      await stripe.products.update('prod_sample_team', { metadata: { seats_min: '3' } });
      await world.settled();

      expect(await check('FIFTY')).toMatchObject({ valid: true });
      const { session } = await open({ ...TEAM, promotionCode: 'FIFTY' });
      await payCheckout(world.sandbox, session.id);
      expect((await bought()).invoice).toMatchObject({ discount: { minor: 500 }, total: { minor: 5_500 } });
    });

    it('takes off exactly what it says, once', async () => {
      expect((await open({ ...TEAM, promotionCode: 'BIGONE' })).userErrors).toEqual([
        {
          code: 'PROMOTION_CODE_INVALID',
          message: 'The code BIGONE is not for this plan.',
          field: ['input', 'promotionCode'],
        },
      ]);
      const { session } = await open({ ...TEAM, promotionCode: 'QUARTER' });
      await payCheckout(world.sandbox, session.id);

      expect((await bought()).invoice).toMatchObject({ discount: { minor: 500 }, total: { minor: 1500 } });
      await world.advance({ by: 'P1M' });
      await world.advance({ by: 'PT2H' });
      expect((await bought()).invoice).toMatchObject({ discount: { minor: 0 }, total: { minor: 2000 } });
      expect(await check('NEWCOMER')).toMatchObject({
        valid: false,
        reason: 'The code NEWCOMER is for new customers only.',
      });
    });

    it('comes off the next invoice when it is applied to a subscription, and only once', async () => {
      const { session } = await open(TEAM);
      await payCheckout(world.sandbox, session.id);
      await world.settled();
      const apply = async (code: string) => {
        const { data } = await world
          .as('acme')
          .ask(
            `mutation ($code: String!) { applyPromotionCode(input: { code: $code }) { outcome userErrors { code message } } }`,
            { code },
          );
        return data.applyPromotionCode;
      };

      expect(await apply('QUARTER')).toEqual({ outcome: 'APPLIED', userErrors: [] });
      expect(await apply('QUARTER')).toEqual({ outcome: 'NO_OP', userErrors: [] });
      expect(await apply('BIGONE')).toMatchObject({
        outcome: 'REJECTED',
        userErrors: [{ code: 'PROMOTION_CODE_INVALID' }],
      });
      await world.advance({ by: 'P1M' });
      await world.advance({ by: 'PT2H' });
      expect((await bought()).invoice).toMatchObject({ discount: { minor: 500 }, total: { minor: 1500 } });
    });
  });

  describe('with a trial', () => {
    const trialPlan = async (settings: Record<string, string> = {}) => {
      await begin(settings);
      await stripe.products.update('prod_sample_team', { metadata: { trial_days: '14' } });
      await world.settled();
    };

    it('charges nothing, then the price, and gives no second trial', async () => {
      await trialPlan();
      const { session } = await open(TEAM);
      await payCheckout(world.sandbox, session.id);

      expect(await bought()).toMatchObject({ subscription: { status: 'TRIALING' }, invoice: { total: { minor: 0 } } });
      await world.advance({ by: 'P15D' });
      expect(await bought()).toMatchObject({ subscription: { status: 'ACTIVE' }, invoice: { total: { minor: 2000 } } });

      const [subscription] = (await stripe.subscriptions.list()).data;
      await stripe.subscriptions.cancel(subscription?.id ?? '');
      await world.settled();
      const second = await open({ ...TEAM, interval: 'YEAR' });
      await payCheckout(world.sandbox, second.session.id);
      expect(await bought()).toMatchObject({
        subscription: { status: 'ACTIVE' },
        invoice: { total: { minor: 20_000 } },
      });
    });

    it('needs no card where the settings say so, and ends as they say', async () => {
      await trialPlan({ TRIAL_CARD: 'optional', TRIAL_END: 'pause' });
      const { session } = await open(TEAM);
      const raw = await stripe.checkout.sessions.retrieve(session.id);
      expect(raw.payment_method_collection).toBe('if_required');
      const { data } = await world
        .as('acme')
        .ask(
          `mutation { startSubscription(input: { plan: "team", interval: MONTH }) { outcome subscription { status } userErrors { code } } }`,
        );

      expect(data.startSubscription).toEqual({
        outcome: 'APPLIED',
        subscription: { status: 'TRIALING' },
        userErrors: [],
      });
      expect((await stripe.checkout.sessions.retrieve(session.id)).status).toBe('expired');
      await world.advance({ by: 'P15D' });
      expect((await bought()).subscription).toMatchObject({ status: 'PAUSED' });
    });

    it('is left out when it is not wanted', async () => {
      await trialPlan();
      const { session } = await open({ ...TEAM, trial: false });
      await payCheckout(world.sandbox, session.id);

      expect(await bought()).toMatchObject({ subscription: { status: 'ACTIVE' }, invoice: { total: { minor: 2000 } } });
    });
  });

  it('collects address and tax ids, adds the tax, and limits the ways to pay as the settings say', async () => {
    await begin({
      AUTOMATIC_TAX: 'true',
      COLLECT_TAX_IDS: 'true',
      COLLECT_ADDRESS: 'required',
      ALLOWED_PAYMENT_METHOD_TYPES: 'card,link',
    });
    const { session } = await open(TEAM);
    const raw = await stripe.checkout.sessions.retrieve(session.id);
    await stripe.customers.update(String(raw.customer), { address: { country: 'DE', line1: 'Hauptstr. 1' } });
    await payCheckout(world.sandbox, session.id);

    expect(raw).toMatchObject({
      automatic_tax: { enabled: true },
      billing_address_collection: 'required',
      allowed_payment_method_types: ['card', 'link'],
    });
    expect((await bought()).invoice).toMatchObject({ tax: { minor: 380 }, total: { minor: 2380 } });
  });

  it('stores a session of another mode and lets its stream end with it', async () => {
    await begin();
    await open(TEAM);
    const [customer] = (await stripe.customers.list()).data;
    const setup = await stripe.checkout.sessions.create({
      mode: 'setup',
      currency: 'usd',
      customer: customer?.id,
      success_url: 'https://example.com/done',
    });
    const live = world.as('acme').watch(ACCOUNT_LIVE);
    await live.until(() => true);
    await payCheckout(world.sandbox, setup.id);
    await world.settled();

    const { data } = await world.as('acme').ask(SESSION, { id: setup.id });
    expect(data.checkoutSession).toMatchObject({ status: 'COMPLETE', subscription: null });
    const stream = world.as('acme').watch(UPDATED, { id: setup.id });
    await stream.ended();
    expect(stream.messages).toHaveLength(1);
    live.close();
    // The checkout that sells a subscription is still open.
    expect((await open(TEAM)).session.status).toBe('OPEN');
  });

  it('is handed back to the key that began it, though its process died and the plan is sold no more', async () => {
    await begin();
    const first = await open({ ...TEAM, idempotencyKey: 'key-1' });
    const [price] = (await stripe.prices.list({ lookup_keys: ['team_month'] })).data;
    await stripe.products.update(price!.product as string, { active: false });
    await world.gateway.parts.database.run('UPDATE intents SET answer = NULL', []);
    await world.restartGateway();
    await world.settled();

    const other = await open(TEAM);
    const again = await open({ ...TEAM, idempotencyKey: 'key-1' });

    expect(first).toMatchObject({ session: { status: 'OPEN' }, userErrors: [] });
    expect(other.userErrors).toMatchObject([{ code: 'PLAN_NOT_AVAILABLE' }]);
    expect(again).toEqual(first);
  });

  it('shows nothing of a card that was declined', async () => {
    await begin();
    const { session } = await open(TEAM);

    await expect(payCheckout(world.sandbox, session.id, 'pm_card_visa_chargeDeclined')).rejects.toThrow(/declined/);

    expect(await bought()).toMatchObject({ plan: 'free', subscription: null });
    await payCheckout(world.sandbox, session.id);
    expect(await bought()).toMatchObject({ plan: 'team', subscription: { status: 'ACTIVE' } });
  });
});
