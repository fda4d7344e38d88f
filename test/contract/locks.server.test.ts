import type { Database } from '../../src/database/database.js';
import { type OpenedDatabase } from '../support/database.js';
import { openMigratedDatabase } from '../support/migrated-database.js';

describe('a lock that somebody else keeps', () => {
  let opened: OpenedDatabase;
  let other: Database;
  beforeAll(async () => {
    opened = await openMigratedDatabase();
    other = await opened.openAnother();
    await opened.database.run('CREATE TABLE counters (id INT PRIMARY KEY, value INT NOT NULL)');
    for (const id of [1, 2]) await opened.database.run('INSERT INTO counters VALUES (?, 0)', [id]);
  });
  afterAll(() => opened.close());

  const valueOf = async (id: number) => {
    const [row] = await opened.database.read.rows<{ value: number }>('SELECT value FROM counters WHERE id = ?', [id]);
    return row?.value;
  };

  /** Holds the first row until it is told to let go. */
  function holdFirstRow() {
    let letGo = () => {};
    const released = new Promise<void>((resolve) => (letGo = resolve));
    let held = () => {};
    const holding = new Promise<void>((resolve) => (held = resolve));
    const done = other.transaction(async ({ rows }) => {
      await rows('SELECT * FROM counters WHERE id = 1 FOR UPDATE');
      held();
      await released;
    });
    return { holding, letGo, done };
  }

  it('ends a try before an answer is given up, and rolls back all of it before the next', async () => {
    const lock = holdFirstRow();
    await lock.holding;
    let tries = 0;
    const waiting = opened.database.transaction(async ({ run }) => {
      tries += 1;
      if (tries > 1) {
        // What the first try wrote is gone, and nobody waits for its locks.
        const found = await other.transaction(({ rows }) => rows('SELECT value FROM counters WHERE id = 2 FOR UPDATE'));
        lock.letGo();
        await lock.done;
        await run('UPDATE counters SET value = value + 1 WHERE id = 2');
        await run('UPDATE counters SET value = value + 1 WHERE id = 1');
        return found;
      }
      await run('UPDATE counters SET value = value + 1 WHERE id = 2');
      await run('UPDATE counters SET value = value + 1 WHERE id = 1');
      return [];
    });

    expect(await waiting).toEqual([{ value: 0 }]);
    expect([tries, await valueOf(1), await valueOf(2)]).toEqual([2, 1, 1]);
  });

  it('is not left behind by a client that keeps a transaction open and falls silent', async () => {
    const [row] = await opened.database.read.rows<Record<string, number>>(
      'SELECT @@idle_transaction_timeout AS transaction, @@wait_timeout AS connection',
    );

    expect(row).toEqual({ transaction: 10, connection: 60 });
  });

  it('does not keep intake from storing other events', async () => {
    const lock = holdFirstRow();
    await lock.holding;
    await opened.database.insertIfAbsent(
      'counters',
      ['id', 'value'],
      [
        [3, 0],
        [4, 0],
      ],
    );
    lock.letGo();
    await lock.done;

    expect([await valueOf(3), await valueOf(4)]).toEqual([0, 0]);
  });
});
