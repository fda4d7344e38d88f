import { createSync } from '../../src/sync/sync.js';
import {
  aCustomerAtStripe,
  ACCOUNT,
  aSubscriptionAtStripe,
  type Bench,
  eventsAtStripe,
  madeEvent,
  startBench,
} from '../support/bench.js';

const PARKED = [0, 1_000, 5_000, 30_000, 120_000, 600_000];

describe('what stands in the way of an event', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.stop());

  const states = async () => {
    const rows = await bench.database.read.rows<{ type: string; state: string }>(
      'SELECT type, state FROM stripe_events ORDER BY type',
    );
    return rows.map(({ type, state }) => `${type} ${state}`);
  };
  const ofCustomers = async () =>
    (await eventsAtStripe(bench)).filter(({ type }) => !/^(product|price|plan)\./.test(type));

  it('is its own: what cannot be written dies alone, its customer goes on, and others never wait', async () => {
    const poisoned = await aCustomerAtStripe(bench);
    const { id } = await aSubscriptionAtStripe(bench, poisoned.id);
    await bench.stripe.customers.update(poisoned.id, { name: 'Acme' });
    const other = await bench.stripe.customers.create({});
    await bench.database.run(
      `CREATE TRIGGER poison BEFORE INSERT ON subscriptions WHEN NEW.id = '${id}' BEGIN SELECT RAISE(ABORT, 'poison'); END`,
    );
    const sync = createSync(bench.needs, { policy: { graceDays: 7 }, announce() {} });
    sync.start();
    await bench.deliver(...(await ofCustomers()));
    await sync.idle();
    expect(await bench.row('SELECT COUNT(*) AS seen FROM stripe_customers WHERE id = ?', other.id)).toEqual({
      seen: 1,
    });

    for (let round = 0; round < 8; round++) {
      bench.time.advance(10_000);
      await sync.idle();
    }

    expect(await bench.row('SELECT name FROM accounts WHERE id = ?', ACCOUNT)).toEqual({ name: 'Acme' });
    const mine = await bench.database.read.rows<{ type: string; state: string; error: string | null }>(
      "SELECT type, state, error FROM stripe_events WHERE subject = ? AND state <> 'ignored'",
      [poisoned.id],
    );
    for (const { type, state, error } of mine) {
      const names = type.startsWith('customer.subscription') || /^invoice\.(paid|finalized|payment_)/.test(type);
      expect([type, state]).toEqual([type, names ? 'dead' : 'done']);
      if (names) expect(error).toContain('poison');
    }
    await bench.database.run('DROP TRIGGER poison');
    await bench.database.run(
      "UPDATE stripe_events SET state = 'pending', attempts = 0, pending_at = 0 WHERE state = 'dead'",
    );
    await bench.ask(poisoned.id);
    await sync.idle();
    expect((await states()).filter((state) => state.endsWith('dead'))).toEqual([]);
    expect(await bench.row('SELECT status FROM subscriptions')).toEqual({ status: 'ACTIVE' });
    await sync.stop();
  });

  it('costs no try while Stripe has too much to do', async () => {
    const customer = await aCustomerAtStripe(bench);
    const [event] = await ofCustomers();
    bench.proxy.instead = () => ({ status: 429, body: { error: { message: 'slow down' } } });
    await bench.deliver(event as object);
    for (let round = 0; round < 3; round++) {
      await bench.drain();
      bench.time.advance(5_000);
    }
    expect(await bench.event(String(event?.id))).toMatchObject({ state: 'pending', attempts: 0 });
    expect(await bench.row('SELECT attempts FROM subjects WHERE subject = ?', customer.id)).toEqual({ attempts: 0 });

    bench.proxy.instead = () => undefined;
    await bench.drain();

    expect(await bench.event(String(event?.id))).toMatchObject({ state: 'done', error: null });
  });

  it('ends when its customer is linked: what was unmatched is looked at once more', async () => {
    const customer = await bench.stripe.customers.create({ name: 'Nobody yet' });
    const subscription = await aSubscriptionAtStripe(bench, customer.id).catch(() => null);
    expect(subscription).toBeNull();
    await bench.stripe.customers.update(customer.id, { phone: '1' });
    await bench.deliver(...(await ofCustomers()));
    for (const wait of PARKED) {
      bench.time.advance(wait);
      await bench.drain();
    }
    expect(new Set(await states())).toEqual(new Set(['customer.created unmatched', 'customer.updated unmatched']));

    await bench.stripe.customers.update(customer.id, { metadata: { account_id: ACCOUNT } });
    await bench.ask(customer.id);
    await bench.drain();

    expect(new Set(await states())).toEqual(new Set(['customer.created done', 'customer.updated done']));
    expect(await bench.row('SELECT name FROM accounts WHERE id = ?', ACCOUNT)).toEqual({ name: 'Nobody yet' });
  });

  it('is no doubt about an event that a later one, applied before it, explains', async () => {
    const customer = await aCustomerAtStripe(bench);
    const { id } = await aSubscriptionAtStripe(bench, customer.id);
    for (const cancel of [true, false, true]) {
      await bench.sandbox.advance({ by: 'PT2S' });
      await bench.stripe.subscriptions.update(id, { cancel_at_period_end: cancel });
    }
    const flips = (await ofCustomers()).filter(({ type }) => type === 'customer.subscription.updated').slice(-3);
    await bench.deliver(...(await ofCustomers()).filter(({ id }) => id !== flips[1]?.id));
    await bench.drain();

    await bench.deliver(flips[1] as object);
    await bench.drain();

    expect(await bench.event(String(flips[1]?.id))).toMatchObject({ state: 'done', attempts: 0 });
    expect(await bench.row('SELECT late_by FROM stripe_events WHERE id = ?', flips[1]?.id)).toMatchObject({
      late_by: expect.any(Number),
    });
  });

  it('is remembered for events that were applied behind a later one', async () => {
    const customer = await aCustomerAtStripe(bench);
    const about = { object: 'customer', id: customer.id };
    const [late, newer] = [1_800_000_000, 1_800_000_007].map((created) =>
      madeEvent('customer.updated', about, { created }),
    );
    await bench.deliver(newer as object);
    await bench.drain();
    await bench.deliver(late as object);
    await bench.drain();

    const lateBy = (id: unknown) => bench.row('SELECT late_by FROM stripe_events WHERE id = ?', id);
    expect(await lateBy(newer?.id)).toEqual({ late_by: null });
    expect(await lateBy(late?.id)).toEqual({ late_by: 7 });
  });
});
