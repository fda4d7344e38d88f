import { systemTimers } from '../../src/clock/system-clock.js';
import type { Database, Transaction } from '../../src/database/database.js';
import { isConflict } from '../../src/database/retry.js';
import { createSync, type Sync } from '../../src/sync/sync.js';
import { verifyAudit } from '../support/audit-chain.js';
import { createRecordedLog } from '../support/recorded-log.js';
import { type Person, startWorld, type World } from '../support/world.js';

/** `REAL_HOT=5000 REAL_WORKERS=64 npx jest test/real/hot-subjects` asks for more changes, of more workers. */
const CHANGES = Number(process.env.REAL_HOT ?? 64);
const CALLERS = 64;
const WORKERS = Number(process.env.REAL_WORKERS ?? 16);
/** Of one sync. */
const WORKERS_TOGETHER = 4;
const ACCOUNTS = ['acme', 'globex', 'initech', 'umbrella'];
const RENAME = `mutation ($name: String!) { updateBillingDetails(input: { name: $name }) { account { revision } userErrors { code } } }`;

/** How often the transactions of a database were tried, and which failed for a deadlock although they were repeated. */
function countTries(database: Database) {
  const counted = { transactions: 0, repeated: 0, gaveUp: 0 };
  const transaction = database.transaction.bind(database);
  database.transaction = async <Result>(work: (transaction: Transaction) => Promise<Result>) => {
    let tries = 0;
    try {
      return await transaction((own) => {
        tries += 1;
        return work(own);
      });
    } catch (thrown) {
      if (isConflict(thrown)) counted.gaveUp += 1;
      throw thrown;
    } finally {
      counted.transactions += 1;
      counted.repeated += Math.max(0, tries - 1);
    }
  };
  return counted;
}

describe('four customers on whom everybody works at once', () => {
  let world: World;
  let other: Awaited<ReturnType<World['startAnother']>>;
  const syncs: Sync[] = [];
  const log = createRecordedLog();
  beforeAll(async () => {
    world = await startWorld({}, log);
    other = await world.startAnother();
    for (const account of ACCOUNTS) await world.as(account).ask(RENAME, { name: 'before' });
    await world.settled();
  });
  afterAll(async () => {
    for (const sync of syncs) await sync.stop();
    await other.close();
    await world.stop();
  });

  it(
    'never make a caller or a round fail, and no transaction gives up',
    async () => {
      const { parts } = world.gateway;
      const counts = [parts, other.gateway.parts].map(({ database }) => countTries(database));
      for (let workers = 2 * WORKERS_TOGETHER; workers < WORKERS; workers += WORKERS_TOGETHER) {
        const sync = createSync(other.gateway.parts, { policy: { graceDays: 7 }, announce() {} });
        sync.start();
        syncs.push(sync);
      }
      const customers = (await parts.stripe.customers.list({ limit: 100 })).data;
      let begun = 0;
      const failures: unknown[] = [];
      let conflicts = 0;
      const rename = async (person: Person, name: string, tries = 1): Promise<void> => {
        const { data, errors } = await person.ask(RENAME, { name });
        const [refusal] = (data?.updateBillingDetails.userErrors ?? []) as { code: string }[];
        failures.push(...(errors ?? []));
        if (!refusal) return;
        // Another change of the account is under way; everything else is a failure.
        if (refusal.code !== 'CONFLICT') return void failures.push(refusal);
        conflicts += 1;
        await systemTimers.sleep(50 * tries);
        return rename(person, name, tries + 1);
      };
      const caller = async (at: number) => {
        const account = ACCOUNTS[at % ACCOUNTS.length] as string;
        const person = at % 8 < 4 ? world.as(account) : other.as(account);
        while (begun++ < CHANGES) {
          // Every fourth change is made at Stripe, so that only its event tells.
          if (begun % 4 === 0) {
            await parts.stripe.customers.update(customers[at % customers.length]?.id ?? '', { phone: String(begun) });
            continue;
          }
          await rename(person, `name ${begun}`);
        }
      };
      await Promise.all(Array.from({ length: CALLERS }, (_, at) => caller(at)));
      await world.settled();

      const sum = (key: keyof (typeof counts)[0]) => counts.reduce((total, one) => total + one[key], 0);
      const [transactions, repeated] = [sum('transactions'), sum('repeated')];
      process.stdout.write(
        `${CHANGES} changes by ${CALLERS} callers, ${WORKERS} workers: ${transactions} transactions, ` +
          `${repeated} repeated (${((1_000 * repeated) / transactions).toFixed(1)} in 1,000), ${sum('gaveUp')} given up, ${conflicts} conflicts told\n`,
      );
      expect(failures).toEqual([]);
      expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
      expect(sum('gaveUp')).toBe(0);
      const shown = await parts.database.read.rows<{ id: string; name: string; phone: string; revision: number }>(
        'SELECT a.id AS id, a.name AS name, a.phone AS phone, a.revision AS revision FROM accounts a ORDER BY a.external_id',
      );
      const atStripe = new Map(
        (await parts.stripe.customers.list({ limit: 100 })).data.map((one) => [one.name, one.phone]),
      );
      for (const { id, name, phone, revision } of shown) {
        expect([name, atStripe.get(name)]).toEqual([name, phone]);
        expect(await verifyAudit(parts.database, id)).toHaveLength(Number(revision));
      }
    },
    600_000 + CHANGES * 1_000,
  );
});
