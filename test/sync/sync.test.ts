import { ask, FORGOTTEN_AT_ONCE } from '../../src/sync/queue.js';
import { NotAsked } from '../../src/stripe/unanswered.js';
import { createSync, type Sync } from '../../src/sync/sync.js';
import { systemTimers } from '../../src/clock/system-clock.js';
import {
  aCustomerAtStripe,
  ACCOUNT,
  aSubscriptionAtStripe,
  type Bench,
  eventsAtStripe,
  madeEvent,
  startBench,
} from '../support/bench.js';
import { eventually } from '../support/eventually.js';

describe('the sync', () => {
  let bench: Bench;
  let sync: Sync;
  beforeEach(async () => {
    bench = await startBench();
    sync = made();
  });
  afterEach(async () => {
    await sync.stop();
    await bench.stop();
  });

  const made = (differs: object = {}) =>
    createSync(
      { ...bench.needs, ...differs },
      { policy: { graceDays: 7 }, announce: (hint) => bench.hints.push(hint) },
    );
  /** Its own timers, so that it works by itself. */
  const started = () => {
    sync = made({ timers: systemTimers });
    sync.start();
    return sync;
  };
  const question = (subject: string) =>
    bench.database.transaction((transaction) =>
      ask(transaction, bench.database.dialect, subject, bench.time.wall.now()),
    );
  const planKey = async () =>
    (await bench.row<{ plan_key: string }>('SELECT plan_key FROM accounts WHERE id = ?', ACCOUNT)).plan_key;

  it('answers a question with a round that began after it', async () => {
    const customer = await aCustomerAtStripe(bench);
    await aSubscriptionAtStripe(bench, customer.id);
    await sync.refreshNow('catalogue:prod_sample_team', await question('catalogue:prod_sample_team'));
    const asked = await question(customer.id);

    expect(await sync.refreshNow(customer.id, asked)).toBe(true);
    expect(await planKey()).toBe('team');
  });

  it('does not look again for a question that was answered', async () => {
    const customer = await aCustomerAtStripe(bench);
    const asked = await question(customer.id);
    await sync.refreshNow(customer.id, asked);
    bench.proxy.calls.length = 0;

    expect(await sync.refreshNow(customer.id, asked)).toBe(true);
    expect(bench.proxy.calls).toEqual([]);
  });

  it('waits for the round of another worker', async () => {
    const customer = await aCustomerAtStripe(bench);
    const asked = await question(customer.id);
    const round = await bench.claim();
    const waiting = sync.refreshNow(customer.id, asked);
    await bench.time.waitingFor(20);
    if (round) await bench.look(round);
    bench.time.advance(20);

    expect(await waiting).toBe(true);
  });

  it('gives up after two seconds while another worker holds the subject', async () => {
    const asked = await question('cus_1');
    await bench.claim();
    const waiting = sync.refreshNow('cus_1', asked);
    for (let polls = 0; polls < 100; polls++) {
      await bench.time.waitingFor(20);
      bench.time.advance(20);
    }

    expect(await waiting).toBe(false);
  });

  it('gives up after two seconds while Stripe does not answer, and goes on looking', async () => {
    const customer = await aCustomerAtStripe(bench);
    bench.proxy.instead = () => 'hang';
    const waiting = sync.refreshNow(customer.id, await question(customer.id));
    await bench.time.waitingFor(8_000);
    bench.time.advance(2_000);

    expect(await waiting).toBe(false);
    bench.time.advance(6_000);
  });

  it('works off what it is told of, until nothing is due', async () => {
    const customer = await aCustomerAtStripe(bench);
    await aSubscriptionAtStripe(bench, customer.id);
    await bench.deliver(...(await eventsAtStripe(bench)));
    started().knock(customer.id);
    await sync.idle();

    expect(await planKey()).toBe('team');
    expect(await bench.database.read.rows("SELECT id FROM stripe_events WHERE state = 'pending'")).toEqual([]);
  });

  it('finds at its start what was stored before a crash and never asked about', async () => {
    const customer = await aCustomerAtStripe(bench);
    const event = madeEvent('customer.updated', { object: 'customer', id: customer.id });
    await bench.deliver(event);
    await bench.database.run('DELETE FROM subjects');
    started();
    await sync.idle();

    expect((await bench.event(event.id)).state).toBe('done');
  });

  it('lets everybody else have a turn after each round, also while Stripe is left alone and nothing is waited for', async () => {
    const notAsked: unknown = new Proxy(() => undefined, {
      get: (_target, name) => (name === 'then' ? undefined : notAsked),
      apply: () => Promise.reject(new NotAsked('breaker', 1_000)),
    });
    await bench.ask(...Array.from({ length: 200 }, (_subject, n) => `cus_${n}`));
    const taken = () => bench.row<{ taken: number }>('SELECT COUNT(*) AS taken FROM subjects WHERE fence > 0');
    sync = made({ stripe: notAsked, timers: systemTimers });
    sync.start();
    const steps: number[] = [];
    for (let [before, now] = [0, 0]; now < 200; before = now) {
      await new Promise((resolve) => setImmediate(resolve));
      now = (await taken()).taken;
      steps.push(now - before);
    }

    expect(Math.max(...steps)).toBeLessThan(20);
  });

  it('asks about all that was forgotten, however much, before it has looked at the first of it', async () => {
    let answer = () => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    bench.proxy.instead = () => held.then(() => undefined);
    const count = FORGOTTEN_AT_ONCE + 100;
    const columns = 'id type created livemode subject body received_at state attempts pending_at'.split(' ');
    const rows = Array.from({ length: count }, (_event, n) => [
      ...[`evt_${n}`, 'customer.updated', 1, 0, `cus_${n}`, Buffer.from('{}')],
      ...[bench.time.wall.now(), 'pending', 0, 0],
    ]);
    for (let from = 0; from < count; from += 50)
      await bench.database.insertIfAbsent('stripe_events', columns, rows.slice(from, from + 50));
    started();
    const asked = () => bench.row<{ asked: number }>('SELECT COUNT(*) AS asked FROM subjects WHERE due_at IS NOT NULL');

    await eventually(asked, (found) => found.asked === count);
    answer();
  });
});
