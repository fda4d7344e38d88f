import type Stripe from 'stripe';
import { readProblems } from '../../src/plans/sync-catalogue.js';
import { CHANGE, CANCEL_PLAN, run } from '../support/change-plan-story.js';
import { customerOf } from '../support/payment-story.js';
import { startCommands } from '../support/plans-file-commands.js';
import { sellAddOns, sellCode } from '../support/price-story.js';
import { stripeAt } from '../support/stripe-at.js';
import { payCheckout } from '../support/story.js';
import { told, wholeStory, type WholeStory } from '../support/whole-story.js';
import { personAt, startWorld, type World } from '../support/world.js';

const OPEN = `mutation ($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { session { id } userErrors { code message field } } }`;
const APPLY = `mutation ($input: ApplyPromotionCodeInput!) { applyPromotionCode(input: $input) { outcome userErrors { code message } } }`;
const CHECK = `query ($code: String!) { checkPromotionCode(code: $code, plan: "team") { valid reason } }`;
const BUTTONS = `query ($interval: BillingInterval) { plans { key viewerAction(interval: $interval) { action enabled } } }`;
const MONTH = { recurring: { interval: 'month' as const } };
const NOTHING = { charged: [], pushed: [], history: [] };

describe('the catalogue, from all sides', () => {
  let world: World;
  let stripe: Stripe;
  const opened: WholeStory[] = [];
  beforeAll(async () => {
    world = await startWorld(async ({ url }) => {
      const elsewhere = stripeAt(url);
      const { id: product } = await elsewhere.products.create({ name: 'Elsewhere', metadata: { app: 'somebody' } });
      const pinned = await elsewhere.prices.create({ product, currency: 'usd', unit_amount: 1_404, ...MONTH });
      return { PLAN_PRICES: `pinned=${pinned.id}` };
    });
    ({ stripe } = world.gateway.parts);
    await sellAddOns(world);
  });
  afterEach(() => opened.splice(0).forEach((story) => story.close()));
  afterAll(() => world.stop());

  const begin = async (account: string) => {
    const story = await wholeStory(world, account);
    opened.push(story);
    return story;
  };
  const open = (story: WholeStory, input: object) => run(story.person, OPEN, { interval: 'MONTH', ...input });
  /** Somebody who has just paid. */
  const buys = async (account: string, input: object) => {
    const story = await begin(account);
    const { session, userErrors } = await open(story, input);
    expect(userErrors).toEqual([]);
    await payCheckout(world.sandbox, session.id as string);
    return story;
  };
  const subscribed = async (account: string, input: object) => {
    const story = await buys(account, input);
    await story.mark();
    return story;
  };
  /** A plan without a price. */
  const plan = async (key: string, metadata: Record<string, string> = {}) => {
    const { id } = await stripe.products.create({
      name: key,
      metadata: { app: 'billing', plan_id: key, tier: '1', ...metadata },
    });
    return id;
  };
  const price = (product: string, unit_amount: number, differs: Partial<Stripe.PriceCreateParams> = {}) =>
    stripe.prices.create({ product, currency: 'usd', unit_amount, ...MONTH, ...differs });
  const renewal = async () => {
    await world.advance({ by: 'P1M' });
    await world.advance({ by: 'PT2H' });
  };

  it('sells at the price that Stripe has now; who has an older one is told nothing and goes on with it', async () => {
    const product = await plan('grow');
    await price(product, 1_000, { lookup_key: 'grow_month' });
    await world.settled();
    const first = await subscribed('first', { plan: 'grow' });
    await price(product, 1_500, { lookup_key: 'grow_month', transfer_lookup_key: true });
    await world.settled();
    expect(await first.chapter()).toMatchObject(NOTHING);

    const second = await buys('second', { plan: 'grow' });

    expect(await second.chapter()).toMatchObject({
      charged: [{ lines: [['1 × grow (at $15.00 / month)', 1_500]], paid: 1_500 }],
      stored: { account: { planKey: 'grow' }, invoices: [{ total: 1_500 }] },
      last: { plan: { key: 'grow' } },
      history: expect.arrayContaining([told('stripe', 'The plan changed from Free to grow.')]),
    });
    await renewal();
    expect(await first.chapter()).toMatchObject({ charged: [{ paid: 1_000 }], last: { plan: { key: 'grow' } } });
    expect(await second.charged()).toMatchObject([{ paid: 1_500 }]);
  });

  it('finds the plan of a price by its lookup key, then its own metadata, then its product, then the settings', async () => {
    const host = await plan('host');
    await price(host, 1_303, { lookup_key: 'a name of its own' });
    await price(host, 1_202, { metadata: { plan_id: 'by-price' } });
    await price(host, 1_101, { lookup_key: 'by-lookup_month', metadata: { plan_id: 'by-price' } });
    await world.settled();
    const reasons = async () => (await readProblems(world.gateway.parts.database)).map(({ reason }) => reason);
    expect(await reasons()).toContain("the price names 'by-price', which is no plan or add-on");
    // Prices may be there before the plans that they name.
    for (const key of ['by-lookup', 'by-price', 'pinned']) await plan(key);
    await world.settled();
    expect((await reasons()).join()).not.toContain('names');

    for (const [key, amount] of Object.entries({ 'by-lookup': 1_101, 'by-price': 1_202, host: 1_303, pinned: 1_404 })) {
      const story = await buys(`found-${key}`, { plan: key });
      expect(await story.chapter()).toMatchObject({
        charged: [{ total: amount, paid: amount }],
        stored: { account: { planKey: key }, subscriptions: [{ planKey: key, unmapped: false }] },
        last: { plan: { key } },
        history: expect.arrayContaining([told('stripe', `The plan changed from Free to ${key}.`)]),
      });
    }
  });

  it('takes the word of a subscription only where no price says its plan, and downgrades nobody for an unknown one', async () => {
    const story = await subscribed('moved', { plan: 'team' });
    const [subscription] = (await stripe.subscriptions.list({ customer: await customerOf(world, 'moved') })).data;
    const [item] = subscription!.items.data;
    await stripe.subscriptions.update(subscription!.id, { metadata: { plan_id: 'business' } });
    expect((await story.stored()).account.planKey).toBe('team');
    await stripe.subscriptions.update(subscription!.id, { metadata: { plan_id: '' } });
    await story.mark();

    const { id: product } = await stripe.products.create({ name: 'Foreign', metadata: { app: 'somebody' } });
    const unknown = await price(product, 700);
    const items = [{ id: item!.id, price: unknown.id }];
    await stripe.subscriptions.update(subscription!.id, { items, proration_behavior: 'none' });
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: {
        account: { planKey: 'team' },
        subscriptions: [{ planKey: 'team', unmapped: true, priceId: unknown.id }],
      },
      last: { plan: { key: 'team' }, access: { allowed: true }, subscription: { unmapped: true, price: null } },
      history: expect.arrayContaining([
        told('stripe', 'The price of the subscription is not in the catalogue; its plan stays as it is.'),
      ]),
    });
    const alerts = async () =>
      /^billing_unmapped_subscription_total (\d+)/m.exec(await world.gateway.parts.metrics.render())?.[1];
    expect(await alerts()).toBe('1');

    await renewal();
    expect(await story.chapter()).toMatchObject({
      charged: [{ paid: 700 }],
      stored: { account: { planKey: 'team' } },
      last: { plan: { key: 'team' }, access: { allowed: true } },
      history: expect.arrayContaining([told('stripe', 'over $7.00 was paid.')]),
    });
    expect(await alerts()).toBe('1');

    await stripe.subscriptions.update(subscription!.id, { metadata: { plan_id: 'business' } });
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { account: { planKey: 'business' }, subscriptions: [{ unmapped: false }] },
      last: { plan: { key: 'business' } },
      history: expect.arrayContaining([told('stripe', 'The plan changed from Team to Business.')]),
    });
  });

  it('keeps what it knew of a product that breaks: its subscribers notice nothing, and the rest is sold as before', async () => {
    const product = await plan('fragile');
    await price(product, 600);
    await world.settled();
    const story = await subscribed('calm', { plan: 'fragile' });

    await stripe.products.update(product, { metadata: { tier: 'many' } });
    await stripe.products.create({ name: 'Foreign', metadata: { app: 'somebody', plan_id: 'fragile', tier: 'x' } });
    await world.settled();

    expect(await story.chapter()).toMatchObject({ ...NOTHING, stored: { account: { planKey: 'fragile' } } });
    expect(await (await buys('other', { plan: 'fragile' })).charged()).toMatchObject([{ paid: 600 }]);
    await stripe.products.update(product, { active: false, metadata: { tier: '1' } });
    await world.settled();
    expect(await story.chapter()).toMatchObject(NOTHING);
    const late = await begin('too-late');
    expect((await open(late, { plan: 'fragile' })).userErrors).toMatchObject([{ code: 'PLAN_NOT_AVAILABLE' }]);
    expect(await late.chapter()).toMatchObject({ ...NOTHING, stored: { checkoutSessions: [] } });
    await renewal();
    expect(await story.charged()).toMatchObject([{ paid: 600 }]);
  });

  it('pushes a new amount from a file: newcomers pay it, subscribers the old one, and a second push changes nothing', async () => {
    const story = await subscribed('early-bird', { plan: 'team', interval: 'YEAR' });
    const commands = startCommands(world);
    await commands.run('catalog', 'pull');
    commands.edit('amount: 20000\n', 'amount: 24000\n');
    const pushed = await commands.run('catalog', 'push', '--json');
    const again = await commands.run('catalog', 'push', '--json');
    commands.stop();
    await world.settled();

    expect([pushed.code, again.code, JSON.parse(again.out)]).toMatchObject([0, 0, { actions: [] }]);
    expect(await story.chapter()).toMatchObject(NOTHING);
    expect(await (await buys('latecomer', { plan: 'team', interval: 'YEAR' })).chapter()).toMatchObject({
      charged: [{ lines: [['1 × Team (at $240.00 / year)', 24_000]], paid: 24_000 }],
      stored: { subscriptions: [{ planKey: 'team' }], invoices: [{ total: 24_000 }] },
      last: { plan: { key: 'team' }, subscription: { price: { interval: 'YEAR' } } },
      history: expect.arrayContaining([told('stripe', 'over $240.00 was paid.')]),
    });
  });

  it('pushes a further currency from a file: newcomers can pay in it, and nobody is on an older price for it', async () => {
    const story = await subscribed('faithful', { plan: 'team' });
    const commands = startCommands(world);
    await commands.run('catalog', 'pull');
    commands.edit('amount: 2000\n', 'amount: 2000\n        currencies: { eur: 1850 }\n');
    const pushed = await commands.run('catalog', 'push');
    commands.stop();
    await world.settled();

    expect(pushed).toMatchObject({ code: 0, out: expect.stringContaining('also for 1850 eur a month') });
    expect(await story.chapter()).toMatchObject(NOTHING);
    const { data } = await story.person.ask(`{ viewer { account { subscription { grandfathered } } } }`);
    expect(data.viewer.account.subscription.grandfathered).toBe(false);
    const newcomer = await buys('in-euro', { plan: 'team', currency: 'EUR', seats: 2 });
    expect(await newcomer.charged()).toMatchObject([
      { currency: 'eur', lines: [['2 × Team (at €18.50 / month)', 3_700]], paid: 3_700 },
    ]);
  });

  it('shows a viewer the price in the currency she pays in, and none where it is not sold so', async () => {
    await price(await plan('both'), 3_000, { currency_options: { eur: { unit_amount: 2_900 } } });
    const foreign = await plan('foreign');
    await price(foreign, 9_000, { currency: 'gbp' });
    await world.settled();
    const story = await buys('euro-only', { plan: 'both', currency: 'EUR' });
    await story.mark();
    const shown = async (person: WholeStory['person'], key: string) => {
      const fields = 'price(interval: MONTH) { unit { minor currency } }';
      return (await person.ask(`{ plan(key: "${key}") { ${fields} } }`)).data.plan.price?.unit ?? null;
    };
    const seen = async (person: WholeStory['person']) => [
      await shown(person, 'both'),
      await shown(person, 'business'),
      await shown(person, 'foreign'),
    ];

    expect(await seen(story.person)).toEqual([{ minor: 2_900, currency: 'EUR' }, null, null]);
    const anybody = [
      { minor: 3_000, currency: 'USD' },
      { minor: 9_900, currency: 'USD' },
      { minor: 9_000, currency: 'GBP' },
    ];
    expect(await seen((await begin('undecided')).person)).toEqual(anybody);
    expect(await seen(personAt(() => world.gateway.port))).toEqual(anybody);
  });

  it.each([
    ['JPY', 3_000, '¥6,000'],
    ['KWD', 6_150, 'KWD 12.300'],
    ['EUR', 1_850, '€37.00'],
  ])('charges %s in its own minor units, and keeps to it', async (currency, unit, shown) => {
    const code = currency.toLowerCase();
    const key = `in-${code}`;
    await price(await plan(key), 2_000, { currency_options: { [code]: { unit_amount: unit } } });
    await world.settled();
    const story = await buys(`pays-${code}`, { plan: key, currency, seats: 2 });

    const { history, ...seen } = await story.chapter();

    expect(seen).toMatchObject({
      charged: [{ currency: code, lines: [[expect.any(String), 2 * unit]], total: 2 * unit, paid: 2 * unit }],
      stored: { account: { currency }, invoices: [{ currency, total: 2 * unit }], subscriptions: [{ currency }] },
      last: { invoices: { nodes: [{ total: { minor: 2 * unit, currency } }] } },
    });
    expect(history.map(({ summary }) => summary.replaceAll('\u00a0', ' ')).join()).toContain(`over ${shown} was paid.`);
  });

  it('tells each viewer what the buttons do, which costs nothing', async () => {
    const tried = await plan('tried', { tier: '9', trial_days: '7' });
    await price(tried, 9_000, { lookup_key: 'tried_month' });
    await world.settled();
    const story = await begin('viewer');
    const buttons = async (interval = 'MONTH') => {
      const { data } = await story.person.ask(BUTTONS, { interval });
      const shown = data.plans as { key: string; viewerAction: { action: string; enabled: boolean } }[];
      const wanted = shown.filter(({ key }) => ['free', 'team', 'business', 'tried'].includes(key));
      return Object.fromEntries(
        wanted.map(({ key, viewerAction: { action, enabled } }) => [key, enabled ? action : `${action}, disabled`]),
      );
    };
    expect(await buttons()).toEqual({
      free: 'CURRENT, disabled',
      team: 'SUBSCRIBE',
      business: 'SUBSCRIBE',
      tried: 'START_TRIAL',
    });
    expect(await buttons('YEAR')).toMatchObject({ team: 'SUBSCRIBE', tried: 'UNAVAILABLE, disabled' });
    expect(await story.chapter()).toMatchObject(NOTHING);

    await payCheckout(world.sandbox, (await open(story, { plan: 'business' })).session.id as string);
    await story.mark();
    expect(await buttons()).toEqual({
      free: 'DOWNGRADE',
      team: 'DOWNGRADE',
      business: 'CURRENT, disabled',
      tried: 'UPGRADE',
    });
    expect(await buttons('YEAR')).toMatchObject({ business: 'SWITCH_INTERVAL', team: 'DOWNGRADE' });
    await run(story.person, CHANGE, { plan: 'team' });
    expect(await buttons()).toMatchObject({
      team: 'CANCEL_PENDING_CHANGE',
      business: 'CANCEL_PENDING_CHANGE',
      tried: 'UPGRADE',
    });
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { account: { planKey: 'business' }, subscriptions: [{ pendingChange: { state: 'SCHEDULED' } }] },
      last: { subscription: { pendingChange: { toPlan: { key: 'team' } } } },
      history: expect.arrayContaining([told('user-of-viewer', 'A change of plan was booked for')]),
    });
    await run(story.person, CANCEL_PLAN);
    expect(await buttons()).toMatchObject({ free: 'DOWNGRADE, disabled', business: 'REACTIVATE' });
  });

  it('takes a code off exactly as often as it says, checks it before, and says why it refuses one', async () => {
    await sellCode(world, 'TWICE', { months: 2 });
    const story = await subscribed('saver', { plan: 'team' });
    expect((await story.person.ask(CHECK, { code: 'twice' })).data.checkPromotionCode).toEqual({
      valid: true,
      reason: null,
    });
    expect(await run(story.person, APPLY, { code: 'NEVER' })).toEqual({
      outcome: 'REJECTED',
      userErrors: [{ code: 'PROMOTION_CODE_INVALID', message: 'There is no such code.' }],
    });
    expect(await story.chapter()).toMatchObject(NOTHING);

    expect(await run(story.person, APPLY, { code: 'TWICE' })).toMatchObject({ outcome: 'APPLIED' });
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { subscriptions: [{ discounts: [{ label: 'TWICE' }] }] },
      last: { subscription: { discounts: [{ label: 'TWICE' }] } },
      history: expect.arrayContaining([told('user-of-saver', 'The discount is now TWICE.')]),
    });
    const paid = [];
    for (let month = 0; month < 3; month++) {
      await renewal();
      const { charged, stored } = await story.chapter();
      paid.push([charged[0]?.paid, stored.invoices[0]?.discount]);
    }
    expect(paid.slice(0, 1).concat(paid.slice(-1))).toEqual([
      [1_500, 500],
      [2_000, 0],
    ]);
  });

  it('sells seats by their least, most and step, and what is bought on top, to the cent', async () => {
    const product = await plan('seated', { seats_min: '2', seats_max: '10', seats_step: '2' });
    await price(product, 1_100);
    const { id: extra } = await stripe.products.create({
      name: 'Extra',
      metadata: { app: 'billing', kind: 'add_on', add_on_id: 'extra', plans: 'seated', seats_max: '3' },
    });
    await price(extra, 333);
    await world.settled();
    const story = await begin('seats');
    const refused = [];
    for (const input of [{ seats: 1 }, { seats: 3 }, { seats: 12 }, { addOns: [{ addOn: 'extra', quantity: 4 }] }])
      refused.push((await open(story, { plan: 'seated', ...input })).userErrors[0].code);
    expect(refused).toEqual(Array.from({ length: 4 }, () => 'QUANTITY_OUT_OF_RANGE'));
    expect(await story.chapter()).toMatchObject({ ...NOTHING, stored: { checkoutSessions: [] } });

    const input = { plan: 'seated', seats: 4, addOns: [{ addOn: 'extra', quantity: 3 }] };
    await payCheckout(world.sandbox, (await open(story, input)).session.id as string);
    const { charged, stored, last, history } = await story.chapter();

    expect(charged).toMatchObject([{ total: 5_399, paid: 5_399 }]);
    expect(charged[0]?.lines.map(([, amount]) => amount).sort()).toEqual([4_400, 999]);
    expect(stored.subscriptions).toMatchObject([{ seats: 4, planKey: 'seated' }]);
    expect(last?.subscription.items).toHaveLength(2);
    expect(last?.subscription.items).toContainEqual({ quantity: 3, price: { plan: null, addOn: { key: 'extra' } } });
    expect(history).toContainEqual(told('stripe', 'over $53.99 was paid.'));
  });
});
