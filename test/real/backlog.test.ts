import { ensureAccount } from '../../src/accounts/ensure-account.js';
import { stripeFor } from '../sandbox/support/stripe-for.js';
import { databaseKind } from '../support/database.js';
import { startWorld, type World } from '../support/world.js';

/** `REAL_BACKLOG=20000 REAL_CUSTOMERS=500 npx jest test/real/backlog` stores more events, of more customers. */
const EVENTS = Number(process.env.REAL_BACKLOG ?? 2_000);
const CUSTOMERS = Number(process.env.REAL_CUSTOMERS ?? 100);
/** More than one round takes, so that she must wait for a second one while others wait for their first. */
const OF_THE_BUSY = 800;
/** A round chooses among the 64 longest due, while up to three others are under way. */
const MOST_BEFORE = 64 + 3;

interface Stored {
  id: string;
  state: string;
  subject: string;
  finished_at: number | string | null;
}

describe('a backlog of events that were stored while nobody worked on them', () => {
  let world: World;
  let stripe: ReturnType<typeof stripeFor>;
  let busy: string;
  const customers: string[] = [];
  beforeAll(
    async () => {
      world = await startWorld();
      await world.settled();
      const { parts } = world.gateway;
      await parts.sync.stop();
      stripe = stripeFor(world.sandbox);
      const price = (await stripe.prices.list({ lookup_keys: ['team_month'] })).data[0]?.id;
      await each(CUSTOMERS, async (n) => {
        const { id: account } = await ensureAccount(parts, `tenant-${n}`);
        const { id } = await stripe.customers.create({ metadata: { account_id: account, external_id: `tenant-${n}` } });
        const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: id });
        await stripe.customers.update(id, { invoice_settings: { default_payment_method: card.id } });
        await stripe.subscriptions.create({ customer: id, items: [{ price }] });
        customers[n] = id;
      });
      busy = customers[0] ?? '';
      const rename = (id: string, at: number) => stripe.customers.update(id, { name: `Name ${at}` });
      await each(OF_THE_BUSY, (at) => rename(busy, at));
      await world.sandbox.idle();
      const missing = Math.max(0, EVENTS - (await stored()).length);
      await each(missing, (at) => rename(customers[at % CUSTOMERS] ?? '', OF_THE_BUSY + at));
      await world.sandbox.idle();
    },
    600_000 + EVENTS * 50,
  );
  afterAll(() => world.stop());

  /** Sixteen at a time. */
  async function each(count: number, work: (n: number) => Promise<unknown>): Promise<void> {
    let next = 0;
    const worker = async () => {
      while (next < count) await work(next++);
    };
    await Promise.all(Array.from({ length: 16 }, worker));
  }
  const stored = () =>
    world.gateway.parts.database.read.rows<Stored>('SELECT id, state, subject, finished_at FROM stripe_events');

  it(
    'is drained with few calls, nobody waits for the end of somebody else, and nothing is lost',
    async () => {
      const { database, sync, stripe: asked } = world.gateway.parts;
      const waiting = (await stored()).filter(({ state }) => state === 'pending');
      let calls = 0;
      asked.on('request', () => (calls += 1));
      sync.start();
      await sync.idle();

      const waited = new Set(waiting.map(({ id }) => id));
      const ended = (await stored()).filter(({ id }) => waited.has(id));
      const times = (subject: string) =>
        [...new Set(ended.flatMap((row) => (row.subject === subject ? Number(row.finished_at) : [])))].sort(
          (one, other) => one - other,
        );
      const [, second = 0] = times(busy);
      const unserved = customers.filter((subject) => (times(subject)[0] ?? Infinity) > second);
      const perEvent = calls / waiting.length;
      process.stdout.write(
        `${databaseKind}: ${waiting.length} events of ${CUSTOMERS} customers, ${perEvent.toFixed(2)} calls per event, ` +
          `${unserved.length} customers not served before the second round of the busiest\n`,
      );
      expect(waiting.length).toBeGreaterThanOrEqual(EVENTS);
      expect(ended.filter(({ state }) => state !== 'done')).toEqual([]);
      expect(times(busy).length).toBeGreaterThan(1);
      expect(unserved.length).toBeLessThanOrEqual(MOST_BEFORE);
      expect(perEvent).toBeLessThanOrEqual(0.55);
      const shown = await database.read.rows<{ external_id: string; plan_key: string; name: string | null }>(
        'SELECT external_id, plan_key, name FROM accounts',
      );
      for (const [n, id] of customers.entries()) {
        const there = await stripe.customers.retrieve(id);
        if (there.deleted) throw new Error(`${id} is gone.`);
        expect(shown.find(({ external_id: account }) => account === `tenant-${n}`)).toMatchObject({
          plan_key: 'team',
          name: there.name ?? null,
        });
      }
    },
    600_000 + EVENTS * 50,
  );
});
