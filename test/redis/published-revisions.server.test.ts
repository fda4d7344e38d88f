import { openRedis } from '../../src/redis/open-redis.js';
import type { SharedRedis } from '../../src/ports.js';
import { createChance } from '../simulation/chance.js';
import { databaseKind, databasePorts } from '../support/database.js';
import { createMigratedDatabase } from '../support/migrated-database.js';
import { eventually } from '../support/eventually.js';
import { type Gateways, startGateways } from '../support/gateways.js';
import { PATIENT_WITH_REDIS_MS } from '../support/patience.js';
import { type Proxy, startProxy } from '../support/proxy.js';
import { createRecordedLog } from '../support/recorded-log.js';
import { redisUrl } from '../support/redis.js';

/** `REAL_PUBLISHED=2000 npx jest test/redis/published` changes more, `REAL_SEED` disturbs elsewhere. */
const CHANGES = Number(process.env.REAL_PUBLISHED ?? 40);
const ACCOUNTS = 6;
const RENAME = `mutation ($name: String!) { updateBillingDetails(input: { name: $name }) { account { revision } userErrors { code } } }`;

describe('what two gateways publish while connections to their database break under commits', () => {
  let gateways: Gateways;
  let wire: Proxy;
  let redis: SharedRedis;
  let heard = 0;
  const ahead: string[] = [];
  const reads: Promise<void>[] = [];
  beforeAll(async () => {
    const fresh = await createMigratedDatabase();
    const url = new URL(fresh.url);
    wire = await startProxy({ host: url.hostname, port: Number(url.port) });
    url.port = String(wire.port);
    const databaseUrl = url.toString();
    gateways = await startGateways({
      count: 2,
      fresh,
      databaseUrl,
      env: () => ({ REDIS_URL: redisUrl }),
    });
    redis = await openRedis(
      { redisUrl, databaseUrl, answerMs: PATIENT_WITH_REDIS_MS },
      { ...databasePorts, log: createRecordedLog() },
    );
    await eventually(
      () => Promise.resolve(redis.listener.status),
      (status) => status === 'ready',
    );
    redis.listener.on('message', (_channel, text: string) => reads.push(compare(text)));
    await redis.listener.subscribe(`${redis.prefix}:hints`);
  });
  afterAll(async () => {
    await redis.close();
    await gateways.stop();
    await wire.close();
  });

  /** Reads what is committed once the message is here: what is not there then was published too early, or for nothing. */
  async function compare(text: string): Promise<void> {
    const { topic, revision } = JSON.parse(text) as { topic: string; revision: number };
    const table = topic.startsWith('acc_') ? 'accounts' : topic === 'catalogue' ? topic : null;
    if (!table) return;
    const [row] = await gateways.database.read.rows<{ revision: number | string }>(
      `SELECT revision FROM ${table} WHERE id = ?`,
      [topic],
    );
    heard += 1;
    if (!(Number(row?.revision) >= revision)) ahead.push(`${text} where ${row?.revision} is stored`);
  }

  it(
    'is never a revision that is not in the database',
    async () => {
      const chance = createChance(Number(process.env.REAL_SEED ?? 1));
      const names = Array.from({ length: ACCOUNTS }, (_account, at) => `account-${at}`);
      for (const name of names) await gateways.all[0]?.as(name).ask(RENAME, { name: 'before' });
      let [begun, lost, cuts, refused] = [0, 0, 0, 0];
      const disturb = () => {
        if (chance.often(0.1)) {
          wire.cut();
          cuts += 1;
          return;
        }
        const counted = wire.loseAnswersTo(chance.pick(['COMMIT', 'UPDATE accounts']), 1, chance.whole(0, 6));
        return () => (lost += counted());
      };
      const { rows } = gateways.database.read;
      const customers = (await gateways.stripe.customers.list({ limit: 100 })).data;
      /** One after the other, every second one at Stripe, where nothing that was lost stands in its way. */
      const changer = async (name: string) => {
        const { id = '' } = customers.find(({ metadata }) => metadata.external_id === name) ?? {};
        // Where little happens on the wire at once, an answer is lost later.
        while (begun++ < CHANGES || lost === 0) {
          const mine = String(begun);
          const count = chance.often(0.3) ? disturb() : undefined;
          const answer = await gateways.all[begun % 2]?.as(name).ask(RENAME, { name: `name ${mine}` });
          if (answer?.errors || answer?.data?.updateBillingDetails.userErrors.length > 0) refused += 1;
          await gateways.stripe.customers.update(id, { phone: mine });
          await eventually(
            () => rows<{ phone: string }>('SELECT phone FROM accounts WHERE external_id = ?', [name]),
            ([found]) => found?.phone === mine,
          );
          count?.();
        }
      };
      await Promise.all(names.map(changer));
      const known = await rows<{ id: string; revision: number | string }>('SELECT id, revision FROM accounts');
      await Promise.all(reads);

      process.stdout.write(
        `${databaseKind}: ${2 * (begun - ACCOUNTS)} changes, ${refused} of them refused, ${lost} answers lost and ${cuts} cuts: ` +
          `${heard} messages, ${ahead.length} ahead of the database\n`,
      );
      expect(ahead).toEqual([]);
      expect(heard).toBeGreaterThan(CHANGES);
      expect(lost).toBeGreaterThan(0);
      // What would be one is found.
      const [one] = known;
      const text = JSON.stringify({ from: 'a test', topic: one?.id, revision: Number(one?.revision) + 1_000 });
      await redis.commands.publish(`${redis.prefix}:hints`, text);
      await eventually(
        () => Promise.resolve(ahead.length),
        (found) => found === 1,
      );
    },
    600_000 + CHANGES * 1_000,
  );
});
