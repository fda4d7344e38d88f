import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import { databasePorts, type OpenedDatabase } from '../support/database.js';
import { openMigratedDatabase } from '../support/migrated-database.js';

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
    opened = await openMigratedDatabase();
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
    // Its three seconds do not pass, however long the other process takes to let go.
    const patient = await openDatabase(opened.url, { ...databasePorts, wall: { now: () => 0 } });
    const other = await hold();
    let done = false;
    const write = patient.run('UPDATE counters SET value = value + 1').then(() => (done = true));
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));

    expect(done).toBe(false);
    await other.letGo();
    await write;
    expect(await value()).toBe(101);
    // SQLite itself waits for nothing: that would stop the loop.
    expect(await patient.transaction(({ rows }) => rows('PRAGMA busy_timeout'))).toEqual([{ timeout: 0 }]);
    await patient.close();
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
