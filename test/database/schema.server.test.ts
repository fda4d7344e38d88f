import { entities } from '../../src/database/entities.js';
import { parseServerUrl } from '../../src/database/server-address.js';
import { RUN_TIME } from '../../src/database/server-pool.js';
import { serverSource } from '../../src/database/server-source.js';
import { openDatabase } from '../../src/database/open-database.js';
import { createFreshDatabase, databasePorts, openFreshDatabase } from '../support/database.js';
import type { OpenedDatabase } from '../support/database.js';
import { readEmbeddedSchema, readServerSchema } from './read-schema.js';

/** Written and read by raw SQL: the schema builder knows no entity of theirs and would drop them. */
const withoutEntity = [
  'audit',
  'catalogue',
  'event_actions',
  'intents',
  'mailbox',
  'migrations',
  'outbox',
  'secrets',
  'stripe_events',
  'subjects',
  'upkeep',
  'usage_records',
  'webhook_endpoints',
];

describe('the migrated schema of a server', () => {
  let opened: OpenedDatabase;
  beforeAll(async () => {
    opened = await openFreshDatabase();
  });
  afterAll(() => opened.close());

  it('leaves nothing to do for the schema builder', async () => {
    const { timers } = databasePorts;
    const source = serverSource(parseServerUrl(opened.url), 'mariadb', { limits: RUN_TIME, connections: 2, timers });
    await source.initialize();
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    await source.destroy();

    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('compares every text byte by byte, as its entity says', async () => {
    const rows = await opened.database.read.rows<Record<string, string>>(
      `SELECT TABLE_NAME AS name, COLUMN_NAME AS col, COLLATION_NAME AS collation FROM information_schema.columns
       WHERE table_schema = DATABASE() AND collation_name IS NOT NULL AND table_name <> 'migrations'`,
    );
    const found = new Map(rows.map(({ name, col, collation }) => [`${name}.${col}`, collation]));
    const declared = opened.database.read.manager.connection.entityMetadatas.flatMap(({ tableName, columns }) =>
      columns
        .filter(({ collation }) => collation)
        .map(({ databaseName, collation }) => [`${tableName}.${databaseName}`, collation]),
    );

    expect([...new Set(found.values())].sort()).toEqual(['ascii_bin', 'utf8mb4_bin']);
    expect(declared.map(([name]) => [name, found.get(String(name))])).toEqual(declared);
  });

  it('keeps whole requests of half a megabyte and every table in InnoDB', async () => {
    const { read } = opened.database;
    const [body] = await read.rows(
      `SELECT DATA_TYPE AS type FROM information_schema.columns
       WHERE table_schema = DATABASE() AND table_name = 'stripe_events' AND column_name = 'body'`,
    );
    const engines = await read.rows(
      `SELECT DISTINCT ENGINE AS engine FROM information_schema.tables
       WHERE table_schema = DATABASE() AND table_name <> 'migrations'`,
    );

    expect(body).toEqual({ type: 'mediumblob' });
    expect(engines).toEqual([{ engine: 'InnoDB' }]);
  });

  it('has the tables, columns, keys and indexes of the embedded one', async () => {
    const folder = await createFreshDatabase('sqlite');
    const embedded = await openDatabase(folder.url, databasePorts);
    await embedded.migrate();
    const [file, server] = [await readEmbeddedSchema(embedded.read), await readServerSchema(opened.database.read)];
    await embedded.close();
    await folder.drop();

    expect(server).toEqual(file);
  });

  it('has an entity for every table that is not named here', async () => {
    const tables = Object.keys(await readServerSchema(opened.database.read));
    const known = opened.database.read.manager.connection.entityMetadatas.map(({ tableName }) => tableName);

    expect(entities).toHaveLength(known.length);
    expect(tables.filter((name) => !known.includes(name))).toEqual(
      withoutEntity.filter((name) => name !== 'migrations'),
    );
  });
});
