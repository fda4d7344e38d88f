import type Stripe from 'stripe';
import { readProblems, syncCatalogue } from '../../src/plans/sync-catalogue.js';
import { Role } from '../../src/auth/roles.js';
import { personAt, startWorld, type World } from '../support/world.js';
import { CHANGE, PREVIEW, run } from '../support/change-plan-story.js';
import { subscriber } from '../support/payment-story.js';
import { CANCEL } from '../support/story.js';

const OURS = { app: 'billing' };
const MONTH = { recurring: { interval: 'month' as const } };

describe('the catalogue', () => {
  let world: World;
  let stripe: Stripe;
  beforeEach(async () => {
    world = await startWorld({ STRIPE_PUBLISHABLE_KEY: 'pk_test_journey', PLAN_PRICES: 'team=price_none' });
    ({ stripe } = world.gateway.parts);
  });
  afterEach(() => world.stop());

  const visitor = () => personAt(() => world.gateway.port);
  const planOf = async (key: string, fields: string) =>
    (await visitor().ask(`query ($key: String!) { plan(key: $key) { ${fields} } }`, { key })).data.plan;

  const onTeam = async () => {
    const person = await subscriber(world, 'acme');
    const { data } = await person.ask(`{ viewer { account { subscription { id } } } }`);
    return { person, subscription: String(data.viewer.account.subscription.id) };
  };

  it('tells a browser without a token what the gateway is, and no secret', async () => {
    const { data } = await visitor().ask(
      `{ gateway { name version mode publishableKey providerApiVersion features defaultCurrency currencies now } }`,
    );

    expect(data.gateway).toMatchObject({
      mode: 'SANDBOX',
      publishableKey: 'pk_test_journey',
      features: ['embedded_checkout', 'elements'],
      defaultCurrency: 'USD',
      currencies: ['USD'],
    });
    expect(Math.abs(Date.parse(data.gateway.now) - world.sandbox.now())).toBeLessThan(60_000);
    expect(JSON.stringify(data)).not.toContain('sk_test');
  });

  it('shows every feature under every plan', async () => {
    const { data } = await visitor().ask(
      `{ features { key kind } plan(key: "free") { features { included label feature { key } } } }`,
    );

    const keys = data.features.map(({ key }: { key: string }) => key);
    expect(keys).toEqual(expect.arrayContaining(['projects', 'api', 'members-per-team', 'sso']));
    expect(data.plan.features.map(({ feature }: { feature: { key: string } }) => feature.key)).toEqual(keys);
    expect(data.plan.features).toContainEqual({ included: false, label: 'Not included', feature: { key: 'sso' } });
  });

  it('finds a price by its lookup key, wherever its product says it belongs', async () => {
    await stripe.prices.create({
      product: 'prod_sample_team',
      currency: 'eur',
      unit_amount: 8900,
      lookup_key: 'business_month_eur',
      ...MONTH,
    });
    await world.settled();

    expect(await planOf('business', 'price(interval: MONTH, currency: "EUR") { unit { formatted } }')).toEqual({
      price: { unit: { formatted: '€89.00' } },
    });
  });

  it('sells one price in all its currencies, exact to the last minor unit of each', async () => {
    const price = await stripe.prices.create({
      product: 'prod_sample_team',
      currency: 'usd',
      unit_amount: 2000,
      lookup_key: 'team_month',
      transfer_lookup_key: true,
      currency_options: { jpy: { unit_amount: 3000 }, kwd: { unit_amount: 6150 } },
      ...MONTH,
    });
    await world.settled();

    const shown = async (currency: string) =>
      (await planOf('team', `price(interval: MONTH, currency: "${currency}") { id unit { minor exponent currency } }`))
        .price;

    expect(await shown('USD')).toEqual({ id: price.id, unit: { minor: 2000, exponent: 2, currency: 'USD' } });
    expect(await shown('JPY')).toEqual({ id: `${price.id}:jpy`, unit: { minor: 3000, exponent: 0, currency: 'JPY' } });
    expect(await shown('KWD')).toEqual({ id: `${price.id}:kwd`, unit: { minor: 6150, exponent: 3, currency: 'KWD' } });
    const { data } = await visitor().ask(
      `{ gateway { currencies } node(id: "${price.id}:jpy") { ... on Price { unit { minor } } } }`,
    );
    expect(data).toEqual({ gateway: { currencies: ['USD', 'JPY', 'KWD'] }, node: { unit: { minor: 3000 } } });
  });

  it('shows tiers, seats, trial days and add-ons', async () => {
    await stripe.products.update('prod_sample_team', {
      metadata: { seats_min: '2', seats_max: '20', seats_step: '2', trial_days: '14', recommended: 'true' },
    });
    const storage = await stripe.products.create({
      name: 'Storage',
      metadata: { ...OURS, kind: 'add_on', add_on_id: 'storage', plans: 'team', limit_gb: '100' },
    });
    await stripe.prices.create({ product: storage.id, currency: 'usd', unit_amount: 500, ...MONTH });
    await stripe.prices.create({
      product: 'prod_sample_business',
      currency: 'usd',
      billing_scheme: 'tiered',
      tiers_mode: 'graduated',
      tiers: [
        { up_to: 10, unit_amount: 900, flat_amount: 100 },
        { up_to: 'inf', unit_amount: 700 },
      ],
      recurring: { interval: 'week' },
    });
    await world.settled();

    expect(
      await planOf(
        'team',
        'recommended trialDays prices(interval: MONTH) { seats { min max step } } addOns { key features { label } prices { unit { minor } } }',
      ),
    ).toEqual({
      recommended: true,
      trialDays: 14,
      prices: [{ seats: { min: 2, max: 20, step: 2 } }],
      addOns: [{ key: 'storage', features: [{ label: '100' }], prices: [{ unit: { minor: 500 } }] }],
    });
    expect(
      await planOf(
        'business',
        'addOns { key } prices(interval: WEEK) { model unit { minor } tiers { upTo unit { minor } flat { minor } } }',
      ),
    ).toEqual({
      addOns: [],
      prices: [
        {
          model: 'TIERED_GRADUATED',
          unit: null,
          tiers: [
            { upTo: 10, unit: { minor: 900 }, flat: { minor: 100 } },
            { upTo: null, unit: { minor: 700 }, flat: null },
          ],
        },
      ],
    });
  });

  it('keeps what it knew of a product whose metadata break, names what is wrong, and forgets it once it is right', async () => {
    await stripe.products.update('prod_sample_team', { metadata: { tier: 'many', limit_projects: 'lots' } });
    await world.settled();

    const { database } = world.gateway.parts;
    const found = await readProblems(database);
    expect(found.map(({ objectId, field, warning }) => [objectId, field, warning])).toEqual([
      ['prod_sample_team', 'tier', false],
      ['prod_sample_team', 'limit_projects', false],
    ]);
    expect(await planOf('team', 'rank archived')).toEqual({ rank: 1, archived: false });
    const asked = `{ admin { catalogProblems { objectId field reason remedy warning } } }`;
    const { data } = await world.staff(Role.SUPPORT).ask(asked);
    expect(data.admin.catalogProblems).toMatchObject([
      { objectId: 'prod_sample_team', field: 'tier', reason: expect.stringContaining("found 'many'"), warning: false },
      { objectId: 'prod_sample_team', field: 'limit_projects', remedy: expect.stringContaining('limit_projects') },
    ]);
    const { errors } = await world.as('acme').ask(asked);
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);

    await stripe.products.update('prod_sample_team', { metadata: { tier: '3', limit_projects: '5' } });
    await world.settled();
    expect(await readProblems(database)).toEqual([]);
    expect(await planOf('team', 'rank')).toEqual({ rank: 3 });
  });

  it('offers no plan without a price that a subscription can begin with', async () => {
    for (const [key, price] of Object.entries({
      once: {},
      quarter: { recurring: { interval: 'month' as const, interval_count: 3 } },
    })) {
      const { id } = await stripe.products.create({ name: key, metadata: { ...OURS, plan_id: key, tier: '5' } });
      await stripe.prices.create({ product: id, currency: 'usd', unit_amount: 500, ...price });
    }
    await world.settled();
    const asked = `mutation ($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { userErrors { code message } } }`;
    const refused = await world.as('acme').ask(asked, { input: { plan: 'once', interval: 'ONE_TIME' } });

    const { data } = await visitor().ask('{ plans { key } }');
    expect(data.plans.map(({ key }: { key: string }) => key)).toEqual(['free', 'team', 'business']);
    expect(await planOf('once', 'prices { interval } price(interval: ONE_TIME) { id }')).toEqual({
      prices: [{ interval: 'ONE_TIME' }],
      price: null,
    });
    expect(refused.data.createCheckoutSession.userErrors).toEqual([
      { code: 'PLAN_NOT_AVAILABLE', message: "'once' is not sold by a single payment." },
    ]);
  });

  it('leaves a plan to the product that had it first', async () => {
    await world.advance({ by: 'PT1M' });
    const second = await stripe.products.create({ name: 'Copy', metadata: { ...OURS, plan_id: 'team', tier: '9' } });
    await world.settled();

    expect(await planOf('team', 'name rank')).toEqual({ name: 'Team', rank: 1 });
    expect(await readProblems(world.gateway.parts.database)).toMatchObject([{ objectId: second.id, field: 'plan_id' }]);
  });

  it('tells each viewer what the buttons do', async () => {
    const buttons = async (...roles: Role[]) => {
      const { data } = await world
        .as('acme', ...roles)
        .ask(`{ plans { key viewerAction(interval: MONTH) { action enabled } } }`);
      return Object.fromEntries(
        data.plans.map(({ key, viewerAction }: { key: string; viewerAction: { action: string; enabled: boolean } }) => [
          key,
          `${viewerAction.action}${viewerAction.enabled ? '' : ', disabled'}`,
        ]),
      );
    };
    const before = await buttons();
    await onTeam();
    const subscribed = await buttons();
    await world.as('acme').ask(CANCEL);

    expect(before).toEqual({ free: 'CURRENT, disabled', team: 'SUBSCRIBE', business: 'SUBSCRIBE' });
    expect(subscribed).toEqual({ free: 'DOWNGRADE', team: 'CURRENT, disabled', business: 'UPGRADE' });
    expect(await buttons()).toEqual({ free: 'DOWNGRADE, disabled', team: 'REACTIVATE', business: 'UPGRADE' });
    expect(await buttons(Role.MEMBER)).toMatchObject({ business: 'UPGRADE, disabled' });
    expect(await planOf('team', 'viewerAction { action }')).toEqual({ viewerAction: null });
  });

  it('never downgrades who is on a price that it does not know: what was in force stays, and is shown so', async () => {
    const { person, subscription } = await onTeam();
    const product = await stripe.products.create({ name: 'Elsewhere', metadata: { app: 'somebody' } });
    const price = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 100, ...MONTH });
    const [item] = (await stripe.subscriptions.retrieve(subscription)).items.data;
    await stripe.subscriptions.update(subscription, {
      items: [{ id: item?.id, price: price.id }],
      proration_behavior: 'none',
    });
    await world.settled();

    const { data } = await person.ask(`{
      viewer { account { plan { key } access { allowed } subscription { unmapped plan { key } price { id } } } }
      previewChange(input: { plan: "business", interval: MONTH }) { preview { allowed blockers { code } } }
    }`);

    expect(data.viewer.account).toEqual({
      plan: { key: 'team' },
      access: { allowed: true },
      subscription: { unmapped: true, plan: { key: 'team' }, price: null },
    });
    expect(data.previewChange.preview).toEqual({ allowed: false, blockers: [{ code: 'UNMAPPED_PRICE' }] });
    expect(await run(person, PREVIEW, { plan: 'team', interval: 'MONTH' })).toMatchObject({
      preview: { kind: 'CROSSGRADE', blockers: [{ code: 'UNMAPPED_PRICE' }] },
    });
    expect(await run(person, CHANGE, { plan: 'business', interval: 'MONTH' })).toMatchObject({
      userErrors: [{ code: 'OTHER', hint: 'Ask support to add the price to the catalogue.' }],
    });
  });

  describe('of more than a hundred products', () => {
    beforeEach(async () => {
      for (let count = 0; count < 110; count++) {
        const key = `plan${String(count).padStart(3, '0')}`;
        await stripe.products.create({ id: `prod_${key}`, name: key, metadata: { ...OURS, plan_id: key, tier: '5' } });
      }
      await stripe.products.create({ name: 'bad', metadata: { ...OURS, plan_id: 'bad', tier: 'x' } });
      await stripe.products.create({ name: 'foreign', metadata: { app: 'somebody' } });
      await world.settled();
    });

    it('is read to its end, and only the bad product is reported', async () => {
      const report = await syncCatalogue(world.gateway.parts);

      expect(report).toMatchObject({ products: 115, waiting: [], cutShort: null });
      expect(report.problems).toMatchObject([{ field: 'tier' }]);
      const { data } = await visitor().ask(`{ plans(includeArchived: true) { key } }`);
      expect(data.plans).toHaveLength(113);
    });

    it('archives nothing when its list breaks in mid-page, and says so', async () => {
      const { parts } = world.gateway;
      const broken = Object.create(stripe, {
        products: {
          value: {
            retrieve: stripe.products.retrieve.bind(stripe.products),
            async *list() {
              for (const { id } of (await stripe.products.list({ limit: 100 })).data) yield { id };
              throw new Error('the second page never came');
            },
          },
        },
      }) as Stripe;

      const report = await syncCatalogue({ ...parts, stripe: broken });

      expect(report.cutShort).toBe('the second page never came');
      const { data } = await visitor().ask(`{ plans(includeArchived: true) { key archived } }`);
      expect(data.plans).toHaveLength(113);
      expect(data.plans.filter(({ archived }: { archived: boolean }) => archived)).toEqual([]);
    });
  });
});
