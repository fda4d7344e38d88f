import { STRIPE_API_VERSION } from '../../src/stripe/client.js';
import { createInbox } from '../../src/webhooks/inbox.js';
import { type Commands, startCommands } from '../support/plans-file-commands.js';
import { startWorld, type World } from '../support/world.js';

const ADDRESS = 'http://127.0.0.1:9';

interface Line {
  name: string;
  state: 'fine' | 'warning' | 'failed';
  detail: string;
  remedy: string | null;
}

describe('billing doctor', () => {
  let world: World;
  let commands: Commands;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());
  beforeEach(() => {
    commands = startCommands(world, {
      PUBLIC_URL: ADDRESS,
      BILLING_CLOCK_URL: `${world.sandbox.url}/_sandbox/clock`,
    });
  });
  afterEach(() => commands.stop());

  async function doctor() {
    const { code, out, err } = await commands.run('doctor', '--json');
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    return { code, err, lines, of: (name: string) => lines.find((line) => line.name === name) };
  }
  const bad = (lines: Line[]) => lines.filter(({ state }) => state !== 'fine').map(({ name }) => name);

  it('says what to do until Stripe delivers, and then that all is well', async () => {
    const before = await doctor();
    expect(before).toMatchObject({ code: 3, err: expect.stringContaining('1 of 8 checks failed') });
    expect(before.of('webhook endpoint')?.remedy).toContain('`billing webhooks provision`');

    const { secret } = JSON.parse((await commands.run('webhooks', 'provision', '--json')).out) as { secret: string };
    const without = await doctor();
    expect(without.code).toBe(2);
    expect(without.of('webhook secret')?.remedy).toContain('does not hold the secret');

    process.env.STRIPE_WEBHOOK_SECRETS = secret;
    const after = await doctor();
    expect(after).toMatchObject({ code: 0, err: '' });
    expect(bad(after.lines)).toEqual([]);
    expect(after.lines.map(({ name }) => name)).toEqual([
      'keys',
      'addresses',
      'stripe',
      'clock',
      'webhook endpoint',
      'webhook secret',
      'database',
      'catalogue',
      'deliveries',
    ]);
    const { out } = await commands.run('doctor');
    expect(out.match(/ok {4}/g)).toHaveLength(9);
    expect(out).not.toContain(secret);

    await world.advance({ by: 'P181D' });
    const old = await doctor();
    expect([old.code, bad(old.lines)]).toEqual([0, ['webhook secret']]);
    expect(old.of('webhook secret')?.remedy).toContain('`billing webhooks rotate`');
  });

  it('tells of an endpoint that is not pinned to the version which is read', async () => {
    const { stripe } = world.gateway.parts;
    for (const { id, url } of (await stripe.webhookEndpoints.list({ limit: 100 })).data)
      if (url.startsWith(ADDRESS)) await stripe.webhookEndpoints.del(id);
    await stripe.webhookEndpoints.create({
      ...{ url: `${ADDRESS}/webhooks/stripe`, enabled_events: ['invoice.paid'], api_version: '2025-03-31.basil' },
    });

    const { code, of } = await doctor();
    expect(code).toBe(3);
    expect(of('webhook endpoint')?.remedy).toMatch(new RegExp(`basil.*${STRIPE_API_VERSION}.*billing webhooks rotate`));
  });

  it('counts what was not delivered on the last day, but nothing that is older than the endpoint', async () => {
    const { database, timers, wall } = world.gateway.parts;
    const inbox = createInbox(database, timers);
    for (const [n, created] of [2_000_000_000, 2_000_000_000, 2_000_000_000, 1_700_000_000].entries())
      await inbox.store({
        ...{ id: `evt_listed_${n}`, type: 'charge.failed', created, apiVersion: null, livemode: false },
        ...{ subject: 'cus_1', requestKey: null, body: Buffer.from('{}'), receivedAt: wall.now(), state: 'ignored' },
        source: 'list',
      });

    const { of } = await doctor();
    expect(of('deliveries')).toMatchObject({ state: 'warning', remedy: expect.stringContaining("Stripe's dashboard") });
    expect(of('deliveries')?.remedy).toContain('0 of 3 events');
    expect(of('webhook secret')).toMatchObject({ state: 'warning', remedy: expect.stringContaining('rolled') });
  });

  it('goes on where Stripe, the database and Redis are out of reach, and makes no file', async () => {
    Object.assign(process.env, {
      STRIPE_API_BASE: 'http://127.0.0.1:9',
      BILLING_CLOCK_URL: '',
      REDIS_URL: 'redis://127.0.0.1:9',
    });
    Object.assign(process.env, {
      DATABASE_URL: `file:${commands.folder}/none.db`,
      STRIPE_PUBLISHABLE_KEY: 'pk_live_1',
    });

    const { code, lines, of } = await doctor();
    expect([code, bad(lines)]).toEqual([2, ['keys', 'stripe', 'database', 'redis']]);
    expect(of('database')?.remedy).toContain('billing migrate');
    expect(of('stripe')?.remedy).toBe(
      'could not be checked: Stripe does not answer at 127.0.0.1:9 (ECONNREFUSED). Start the sandbox, correct STRIPE_API_BASE, or try again in a moment.',
    );
    delete process.env.STRIPE_PUBLISHABLE_KEY;
    expect((await doctor()).code).toBe(4);
  });

  it('is told of every wrong setting at once', async () => {
    process.env.PORT = 'none';

    expect(await commands.run('doctor')).toMatchObject({ code: 2, err: expect.stringContaining('PORT') });
  });
});
