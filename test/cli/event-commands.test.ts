import type Stripe from 'stripe';
import { runProgram } from '../../src/cli/program.js';
import { createDeliverer } from '../support/deliver.js';
import { CHECKOUT, payCheckout } from '../support/story.js';
import { startWorld, type World } from '../support/world.js';

const before = { ...process.env };

describe('billing events', () => {
  let world: World;
  let output: { out: string; err: string };
  let events: Stripe.Event[];
  beforeAll(async () => {
    world = await startWorld();
    const { data } = await world.as('acme').ask(CHECKOUT, { plan: 'team' });
    await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
    await world.settled();
    events = (await world.gateway.parts.stripe.events.list({ limit: 100 })).data;
  });
  afterAll(() => world.stop());
  beforeEach(() => {
    Object.assign(process.env, {
      NODE_ENV: 'test',
      DATABASE_URL: world.config.databaseUrl,
      STRIPE_SECRET_KEY: 'sk_test_journey',
      STRIPE_API_BASE: world.sandbox.url,
      BILLING_CLOCK_URL: `${world.sandbox.url}/_sandbox/clock`,
    });
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((output.out += String(text)), true));
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((output.err += String(text)), true));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.env = { ...before };
  });

  const run = async (...words: string[]) => {
    output = { out: '', err: '' };
    const code = await runProgram(['node', 'billing', 'events', ...words]);
    return { code, ...output };
  };
  const json = async <Shape>(...words: string[]) =>
    (await run(...words, '--json')).out
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Shape);
  const eventOf = (type: string) => events.find((event) => event.type === type)?.id ?? `no ${type}`;
  const byHand = (action: string, reason: string) => ({
    ...{ action, reason, actor: expect.stringMatching(/^cli/) },
    at: expect.stringMatching(/^20\d\d-.*Z$/),
  });
  const stateOf = async (id: string) =>
    (
      await world.gateway.parts.database.read.rows<{ state: string; error: string | null }>(
        'SELECT state, error FROM stripe_events WHERE id = ?',
        [id],
      )
    )[0];

  it('lists by account, type and time, page by page, each event once', async () => {
    const all = await json<{ id: string; account: string }>('list', '--account', 'acme', '-n', '100');
    const pages: string[] = [];
    for (let after: string[] = []; ;) {
      const page = await json<{ id: string }>('list', '--account', 'acme', '-n', '3', ...after);
      pages.push(...page.map(({ id }) => id));
      if (page.length < 3) break;
      after = ['--after', String(page.at(-1)?.id)];
    }

    expect(all.length).toBeGreaterThan(5);
    expect(pages).toEqual(all.map(({ id }) => id));
    expect(await json('list', '--account', 'nobody')).toEqual([]);
    expect(await json('list', '--to', '1h')).toEqual([]);
    expect(await json('list', '--type', 'invoice.paid', '--from', '1h')).toMatchObject([{ type: 'invoice.paid' }]);
    expect((await run('list', '-n', '3')).out).toMatch(/3 of \d+; more with --after evt_\w+\n$/);
    expect(await run('list', '--after', 'evt_nowhere')).toMatchObject({ code: 1 });
    expect(await run('list', '--from', 'yesterday')).toMatchObject({ code: 2 });
    expect(await run('list', '--from', '1h', '--to', '2h')).toMatchObject({ code: 2 });
  });

  it('lists what was slow, and what was applied after something younger', async () => {
    const { database } = world.gateway.parts;
    const id = eventOf('customer.created');
    await database.run('UPDATE stripe_events SET finished_at = received_at + 6000 WHERE id = ?', [id]);
    const like = events.find((event) => event.id === id);
    const deliverer = createDeliverer(1, world.config.stripe.webhookSecrets[0]);
    const apply = async (event: string, created: number) => {
      expect(await deliverer.deliver(world.gateway.port, event, { ...like, id: event, created })).toBe(200);
      await world.settled();
    };
    await apply('evt_younger', 4_000_000_009);
    await apply('evt_older', 4_000_000_000);
    deliverer.close();
    const told = async () => {
      expect(await json('list', '--slow')).toMatchObject([{ id }]);
      expect(await json('list', '--out-of-order')).toMatchObject([{ id: 'evt_older' }]);
    };
    await told();

    // A replay a minute later makes nothing slow, or late, that was done in time.
    await database.run('UPDATE stripe_events SET received_at = received_at - 60000, finished_at = finished_at - 60000');
    const replayed = ['evt_younger', eventOf('customer.updated'), eventOf('invoice.paid')];
    expect(await run('replay', ...replayed, '--yes')).toMatchObject({ code: 0 });
    await world.settled();
    expect(await json('list', '--state', 'pending')).toEqual([]);
    await told();
  });

  it('shows what an event changed and brought, and nothing of the person', async () => {
    const id = eventOf('customer.subscription.updated').startsWith('evt')
      ? eventOf('customer.subscription.updated')
      : eventOf('customer.subscription.created');
    const shown = await run('show', id);
    const { payload } = JSON.parse((await run('show', eventOf('invoice.paid'), '--json')).out) as {
      payload: { data: { object: Record<string, unknown> } };
    };

    expect(shown.out).toMatch(/^state {5}done$/m);
    expect(shown.out).toMatch(/^account {3}acme$/m);
    expect(shown.out).toMatch(/^changes\n {2}(subscription|invoice|checkoutSession|account|plan) /m);
    expect(payload.data.object).toMatchObject({ object: 'invoice', hosted_invoice_url: '[hidden]' });
    expect(await run('show', 'evt_nowhere')).toMatchObject({ code: 1, err: expect.stringContaining('events replay') });
  });

  it('tells what a replay would change, writes nothing, and a replay then changes exactly that', async () => {
    const { database } = world.gateway.parts;
    await database.run("UPDATE subscriptions SET status = 'PAST_DUE', seats = 7");
    const paid = eventOf('invoice.paid');
    const before = await database.read.rows('SELECT * FROM subscriptions');
    const [foreseen] = await json<{ changes: { object: string; before: object; after: object }[]; ends: object[] }>(
      'replay',
      paid,
      '--dry-run',
    );

    expect(foreseen?.ends).toEqual([expect.objectContaining({ id: paid, state: 'done' })]);
    expect(foreseen?.changes).toContainEqual(
      expect.objectContaining({
        object: 'subscription',
        before: { status: 'PAST_DUE', seats: 7 },
        after: { status: 'ACTIVE', seats: 1 },
      }),
    );
    expect((await run('replay', paid, '--dry-run')).out).toContain('    status: PAST_DUE -> ACTIVE\n');
    expect(await database.read.rows('SELECT * FROM subscriptions')).toEqual(before);
    expect(await stateOf(paid)).toMatchObject({ state: 'done' });

    expect(await run('replay', paid)).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 event(s) are pending'),
    });
    await world.settled();
    expect(await database.read.rows('SELECT status, seats FROM subscriptions')).toEqual([
      { status: 'ACTIVE', seats: 1 },
    ]);
    const [again] = await json('replay', paid, '--dry-run');
    expect(again).toMatchObject({ changes: [] });
    expect(again).toHaveProperty('ends', [{ id: paid, state: 'done', error: null }]);
  });

  it('tells so of a product too', async () => {
    const { database } = world.gateway.parts;
    const id = eventOf('product.created');
    await run('replay', id);
    await world.settled();
    await database.run("UPDATE plans SET name = 'Bent' WHERE product_id IS NOT NULL");
    const before = await database.read.rows('SELECT * FROM plans');
    const foreseen = await json<{ changes: object[] }>('replay', id, '--dry-run');

    expect(foreseen[0]?.changes).toContainEqual(expect.objectContaining({ object: 'plan', before: { name: 'Bent' } }));
    expect(await database.read.rows('SELECT * FROM plans')).toEqual(before);
  });

  it('asks before it replays all that fit, and refuses to guess which', async () => {
    expect(await run('replay', '--state', 'done')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    expect(await run('replay')).toMatchObject({ code: 2 });
    expect(await run('replay', 'evt_1', '--state', 'done')).toMatchObject({ code: 2 });
    expect(await run('replay', '--state', 'done', '--account', 'acme', '--yes')).toMatchObject({ code: 0 });
    expect(await run('replay', '--account', 'nobody')).toMatchObject({
      code: 0,
      out: 'There are no such events; nothing was replayed.\n',
    });
    await world.settled();
    expect(await json('list', '--state', 'pending')).toEqual([]);
  });

  it('tells how many it replays, asks above ten ids, and logs which they were and the reason', async () => {
    const ids = [eventOf('invoice.paid'), eventOf('customer.created')];
    const many = Array.from({ length: 11 }, (_, at) => `evt_nowhere${at}`);
    const few = await run('replay', ...ids, '--reason', 'ann: a test');

    expect(few).toMatchObject({ code: 0, out: expect.stringContaining('Replays 2 event(s).\n') });
    expect(few.err).toContain('ann: a test');
    for (const id of ids) expect(few.err).toContain(id);
    for (const id of ids)
      expect(await json('show', id)).toMatchObject([
        { handled: expect.arrayContaining([byHand('replay', 'ann: a test')]) },
      ]);
    expect(await run('replay', ...many)).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    expect(await run('replay', ...many, '--yes')).toMatchObject({
      code: 1,
      err: expect.stringContaining('evt_nowhere0'),
    });
    await world.settled();
  });

  it('fetches from Stripe what the inbox lacks, and writes nothing when Stripe lacks it too', async () => {
    const { database } = world.gateway.parts;
    const id = eventOf('invoice.paid');
    await database.run('DELETE FROM stripe_events WHERE id = ?', [id]);
    expect(await run('replay', id, 'evt_nowhere')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('evt_nowhere'),
    });
    expect(await stateOf(id)).toBeUndefined();

    expect(JSON.parse((await run('replay', id, '--json')).out)).toEqual({ replayed: 1, fetched: 1 });
    await world.settled();
    expect(await stateOf(id)).toMatchObject({ state: 'done' });
  });

  it('discards what cannot be applied, with the reason, until it is replayed', async () => {
    const { database } = world.gateway.parts;
    const id = eventOf('invoice.paid');
    await database.run("UPDATE stripe_events SET state = 'dead' WHERE id = ?", [id]);
    expect(await run('discard', id, '--reason', 'a test')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--yes'),
    });
    expect(await run('discard', id)).toMatchObject({ code: 2 });
    for (const command of ['discard', 'replay'])
      expect(await run(command, id, '--reason', ' ', '--yes')).toMatchObject({
        code: 2,
        err: expect.stringContaining('A reason has 1 to 350 characters, found 0. Say in a sentence why'),
      });
    expect(await stateOf(id)).toMatchObject({ state: 'dead' });
    expect(await run('discard', id, '--reason', 'a test', '--yes')).toMatchObject({ code: 0 });
    expect(await stateOf(id)).toEqual({ state: 'discarded', error: 'a test' });
    expect((await run('show', id)).out).toMatch(/^by hand\n(.*\n)* {2}20\S+Z discard by cli\S*: a test$/m);

    await run('replay', id);
    await world.settled();
    expect(await stateOf(id)).toEqual({ state: 'done', error: null });
  });
});
