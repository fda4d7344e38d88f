import { eventually } from '../support/eventually.js';
import { type Proxy, startProxy } from '../support/proxy.js';
import { sellCode } from '../support/price-story.js';
import { redisAddress } from '../support/redis.js';
import { CHECKOUT, payCheckout } from '../support/story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const CODED = `mutation ($code: String!) {
  createCheckoutSession(input: { plan: "team", interval: MONTH, promotionCode: $code }) { session { id } userErrors { code } } }`;

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

const PLANS = ['team', 'business'];

const checkout = async (person: Person, plan = 'team') =>
  (await person.ask(CHECKOUT, { plan })).errors?.[0]?.extensions.code ?? 'begun';

describe('two gateways on one database and one Redis', () => {
  let proxy: Proxy;
  let world: World;
  let other: Awaited<ReturnType<World['startAnother']>>;
  beforeAll(async () => {
    proxy = await startProxy(redisAddress);
    world = await startWorld({
      REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
      CHECKOUTS_PER_MINUTE: '3',
      REQUESTS_PER_MINUTE: '10000',
    });
    other = await world.startAnother();
    for (const { port } of [world.gateway, other.gateway])
      await eventually(
        () => ready(port),
        ({ checks }) => checks.redis === 'ok',
      );
  });
  afterAll(async () => {
    await other.close();
    await world.stop();
    await proxy.close();
  });

  const ready = async (port = world.gateway.port) => {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
    const { checks } = (await response.json()) as { checks: Record<string, string> };
    return { status: response.status, checks };
  };

  it('count the checkouts of an account together', async () => {
    const [here, there] = [world.as('acme'), other.as('acme')];
    const answers = [];
    for (const person of [here, there]) for (const plan of PLANS) answers.push(await checkout(person, plan));

    expect(answers).toEqual(['begun', 'begun', 'begun', 'RATE_LIMITED']);
    expect(await checkout(here, 'business')).toBe('RATE_LIMITED');
    expect(await checkout(other.as('globex'))).toBe('begun');
  });

  it('hand the page that one of them is opening at the limit to who clicks twice, and nobody else', async () => {
    const [here, there] = [world.as('umbra'), other.as('umbra')];
    for (const plan of PLANS) await checkout(here, plan);
    await sellCode(world, 'TWICE', 'once');
    const click = async (person: Person, code: string) => {
      const { data, errors } = await person.ask(CODED, { code });
      return errors?.[0]?.extensions.code ?? String(data.createCheckoutSession.session?.id);
    };
    // The first has been counted, and waits for Stripe before anything of it is stored.
    const { promotionCodes } = world.gateway.parts.stripe;
    const list = promotionCodes.list.bind(promotionCodes);
    const [asked, gate] = [deferred(), deferred()];
    const held = jest.spyOn(promotionCodes, 'list').mockImplementation(((...wanted: Parameters<typeof list>) => {
      asked.resolve();
      return gate.promise.then(() => list(...wanted));
    }) as typeof list);
    const first = click(here, 'TWICE');
    await asked.promise;
    const sleep = other.gateway.parts.timers.sleep.bind(other.gateway.parts.timers);
    const slept = deferred();
    const waits = jest.spyOn(other.gateway.parts.timers, 'sleep').mockImplementation((ms) => {
      slept.resolve();
      return sleep(ms);
    });
    const second = click(there, 'TWICE');
    expect(await Promise.race([second, slept.promise])).toBeUndefined();
    const third = await click(there, 'OTHER');
    gate.resolve();
    const [session] = await Promise.all([first, second]);
    waits.mockRestore();
    held.mockRestore();

    expect(session).toMatch(/^cs_/);
    expect(await second).toBe(session);
    expect(third).toBe('RATE_LIMITED');
  });

  it('show each other what either has handled', async () => {
    const stream = other.as('initech').watch('subscription { accountUpdated { account { plan { key } } } }');
    const { data } = await world.as('initech').ask(CHECKOUT, { plan: 'team' });
    await payCheckout(world.sandbox, data.createCheckoutSession.session.id);

    await stream.until((push) => push.accountUpdated.account.plan.key === 'team');
    stream.close();
  });

  it('say in their health whether Redis is there', async () => {
    expect(await ready()).toMatchObject({ status: 200, checks: { database: 'ok', redis: 'ok' } });
    expect(await world.gateway.checks()).toContainEqual(
      expect.objectContaining({ name: 'redis', detail: `redis://127.0.0.1:${proxy.port}` }),
    );
  });

  it('go on without it: queries, webhooks, live updates and limits work, and health tells', async () => {
    proxy.freeze();
    const umbrella = world.as('umbrella');
    const stream = other.as('umbrella').watch('subscription { accountUpdated { account { plan { key } } } }');
    const { data } = await umbrella.ask(CHECKOUT, { plan: 'team' });
    await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
    await stream.until((push) => push.accountUpdated.account.plan.key === 'team');
    stream.close();

    const answers = [];
    for (let at = 0; at < 4; at++) answers.push(await checkout(world.as('hooli'), PLANS[at % 2]));
    expect(answers).toEqual(['begun', 'begun', 'begun', 'RATE_LIMITED']);
    expect(await ready()).toMatchObject({ status: 200, checks: { redis: expect.stringContaining('does not answer') } });
    await world.restartGateway();
    expect((await world.as('umbrella').ask('{ viewer { subject } }')).errors).toBeUndefined();

    proxy.pass();
    await eventually(ready, ({ checks }) => checks.redis === 'ok');
  });
});
