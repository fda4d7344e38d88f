import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../../src/database/database.js';
import { openFreshDatabase, type OpenedDatabase } from '../support/database.js';

/** A process of its own that keeps the file's write lock from its first message to the next. */
const holder = `
const Database = require(${JSON.stringify(require.resolve('libsql'))});
const database = new Database(process.argv[2]);
database.exec('BEGIN IMMEDIATE');
database.exec("UPDATE counters SET value = value + 100");
process.send('held');
process.once('message', () => { database.exec('COMMIT'); process.disconnect(); });
`;

describe('a file that another process is writing', () => {
  let opened: OpenedDatabase;
  let database: Database;
  beforeAll(async () => {
    opened = await openFreshDatabase();
    ({ database } = opened);
    await database.run('CREATE TABLE counters (id INTEGER PRIMARY KEY, value INTEGER NOT NULL)');
    await database.run('INSERT INTO counters VALUES (1, 0)');
  });
  afterAll(() => opened.close());

  const value = async () => (await database.read.rows<{ value: number }>('SELECT value FROM counters'))[0]?.value;

  async function hold() {
    const file = opened.url.slice('file:'.length);
    const script = join(file, '..', 'holder.cjs');
    writeFileSync(script, holder);
    const child = fork(script, [file]);
    await new Promise((resolve) => child.once('message', resolve));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    return {
      async letGo() {
        child.send('let go');
        await ended;
      },
    };
  }

  it('is waited for while the event loop goes on', async () => {
    const longest: number[] = [];
    // Something else may stop this process for a while, but not each time.
    for (let time = 1; time <= 5; time++) {
      const other = await hold();
      let done = false;
      const write = database.run('UPDATE counters SET value = value + 1').then(() => (done = true));
      const stops: number[] = [];
      for (let turn = 0, last = performance.now(); turn < 50; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        stops.push(performance.now() - last);
        last = performance.now();
      }

      longest.push(Math.max(...stops));
      expect(done).toBe(false);
      await other.letGo();
      await write;
      expect(await value()).toBe(101 * time);
    }
    expect(Math.min(...longest)).toBeLessThan(50);
  });

  it('is read as it was committed', async () => {
    const before = await value();
    const other = await hold();

    expect(await value()).toBe(before);
    await other.letGo();
    expect(await value()).toBe(Number(before) + 100);
  });

  it('is given up after three seconds, with nothing written', async () => {
    const before = await value();
    const other = await hold();

    await expect(database.transaction(({ run }) => run('UPDATE counters SET value = 0'))).rejects.toThrow(
      /SQLITE_BUSY|locked/,
    );
    await other.letGo();
    expect(await value()).toBe(Number(before) + 100);
  });

  it('cannot be written through the connection that answers questions', async () => {
    await expect(database.read.rows('UPDATE counters SET value = 0')).rejects.toThrow(/readonly|query_only/i);
  });
});
