import type { Database, Transaction } from '../../src/database/database.js';
import { type OpenedDatabase } from '../support/database.js';
import { openMigratedDatabase } from '../support/migrated-database.js';

describe('transactions', () => {
  let opened: OpenedDatabase;
  let other: Database;
  beforeAll(async () => {
    opened = await openMigratedDatabase();
    other = await opened.openAnother();
    await opened.database.run('CREATE TABLE counters (id INT PRIMARY KEY, value INT NOT NULL)');
  });
  beforeEach(async () => {
    await opened.database.run('DELETE FROM counters');
    for (const id of [1, 2]) await opened.database.run('INSERT INTO counters VALUES (?, 0)', [id]);
  });
  afterAll(() => opened.close());

  const valueOf = async ({ rows }: Pick<Transaction, 'rows'>, id: number, lock = '') => {
    const [row] = await rows<{ value: number }>(`SELECT value FROM counters WHERE id = ?${lock}`, [id]);
    return Number(row?.value);
  };
  const setTo = (where: Pick<Transaction, 'run'>, id: number, value: number) =>
    where.run('UPDATE counters SET value = ? WHERE id = ?', [value, id]);

  it('lose no update when all read first and write then, from two processes', async () => {
    const increment = (database: Database) =>
      database.transaction(async (transaction) => {
        const value = await valueOf(transaction, 1, database.dialect.forUpdate);
        await setTo(transaction, 1, value + 1);
      });
    await Promise.all(Array.from({ length: 200 }, (_, at) => increment(at % 2 === 0 ? opened.database : other)));

    expect(await valueOf(opened.database.read, 1)).toBe(200);
  });

  it('lose no update when all compare and set', async () => {
    const increment = async (database: Database): Promise<void> => {
      for (;;) {
        const value = await valueOf(database.read, 1);
        const taken = await database.run('UPDATE counters SET value = ? WHERE id = 1 AND value = ?', [
          value + 1,
          value,
        ]);
        if (taken === 1) return;
      }
    };
    await Promise.all(Array.from({ length: 60 }, (_, at) => increment(at % 2 === 0 ? opened.database : other)));

    expect(await valueOf(opened.database.read, 1)).toBe(60);
  });

  it('that lock two rows in opposite order both end, and both count', async () => {
    const { database } = opened;
    const transfer = (from: number, to: number) =>
      database.transaction(async (transaction) => {
        for (const id of [from, to]) {
          const value = await valueOf(transaction, id, database.dialect.forUpdate);
          await setTo(transaction, id, value + 1);
        }
      });
    await Promise.all(Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? transfer(1, 2) : transfer(2, 1))));

    expect([await valueOf(database.read, 1), await valueOf(database.read, 2)]).toEqual([20, 20]);
  });

  it('that fail leave nothing, and say why', async () => {
    const { database } = opened;
    const failing = database.transaction(async (transaction) => {
      await setTo(transaction, 1, 99);
      throw new Error('changed my mind');
    });

    await expect(failing).rejects.toThrow('changed my mind');
    expect(await valueOf(database.read, 1)).toBe(0);
  });

  it('that break a key leave nothing, also of what came before', async () => {
    const { database } = opened;
    const failing = database.transaction(async (transaction) => {
      await setTo(transaction, 1, 99);
      await transaction.run('INSERT INTO counters VALUES (2, 0)');
    });

    await expect(failing).rejects.toThrow();
    expect(await valueOf(database.read, 1)).toBe(0);
  });

  it('are seen by nobody before they are committed, and by everybody after', async () => {
    const { database } = opened;
    const seen: number[] = [];
    await database.transaction(async (transaction) => {
      await setTo(transaction, 1, 7);
      seen.push(await valueOf(transaction, 1), await valueOf(database.read, 1), await valueOf(other.read, 1));
    });
    seen.push(await valueOf(database.read, 1), await valueOf(other.read, 1));

    expect(seen).toEqual([7, 0, 0, 7, 7]);
  });

  it('do not join each other: what one rolls back the other keeps', async () => {
    const { database } = opened;
    let begun = () => {};
    const bothBegun = new Promise<void>((resolve) => (begun = resolve));
    const failing = database.transaction(async (transaction) => {
      await setTo(transaction, 1, 1);
      begun();
      throw new Error('rolled back');
    });
    const lasting = bothBegun.then(() => database.transaction((transaction) => setTo(transaction, 2, 2)));

    await expect(failing).rejects.toThrow('rolled back');
    await lasting;
    expect([await valueOf(database.read, 1), await valueOf(database.read, 2)]).toEqual([0, 2]);
  });

  it('are not joined by statements that come meanwhile', async () => {
    const { database } = opened;
    let alongside: Promise<number> = Promise.resolve(0);
    const failing = database.transaction(async (transaction) => {
      await setTo(transaction, 1, 1);
      alongside = setTo(database, 2, 5);
      throw new Error('rolled back');
    });

    await expect(failing).rejects.toThrow('rolled back');
    await alongside;
    expect([await valueOf(database.read, 1), await valueOf(database.read, 2)]).toEqual([0, 5]);
  });

  it('count what they find, also when it stays as it is', async () => {
    const { database } = opened;

    expect(await setTo(database, 1, 0)).toBe(1);
    expect(await setTo(database, 3, 0)).toBe(0);
    expect(await database.transaction((transaction) => setTo(transaction, 1, 0))).toBe(1);
  });
});
