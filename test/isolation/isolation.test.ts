import { createChance } from '../simulation/chance.js';
import { databaseKind, databasePorts, type OpenedDatabase } from '../support/database.js';
import { openMigratedDatabase } from '../support/migrated-database.js';
import { appendLists } from './append-lists.js';
import { findAnomalies } from './find-anomalies.js';

/** `ISOLATION_TRANSACTIONS=200000 npx jest test/isolation` makes more, a thousand for each history. */
const TRANSACTIONS = Number(process.env.ISOLATION_TRANSACTIONS ?? 1_000);
const OF_A_HISTORY = 1_000;
const CLIENTS = 16;

describe('transactions of many clients on the same accounts and subscriptions', () => {
  let opened: OpenedDatabase;
  const { random } = databasePorts;
  beforeAll(async () => {
    opened = await openMigratedDatabase();
  });
  afterAll(() => opened.close());

  it(
    'can all be put into one order, with none lost',
    async () => {
      const seed = Number(process.env.ISOLATION_SEED ?? Math.floor(random.fraction() * 1e6));
      const databases = [opened.database, await opened.openAnother()];
      const counts = { histories: 0, transactions: 0, reads: 0, failed: 0 };
      for (; counts.histories * OF_A_HISTORY < TRANSACTIONS; counts.histories++) {
        const history = await appendLists({
          ...{ databases, random, clients: CLIENTS, forUpdate: opened.database.dialect.forUpdate },
          chance: createChance(seed + counts.histories),
          transactions: Math.min(TRANSACTIONS, OF_A_HISTORY),
        });
        const anomalies = findAnomalies(history);
        if (anomalies.length > 0) process.stdout.write(`ISOLATION_SEED=${seed + counts.histories}\n`);
        expect(anomalies).toEqual([]);
        counts.transactions += history.filter(({ committed }) => committed).length;
        counts.failed += history.filter(({ committed }) => !committed).length;
        counts.reads += history.flatMap(({ operations }) => operations).filter((one) => 'found' in one).length;
      }
      process.stdout.write(
        `${databaseKind}: ${counts.transactions} transactions of ${CLIENTS} clients, ${counts.reads} reads, ` +
          `${counts.failed} repeated, 0 anomalies\n`,
      );
      expect(counts.transactions).toBeGreaterThanOrEqual(TRANSACTIONS);
    },
    600_000 + TRANSACTIONS * 20,
  );
});
