import type { TableColumnOptions } from 'typeorm';

/** What a statement or a column must say differently on the embedded database and on a MySQL-compatible server. */
export interface Dialect {
  name: 'sqlite' | 'mysql';
  /** Asks the server for its own time in milliseconds; null where the store has no clock and wall time stands in. */
  selectNow: string | null;
  /** `INSERT` that stops at nothing but a row that is already there: SQLite skips it, a server reports it. */
  insertIfAbsent(table: string, columns: readonly string[], rows: number): string;
  /** What follows an INSERT to update the row that is already there; assignments come after it. */
  onConflict(key: string): string;
  /** In such an assignment: what would have been inserted into that column. */
  incoming(column: string): string;
  /** Locks the selected rows until the end of the transaction. SQLite's writer is alone already. */
  forUpdate: string;
  /** Column types, used by migrations alone. */
  column: {
    /** Ids and keys: bytes, compared as bytes. */
    id(name: string, options?: Partial<TableColumnOptions>): TableColumnOptions;
    /** Names given by others: Unicode, compared as bytes. */
    externalId(name: string, options?: Partial<TableColumnOptions>): TableColumnOptions;
    text(name: string, options?: Partial<TableColumnOptions>): TableColumnOptions;
    longText(name: string, options?: Partial<TableColumnOptions>): TableColumnOptions;
    bytes(name: string, options?: Partial<TableColumnOptions>): TableColumnOptions;
    /** Milliseconds since 1970, money in minor units, counters. */
    integer(name: string, options?: Partial<TableColumnOptions>): TableColumnOptions;
    boolean(name: string, options?: Partial<TableColumnOptions>): TableColumnOptions;
  };
}

const placeholders = (columns: number, rows: number) =>
  Array.from({ length: rows }, () => `(${Array.from({ length: columns }, () => '?').join(', ')})`).join(', ');

export const sqlite: Dialect = {
  name: 'sqlite',
  selectNow: null,
  insertIfAbsent: (table, columns, rows) =>
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${placeholders(columns.length, rows)} ON CONFLICT(id) DO NOTHING`,
  onConflict: (key) => `ON CONFLICT(${key}) DO UPDATE SET`,
  incoming: (column) => `excluded.${column}`,
  forUpdate: '',
  column: {
    id: (name, options) => ({ name, type: 'varchar', length: '255', ...options }),
    externalId: (name, options) => ({ name, type: 'varchar', length: '255', ...options }),
    text: (name, options) => ({ name, type: 'text', ...options }),
    longText: (name, options) => ({ name, type: 'mediumtext', ...options }),
    bytes: (name, options) => ({ name, type: 'blob', ...options }),
    integer: (name, options) => ({ name, type: 'bigint', ...options }),
    boolean: (name, options) => ({ name, type: 'boolean', ...options }),
  },
};

export const mysql: Dialect = {
  name: 'mysql',
  selectNow: 'SELECT CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS SIGNED) AS now',
  // Not INSERT IGNORE, which also cuts what is too long and turns NULL into 0.
  insertIfAbsent: (table, columns, rows) =>
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${placeholders(columns.length, rows)}`,
  onConflict: () => 'ON DUPLICATE KEY UPDATE',
  incoming: (column) => `VALUES(${column})`,
  forUpdate: ' FOR UPDATE',
  column: {
    id: (name, options) => ({
      name,
      type: 'varchar',
      length: '255',
      charset: 'ascii',
      collation: 'ascii_bin',
      ...options,
    }),
    externalId: (name, options) => ({
      name,
      type: 'varchar',
      length: '255',
      charset: 'utf8mb4',
      collation: 'utf8mb4_bin',
      ...options,
    }),
    text: (name, options) => ({ name, type: 'text', charset: 'utf8mb4', collation: 'utf8mb4_bin', ...options }),
    longText: (name, options) => ({
      name,
      type: 'mediumtext',
      charset: 'utf8mb4',
      collation: 'utf8mb4_bin',
      ...options,
    }),
    bytes: (name, options) => ({ name, type: 'mediumblob', ...options }),
    integer: (name, options) => ({ name, type: 'bigint', ...options }),
    boolean: (name, options) => ({ name, type: 'tinyint', width: 1, ...options }),
  },
};
