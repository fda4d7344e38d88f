import libsql from 'libsql';
import { DataSource } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { entities } from './entities.js';
import { SnakeCaseNames } from './names.js';

interface LibsqlConnection {
  pragma(source: string): unknown;
}

const pragmas = {
  writer: ['journal_mode = WAL', 'synchronous = FULL'],
  reader: ['query_only = ON'],
};

/** TypeORM's view of a file, through libsql; not yet connected. */
export function embeddedSource(file: string, role: keyof typeof pragmas): DataSource {
  const source = new DataSource({
    type: 'better-sqlite3',
    driver: libsql,
    database: file,
    entities,
    migrations,
    namingStrategy: new SnakeCaseNames(),
    // Every statement of a round, with lists of some lengths.
    statementCacheSize: 500,
    invalidWhereValuesBehavior: { null: 'sql-null', undefined: 'throw' },
    // A busy wait inside SQLite would stop the event loop; busy is retried outside instead.
    timeout: 0,
    prepareDatabase: (connection: LibsqlConnection) => pragmas[role].forEach((pragma) => connection.pragma(pragma)),
  });
  // SQLite takes any word with TEXT in it for text; TypeORM only those it knows, and the entities are the server's too.
  source.driver.supportedDataTypes.push('mediumtext');
  return source;
}
