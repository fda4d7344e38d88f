import { accountIdOf } from '../../src/accounts/account.js';
import { ensureAccount } from '../../src/accounts/ensure-account.js';
import { askAll } from '../../src/sync/queue.js';
import { replayEvents } from '../../src/webhooks/replay-events.js';
import { databaseKind } from '../support/database.js';
import { createDeliverer } from '../support/deliver.js';
import { eventually } from '../support/eventually.js';
import { startWorld, type World } from '../support/world.js';

/** `REAL_STREAM=10000 npx jest test/real/poison` delivers more events. */
const EVENTS = Number(process.env.REAL_STREAM ?? 300);
const CUSTOMERS = 20;
const SENDERS = 4;
/** One in a hundred. */
const POISON = EVENTS / 100;
/** Without poison, and beside it, are parts of so many events. */
const PART = 100;

interface Ended {
  id: string;
  state: string;
  error: string | null;
  lag: number | string | null;
}

const refuseRow = (id: string) =>
  databaseKind === 'mariadb'
    ? `CREATE TRIGGER poison BEFORE INSERT ON subscriptions FOR EACH ROW
       BEGIN IF NEW.id = '${id}' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'poison'; END IF; END`
    : `CREATE TRIGGER poison BEFORE INSERT ON subscriptions WHEN NEW.id = '${id}' BEGIN SELECT RAISE(ABORT, 'poison'); END`;

describe('a stream of events of which one in a hundred is poison', () => {
  let world: World;
  const deliverer = createDeliverer(SENDERS, 'whsec_stream');
  const customers: string[] = [];
  let subscription: string;
  beforeAll(async () => {
    world = await startWorld({ STRIPE_WEBHOOK_SECRETS: 'whsec_stream' });
    const { parts } = world.gateway;
    for (let at = 0; at <= CUSTOMERS; at++) {
      const { id: account } = await ensureAccount(parts, `tenant-${at}`);
      const { id } = await parts.stripe.customers.create({ metadata: { account_id: account } });
      customers.push(id);
    }
    await world.settled();
    const poisoned = customers[CUSTOMERS] ?? '';
    const card = await parts.stripe.paymentMethods.attach('pm_card_visa', { customer: poisoned });
    const price = (await parts.stripe.prices.list({ lookup_keys: ['team_month'] })).data[0]?.id;
    await parts.sync.stop();
    const made = { customer: poisoned, items: [{ price }], default_payment_method: card.id };
    subscription = (await parts.stripe.subscriptions.create(made)).id;
    await parts.database.run(refuseRow(subscription));
    await world.sandbox.idle();
    parts.sync.start();
    await world.settled();
  });
  afterAll(async () => {
    deliverer.close();
    await world.stop();
  });

  const deliver = async (id: string, object: object, type = 'customer.updated') =>
    expect(await deliverer.deliver(world.gateway.port, id, { type, data: { object } })).toBe(200);
  const poisons = [
    (id: string) => deliver(id, { object: 'invoice', customer: customers[0] }, 'invoice.paid'),
    (id: string) =>
      deliver(
        id,
        { object: 'subscription', id: subscription, customer: customers[CUSTOMERS] },
        'customer.subscription.updated',
      ),
    (id: string) => deliver(id, { object: 'customer', id: 'cus_gone' }),
  ];
  /** A part of the stream, from one event to another, and waits for its end. */
  async function stream(name: string, from: number, to: number): Promise<void> {
    let next = from;
    const sender = async () => {
      for (let at = next++; at < to; at = next++) {
        await deliver(`evt_${name}${at}`, { object: 'customer', id: customers[at % CUSTOMERS] });
        if (at % 100 === 50 && name === 'beside')
          await poisons[Math.floor(at / 100) % poisons.length]?.(`evt_poison${at}`);
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    await finished(name);
  }
  const ends = (name: string) =>
    world.gateway.parts.database.read.rows<Ended>(
      'SELECT id, state, error, finished_at - received_at AS lag FROM stripe_events WHERE id LIKE ? ORDER BY received_at',
      [`evt_${name}%`],
    );
  const finished = (name: string) =>
    eventually(
      () => ends(name),
      (rows) => rows.every(({ state }) => state === 'done'),
    );
  const p99 = (rows: readonly Ended[]) =>
    rows.map(({ lag }) => Number(lag)).sort((one, other) => one - other)[Math.floor(rows.length * 0.99)];
  /** Until nothing waits any more, without the waiting. */
  async function waitedOut(): Promise<void> {
    const { database } = world.gateway.parts;
    for (let round = 0; round < 20; round++) {
      const rows = await database.read.rows<{ subject: string }>(
        'SELECT DISTINCT subject FROM stripe_events WHERE pending_at IS NOT NULL',
      );
      if (rows.length === 0) return;
      await database.run('UPDATE stripe_events SET pending_at = 0 WHERE pending_at IS NOT NULL');
      await askAll(database, new Map(rows.map(({ subject }) => [subject, 'events'])));
      await world.gateway.parts.sync.idle();
    }
  }

  it(
    'holds up nobody else, ends as its cause says, and is repaired by a replay once the cause is gone',
    async () => {
      const { parts } = world.gateway;
      // Turn and turn about, so that what the machine does meanwhile and how much is stored is the same for both.
      for (let from = 0; from < EVENTS; from += PART)
        for (const name of from % (2 * PART) === 0 ? ['clean', 'beside'] : ['beside', 'clean'])
          await stream(name, from, Math.min(from + PART, EVENTS));
      const [clean, beside] = [await ends('clean'), await ends('beside')];
      await waitedOut();
      const poisoned = await ends('poison');
      process.stdout.write(
        `${databaseKind}: ${EVENTS} events of ${CUSTOMERS} customers, p99 of the lag ${p99(clean)} ms; ` +
          `beside ${poisoned.length} poisoned ones ${p99(beside)} ms\n`,
      );
      const [nameless, unwritable, unknown] = poisoned as [Ended, Ended, Ended];
      expect(poisoned).toHaveLength(POISON);
      expect(nameless).toMatchObject({ state: 'dead', error: expect.stringContaining('names nothing') });
      expect(unwritable).toMatchObject({ state: 'dead', error: expect.stringContaining('poison') });
      expect(unknown).toMatchObject({ state: 'unmatched' });

      await parts.database.run('DROP TRIGGER poison');
      await replayEvents(
        parts,
        await parts.database.read.rows("SELECT id, subject FROM stripe_events WHERE state = 'dead'"),
        {
          actor: 'test',
          reason: 'the trigger is gone',
        },
      );
      await parts.sync.idle();

      expect((await ends('poison')).map(({ state }) => state)).toEqual(
        poisoned.map(({ state, error }) => (error?.includes('poison') ? 'done' : state)),
      );
      const account = accountIdOf(`tenant-${CUSTOMERS}`);
      expect(await parts.database.read.rows('SELECT plan_key FROM accounts WHERE id = ?', [account])).toEqual([
        { plan_key: 'team' },
      ]);
      expect((await world.as('tenant-0').ask('{ viewer { subject } }')).errors).toBeUndefined();
    },
    600_000 + EVENTS * 50,
  );
});
