import { ask } from '../../src/sync/queue.js';
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
});
