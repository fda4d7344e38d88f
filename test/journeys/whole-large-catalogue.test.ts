import { Role } from '../../src/auth/roles.js';
import { type Buyers, buyersOf, NOTHING, ONE_TEAM } from '../support/checkout-story.js';
import { startCommands } from '../support/plans-file-commands.js';
import { createRecordedLog } from '../support/recorded-log.js';
import { stripeAt } from '../support/stripe-at.js';
import { startStripeProxy, type StripeProxy } from '../support/stripe-proxy.js';
import { told } from '../support/whole-story.js';
import { startWorld, type World } from '../support/world.js';

const OURS = { app: 'billing' };
const UNREADABLE = 'prod_unreadable';
const PROBLEMS = '{ admin { catalogProblems { objectId field reason warning } } }';
const PLANS = '{ plans(includeArchived: true) { key archived } }';

/** What Stripe says of a page that it cannot give, and of a product that it will not show. */
const error = { type: 'invalid_request_error', message: 'This page is torn.' };
const torn = { status: 400, body: { error } };
const hidden = { status: 400, body: { error: { ...error, message: 'This product is locked.' } } };

describe('a catalogue of 115 products, from all sides', () => {
  let world: World;
  let proxy: StripeProxy;
  let buyers: Buyers;
  const log = createRecordedLog();
  const breaks = { list: true, product: true };
  beforeAll(async () => {
    world = await startWorld(async ({ url }) => {
      await sell112More(url);
      proxy = await startStripeProxy(url);
      proxy.instead = ({ method, path }) => {
        if (method !== 'GET') return undefined;
        if (breaks.list && path.startsWith('/v1/products?') && path.includes('starting_after')) return torn;
        return breaks.product && path.startsWith(`/v1/products/${UNREADABLE}`) ? hidden : undefined;
      };
      return { STRIPE_API_BASE: proxy.url };
    }, log);
    buyers = buyersOf(world);
  });
  afterEach(() => buyers.leave());
  afterAll(async () => {
    await world.stop();
    await proxy.stop();
  });

  const problems = async (): Promise<Record<string, string>> => {
    const { data } = await world.staff(Role.SUPPORT).ask(PROBLEMS);
    const found = data.admin.catalogProblems as { objectId: string; reason: string }[];
    return Object.fromEntries(found.map(({ objectId, reason }) => [objectId, reason]));
  };
  const plans = async () => {
    const { data } = await world.anybody().ask(PLANS);
    return data.plans as { key: string; archived: boolean }[];
  };
  const logged = (level: string) =>
    log.lines.filter((line) => line.level === level && line.message.includes('catalogue'));
  const sync = async () => {
    const commands = startCommands(world, { STRIPE_API_BASE: proxy.url });
    const { code, out, err } = await commands.run('sync', '--catalogue', '--json');
    commands.stop();
    await world.settled();
    return { code, err, report: JSON.parse(out) };
  };

  it('is not taken for the whole when its first reading breaks off: that is told, and what was read is sold', async () => {
    expect(logged('info')).toEqual([]);
    expect(logged('error')).toMatchObject([
      { fields: { products: 100, cutShort: 'This page is torn.' }, message: expect.stringContaining('billing sync') },
    ]);
    expect(await problems()).toMatchObject({
      '/v1/products': expect.stringContaining('This page is torn.'),
      prod_bad: expect.stringContaining("found 'x'"),
      [UNREADABLE]: expect.stringContaining('This product is locked.'),
    });
    expect((await plans()).filter(({ key }) => key.startsWith('plan'))).toHaveLength(98);

    const story = await buyers.begin('first');
    expect((await buyers.open(story)).userErrors).toMatchObject([{ code: 'PLAN_NOT_AVAILABLE' }]);
    expect(await story.chapter()).toMatchObject({ ...NOTHING, stored: { checkoutSessions: [] } });
    await buyers.pay((await buyers.open(story, { plan: 'plan109' })).session);
    expect(await story.chapter()).toMatchObject({
      charged: [{ lines: [['1 × plan109 (at $7.00 / month)', 700]], paid: 700 }],
      stored: { account: { planKey: 'plan109' }, subscriptions: [{ status: 'ACTIVE', unmapped: false }] },
      last: { plan: { key: 'plan109' }, access: { allowed: true } },
      history: expect.arrayContaining([told('stripe', 'The plan changed from Free to plan109.')]),
    });
  });

  it('is read to its end at the next start, page by page, and all of it is sold', async () => {
    breaks.list = false;
    await world.restartGateway();

    expect(logged('info')).toMatchObject([{ fields: { products: 115, cutShort: null } }]);
    expect(Object.keys(await problems()).sort()).toEqual(['prod_bad', UNREADABLE]);
    expect((await plans()).filter(({ archived }) => !archived)).toHaveLength(113);
    const story = await buyers.begin('second');
    await buyers.pay((await buyers.open(story)).session);
    expect(await story.chapter()).toMatchObject({
      charged: [{ lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
      stored: { account: { planKey: 'team' }, subscriptions: [{ status: 'ACTIVE' }] },
      last: { plan: { key: 'team' } },
      history: expect.arrayContaining([told('stripe', 'The plan changed from Free to Team.')]),
    });
  });

  it('loses nothing when a later reading breaks off: nothing is archived, and nobody notices but who asked', async () => {
    const story = await buyers.begin('second');
    breaks.list = true;
    const { code, err, report } = await sync();

    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('This page is torn.') });
    expect(report).toMatchObject({ cutShort: 'This page is torn.' });
    expect((await plans()).filter(({ archived }) => !archived)).toHaveLength(113);
    expect(await story.chapter()).toMatchObject({ ...NOTHING, stored: { account: { planKey: 'team' } } });
    await world.advance({ by: 'P1M' });
    await world.advance({ by: 'PT2H' });
    expect(await story.chapter()).toMatchObject({ charged: [{ paid: 2_000 }], last: { plan: { key: 'team' } } });
  });

  it('is reported product by product with what is wrong, until each is right', async () => {
    breaks.list = false;
    const broken = await sync();
    breaks.product = false;
    await stripeAt(world.sandbox.url).products.update('prod_bad', { metadata: { tier: '5' } });
    const whole = await sync();

    expect(broken).toMatchObject({ code: 1, report: { products: 115, cutShort: null, waiting: [] } });
    expect(broken.report.problems).toHaveLength(2);
    expect(broken.report.problems).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ objectId: 'prod_bad', field: 'tier', warning: false }),
        expect.objectContaining({ objectId: UNREADABLE, field: null, reason: 'This product is locked.' }),
      ]),
    );
    expect(whole).toMatchObject({ code: 0, report: { products: 115, problems: [], waiting: [], cutShort: null } });
    expect(await problems()).toEqual({});
    expect(await plans()).toHaveLength(115);
  });
});

/** A hundred and ten plans, of which the last has a price, one that is badly described, and one more. */
async function sell112More(url: string): Promise<void> {
  const { products, prices } = stripeAt(url);
  const plan = (key: string, tier: string) =>
    products.create({ id: `prod_${key}`, name: key, metadata: { ...OURS, plan_id: key, tier } });
  for (let count = 0; count < 110; count++) await plan(`plan${String(count).padStart(3, '0')}`, '5');
  const monthly = { currency: 'usd', unit_amount: 700, recurring: { interval: 'month' as const } };
  await prices.create({ product: 'prod_plan109', lookup_key: 'plan109_month', ...monthly });
  await plan('bad', 'x');
  await plan('unreadable', '5');
}
