import type { Schema } from './read-schema.js';
import { readEmbeddedSchema, readServerSchema } from './read-schema.js';
import { openFreshDatabase } from '../support/database.js';
import type { OpenedDatabase } from '../support/database.js';

describe('the migrated schema', () => {
  let opened: OpenedDatabase;
  let schema: Schema;
  beforeAll(async () => {
    opened = await openFreshDatabase();
    const { read, dialect } = opened.database;
    schema = await (dialect.name === 'sqlite' ? readEmbeddedSchema(read) : readServerSchema(read));
  });
  afterAll(() => opened.close());

  const metadatas = () => opened.database.read.manager.connection.entityMetadatas;

  it('has exactly the columns of the entities, with their nullability', () => {
    for (const { tableName, columns } of metadatas()) {
      const declared = columns.map(({ databaseName, isNullable }) => [databaseName, isNullable]);
      const found = Object.entries(schema[tableName]?.columns ?? {}).map(([name, { nullable }]) => [name, nullable]);
      expect([tableName, found.sort()]).toEqual([tableName, declared.sort()]);
    }
  });

  it('has exactly the keys and indexes of the entities', () => {
    for (const { tableName, primaryColumns, indices } of metadatas()) {
      const declared = indices.map(
        ({ isUnique, name, columns }) =>
          `${isUnique ? 'unique ' : ''}${name}(${columns.map(({ databaseName }) => databaseName).join(', ')})`,
      );
      const found = schema[tableName];
      expect([tableName, found?.primary]).toEqual([tableName, primaryColumns.map(({ databaseName }) => databaseName)]);
      expect([tableName, found?.indexes]).toEqual([tableName, declared.sort()]);
    }
  });

  it('is made once: a second run of the migrations finds nothing to do', async () => {
    expect(await opened.database.pendingMigrations()).toEqual([]);
    expect(await opened.database.migrate()).toEqual([]);
  });
});
