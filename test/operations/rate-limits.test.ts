import { createHmac } from 'node:crypto';
import { CloseCode, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { Role } from '../../src/auth/roles.js';
import { createClientAddress } from '../../src/http/client-address.js';
import { CHECKOUT, payCheckout } from '../support/story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const SECRET = 'whsec_of_this_test';

async function withWorld(settings: Record<string, string>, work: (world: World) => Promise<void>): Promise<void> {
  const world = await startWorld(settings);
  try {
    await work(world);
  } finally {
    await world.stop();
  }
}

const post = (world: World, query: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${world.gateway.port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });

function deliver(world: World, secret: string, id = 'evt_1'): Promise<Response> {
  const event = { id, object: 'event', type: 'customer.updated', created: 1_800_000_000, livemode: false };
  const body = JSON.stringify({ ...event, data: { object: { id: 'cus_nobody', object: 'customer' } } });
  const t = Math.floor(Date.now() / 1000);
  const v1 = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
  const headers = { 'stripe-signature': `t=${t},v1=${v1}` };
  return fetch(`http://127.0.0.1:${world.gateway.port}/webhooks/stripe`, { method: 'POST', headers, body });
}

describe('the limits of checkouts', () => {
  it('let an account begin so many in a minute, aliases counted, and another account go on', async () => {
    await withWorld({ CHECKOUTS_PER_MINUTE: '3' }, async (world) => {
      const aliases = Array.from(
        { length: 5 },
        (_, at) =>
          `c${at}: createCheckoutSession(input: { plan: "${at % 2 ? 'team' : 'business'}", interval: MONTH }) { userErrors { code } }`,
      );
      const { errors = [] } = await world.as('acme').ask(`mutation { ${aliases.join(' ')} }`);

      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['RATE_LIMITED']);
      expect(errors[0]?.extensions).toMatchObject({ retryable: true, retryAfterMs: expect.any(Number) });
      expect((await world.as('globex').ask(CHECKOUT, { plan: 'team' })).errors).toBeUndefined();
    });
  });

  it('do not count what never began: a plan that is not sold, an address that is not allowed', async () => {
    await withWorld({ CHECKOUTS_PER_MINUTE: '1' }, async (world) => {
      const acme = world.as('acme');
      for (let typing = 0; typing < 3; typing++) await acme.ask(CHECKOUT, { plan: 'none' });

      const { data } = await acme.ask(CHECKOUT, { plan: 'team' });

      expect(data.createCheckoutSession.session.id).toMatch(/^cs_/);
    });
  });

  it('count what is begun for the account that is chosen, by whom may, and say in a header when to come again', async () => {
    await withWorld({ CHECKOUTS_PER_MINUTE: '2' }, async (world) => {
      const both = { accounts: ['acme', 'globex'], roles: [Role.BILLING_ADMIN], subject: 'two-hats' };
      const globex = world.holding(both, 'globex');
      const ended = async (person: Person, plan = 'team') =>
        (await person.ask(CHECKOUT, { plan })).errors?.[0]?.extensions.code ?? 'OPEN';

      const clicks = [await ended(globex), await ended(globex), await ended(globex), await ended(globex, 'business')];
      expect(clicks).toEqual(['OPEN', 'OPEN', 'OPEN', 'OPEN']);
      expect(await ended(globex)).toBe('RATE_LIMITED');
      expect(await ended(globex, 'business')).toBe('OPEN');
      expect(await ended(world.as('globex', Role.MEMBER))).toBe('FORBIDDEN');
      expect(await ended(world.holding(both))).toBe('OPEN');

      const mutation =
        'mutation { createCheckoutSession(input: { plan: "team", interval: MONTH }) { session { id } } }';
      const refused = await post(world, mutation, await world.as('globex').authorization());
      expect(refused.status).toBe(200);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    });
  });

  it('hand back what is open already, however often it is clicked and at once, and still begin nothing new', async () => {
    await withWorld({ CHECKOUTS_PER_MINUTE: '1' }, async (world) => {
      const acme = world.as('acme');
      const click = async (plan = 'team') => {
        const { data, errors } = await acme.ask(CHECKOUT, { plan });
        return errors?.[0]?.extensions.code ?? String(data.createCheckoutSession.session?.id);
      };

      const atOnce = await Promise.all([click(), click(), click()]);
      const [session = ''] = atOnce;
      expect(session).toMatch(/^cs_/);
      expect([...atOnce, await click()]).toEqual(Array.from({ length: 4 }, () => session));
      expect(await click('business')).toBe('RATE_LIMITED');
      expect(await click()).toBe(session);

      await payCheckout(world.sandbox, session);
      await world.settled();
      expect(await click()).toBe('RATE_LIMITED');
    });
  });

  it('let an address begin so many in a minute, whatever accounts it names', async () => {
    await withWorld({ CHECKOUTS_PER_MINUTE_AND_ADDRESS: '2' }, async (world) => {
      for (const account of ['one', 'two'])
        expect((await world.as(account).ask(CHECKOUT, { plan: 'team' })).errors).toBeUndefined();

      const { errors } = await world.as('three').ask(CHECKOUT, { plan: 'team' });
      expect(errors?.[0]?.extensions.code).toBe('RATE_LIMITED');
    });
  });
});

