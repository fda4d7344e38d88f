import { migrations } from '../../migrations/index.js';
import { openDatabase } from '../../src/database/open-database.js';
import { migrationSource } from '../../src/database/migration-source.js';
import { createFreshDatabase, databasePorts, type FreshDatabase } from '../support/database.js';

const names = migrations.map(({ name }) => name);

describe('the migrations', () => {
  let fresh: FreshDatabase;
  beforeEach(async () => {
    fresh = await createFreshDatabase();
  });
  afterEach(() => fresh.drop());

  const open = () => openDatabase(fresh.url, databasePorts);

  it('are missing before, run once, and are missing no more', async () => {
    const database = await open();

    expect(await database.pendingMigrations()).toEqual(names);
    expect(await database.migrate()).toEqual(names);
    expect(await database.pendingMigrations()).toEqual([]);
    expect(await database.migrate()).toEqual([]);
    await database.close();
  });

  it('run once when several processes run them at the same time', async () => {
    const databases = await Promise.all([open(), open(), open()]);
    const done = await Promise.all(databases.map((database) => database.migrate()));

    expect(done.flat().sort()).toEqual([...names].sort());
    for (const database of databases) {
      expect(await database.pendingMigrations()).toEqual([]);
      await database.close();
    }
  });

  it('can all be taken back, and run again', async () => {
    const source = await migrationSource(fresh.url, databasePorts.timers);
    await source.initialize();
    await source.runMigrations({ transaction: 'each' });
    for (const _ of names) await source.undoLastMigration({ transaction: 'each' });
    const left = await source.query(
      source.options.type === 'better-sqlite3'
        ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        : 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
    );
    const again = await source.runMigrations({ transaction: 'each' });
    await source.destroy();

    expect(left).toEqual([{ name: 'migrations' }]);
    expect(again.map(({ name }) => name)).toEqual(names);
  });
});
