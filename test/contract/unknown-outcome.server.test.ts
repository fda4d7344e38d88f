import type { Database } from '../../src/database/database.js';
import { isLost } from '../../src/database/retry.js';
import { openDatabase } from '../../src/database/open-database.js';
import { databasePorts, type OpenedDatabase } from '../support/database.js';
import { openMigratedDatabase } from '../support/migrated-database.js';
import { type Proxy, startProxy } from '../support/proxy.js';

describe('a commit whose answer is lost', () => {
  let opened: OpenedDatabase;
  let proxy: Proxy;
  let database: Database;
  beforeAll(async () => {
    opened = await openMigratedDatabase();
    await opened.database.run('CREATE TABLE transfers (id VARCHAR(40) PRIMARY KEY)');
    await opened.database.run('CREATE TABLE balances (id INT PRIMARY KEY, value INT NOT NULL)');
    for (const id of [1, 2]) await opened.database.run('INSERT INTO balances VALUES (?, 1000)', [id]);
    const url = new URL(opened.url);
    proxy = await startProxy({ host: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    database = await openDatabase(url.toString(), databasePorts);
  });
  afterAll(async () => {
    await database.close();
    await proxy.close();
    await opened.close();
  });

  /** Safe to repeat, because the same transaction remembers that it was done. */
  const transfer = (id: string) =>
    database.transaction(async ({ rows, run }) => {
      await rows('SELECT id FROM balances ORDER BY id FOR UPDATE');
      const done = await rows('SELECT id FROM transfers WHERE id = ?', [id]);
      if (done.length > 0) return 'already done';
      await run('UPDATE balances SET value = value - 1 WHERE id = 1');
      await run('INSERT INTO transfers VALUES (?)', [id]);
      await run('UPDATE balances SET value = value + 1 WHERE id = 2');
      return 'done';
    });

  it('is reported as lost, never repeated by itself, and a caller that repeats it does so safely', async () => {
    const outcomes = { first: 0, lost: 0, found: 0 };
    for (let at = 0; at < 60; at++) {
      const lost = proxy.loseAnswersTo('COMMIT', at % 3 === 0 ? 1 : 0);
      try {
        await transfer(`transfer-${at}`);
        outcomes.first += 1;
      } catch (thrown) {
        expect([lost(), isLost(thrown)]).toEqual([1, true]);
        outcomes.lost += 1;
        if ((await transfer(`transfer-${at}`)) === 'already done') outcomes.found += 1;
      }
    }

    const balances = await opened.database.read.rows('SELECT value FROM balances ORDER BY id');
    expect(balances).toEqual([{ value: 940 }, { value: 1060 }]);
    expect(outcomes.first + outcomes.lost).toBe(60);
    expect(outcomes.lost).toBe(20);
  });

  it('is not in doubt when the connection was cut before: the transaction is repeated whole', async () => {
    for (let at = 0; at < 20; at++) {
      const lost = proxy.loseAnswersTo('INSERT INTO transfers', 1);
      expect(await transfer(`cut-${at}`)).toBe('done');
      expect(lost()).toBe(1);
    }

    expect(await opened.database.read.rows("SELECT id FROM transfers WHERE id LIKE 'cut-%'")).toHaveLength(20);
    expect(await opened.database.read.rows('SELECT SUM(value) AS sum FROM balances')).toEqual([{ sum: '2000' }]);
  });

  it('does not reach whoever inserts what is absent: the insert is repeated and found done', async () => {
    for (let at = 0; at < 5; at++) {
      const lost = proxy.loseAnswersTo('absent-', 1);
      await database.insertIfAbsent('transfers', ['id'], [[`absent-${at}`]]);
      expect(lost()).toBe(1);
    }

    const found = await opened.database.read.rows("SELECT id FROM transfers WHERE id LIKE 'absent-%'");
    expect(found).toHaveLength(5);
  });

  it('is survived at any moment: a wire that is cut again and again adds and loses nothing', async () => {
    let [running, done] = [true, 0];
    const cutting = (async () => {
      // Later each time that nothing got through, or on a slow machine nothing ever would.
      for (let pauseMs = 15, before = 0; running; pauseMs = done > before ? 15 : 2 * pauseMs, before = done) {
        await databasePorts.timers.sleep(pauseMs);
        proxy.cut();
      }
    })();
    const persist = async (id: string): Promise<void> => {
      for (;;) {
        const answer = await transfer(id).catch(() => null);
        if (answer) return void (done += 1);
      }
    };
    await Promise.all(Array.from({ length: 80 }, (_, at) => persist(`cutting-${at}`)));
    running = false;
    await cutting;

    const [row] = await opened.database.read.rows<{ moved: number }>(
      'SELECT 2000 - 1000 - value AS moved FROM balances WHERE id = 1',
    );
    const found = await opened.database.read.rows('SELECT id FROM transfers');
    const transfers = found.length - 5;
    expect(Number(row?.moved)).toBe(transfers);
    expect(transfers).toBe(160);
  });
});