describe('the limit of requests', () => {
  it('holds for one person over HTTP and sockets together, and for nobody else', async () => {
    await withWorld({ REQUESTS_PER_MINUTE: '3' }, async (world) => {
      const acme = world.as('acme');
      expect(
        (await acme.ask('{ a: viewer { subject } b: viewer { subject } c: viewer { subject } }')).errors,
      ).toBeUndefined();

      expect((await acme.ask('{ viewer { subject } }')).errors?.[0]?.extensions.code).toBe('RATE_LIMITED');
      await expect(acme.watch('subscription { accountUpdated { revision } }').until(() => true)).rejects.toThrow(
        'RATE_LIMITED',
      );
      expect((await world.as('globex').ask('{ viewer { subject } }')).errors).toBeUndefined();
    });
  });

  it('says by status and header when to come again', async () => {
    await withWorld({ REQUESTS_PER_MINUTE: '1' }, async (world) => {
      await post(world, '{ plans { key } }');
      const refused = await post(world, '{ plans { key } }');

      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    });
  });

  it('believes X-Forwarded-For of trusted proxies alone', async () => {
    await withWorld({ REQUESTS_PER_MINUTE: '1' }, async (world) => {
      expect((await post(world, '{ plans { key } }', { 'x-forwarded-for': '198.51.100.1' })).status).toBe(200);
      expect((await post(world, '{ plans { key } }', { 'x-forwarded-for': '198.51.100.2' })).status).toBe(429);
    });
    await withWorld({ REQUESTS_PER_MINUTE: '1', TRUSTED_PROXIES: '127.0.0.0/8' }, async (world) => {
      expect((await post(world, '{ plans { key } }', { 'x-forwarded-for': '198.51.100.1' })).status).toBe(200);
      expect((await post(world, '{ plans { key } }', { 'x-forwarded-for': '198.51.100.2' })).status).toBe(200);
      expect((await post(world, '{ plans { key } }', { 'x-forwarded-for': '203.0.113.9, 198.51.100.2' })).status).toBe(
        429,
      );
    });
  });
});

describe('the webhook route', () => {
  it('grows deaf to bad signatures, never to a good one from the same address', async () => {
    await withWorld({ STRIPE_WEBHOOK_SECRETS: SECRET }, async (world) => {
      const bad = await Promise.all(
        Array.from({ length: 100 }, async () => (await deliver(world, 'whsec_wrong')).status),
      );
      expect(bad.filter((status) => status === 400)).toHaveLength(60);
      expect(bad.filter((status) => status === 429)).toHaveLength(40);

      for (let at = 0; at < 100; at++) expect((await deliver(world, SECRET, `evt_${at}`)).status).toBe(200);
    });
  });
});

describe('sockets', () => {
  it('are twenty a person, and another may come when one has gone', async () => {
    await withWorld({}, async (world) => {
      const authorization = await world.as('acme').authorization();
      const open = () =>
        new Promise<{ code: number | null; client: ReturnType<typeof createClient> }>((resolve) => {
          const client = createClient({
            url: `ws://127.0.0.1:${world.gateway.port}/graphql`,
            webSocketImpl: WebSocket,
            lazy: false,
            retryAttempts: 0,
            connectionParams: authorization,
            onNonLazyError: () => {},
            on: {
              connected: () => resolve({ code: null, client }),
              closed: (event) => resolve({ code: (event as { code: number }).code, client }),
            },
          });
        });
      const first = await Promise.all(Array.from({ length: 20 }, open));
      expect(first.map(({ code }) => code)).toEqual(Array.from({ length: 20 }, () => null));
      expect((await open()).code).toBe(CloseCode.TooManyInitialisationRequests);

      await first[0]?.client.dispose();
      let again = await open();
      while (again.code !== null) again = await open();
      await Promise.all([...first, again].map(async ({ client }) => client.dispose()));
    });
  });
});

describe('the address of a client', () => {
  const request = (remoteAddress: string, forwarded?: string) =>
    ({ headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress } }) as never;

  it.each([
    ['its own, whatever it claims', [], '203.0.113.1', '198.51.100.1', '203.0.113.1'],
    ['what the trusted proxy says', ['10.0.0.0/8'], '10.1.2.3', '198.51.100.1', '198.51.100.1'],
    [
      'the last that is no proxy, not what the client wrote before it',
      ['10.0.0.0/8'],
      '10.1.2.3',
      '1.2.3.4, 198.51.100.1, 10.9.9.9',
      '198.51.100.1',
    ],
    ['the proxy itself when it says nothing readable', ['10.0.0.0/8'], '10.1.2.3', 'unknown, _hidden', '10.1.2.3'],
    ['the same over an IPv6 socket', ['10.0.0.0/8'], '::ffff:10.1.2.3', '::ffff:198.51.100.1', '198.51.100.1'],
    ['an IPv6 one', ['fd00::/8'], 'fd00::1', '2001:db8::7', '2001:db8::7'],
  ])('is %s', (_what, trusted, peer, forwarded, expected) => {
    expect(createClientAddress(trusted)(request(peer, forwarded))).toBe(expected);
  });
});
