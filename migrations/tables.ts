import { type QueryRunner, Table, TableColumn, type TableColumnOptions, TableIndex } from 'typeorm';
import { type Dialect, mysql, sqlite } from '../src/database/dialect.js';

/** A table as a migration makes it. */
export interface TableShape {
  name: string;
  columns: TableColumnOptions[];
  /** Columns whose values together occur once; NULL may repeat. */
  unique?: string[][];
  indexes?: string[][];
}

/** The column types of the database that is being migrated. */
export const columnsOf = (runner: QueryRunner): Dialect['column'] =>
  (runner.connection.options.type === 'better-sqlite3' ? sqlite : mysql).column;

// A server commits every one of these steps by itself, so a migration that was killed finds some of them done
// already when it runs again. None may fail because of that.

export async function createTables(runner: QueryRunner, shapes: readonly TableShape[]): Promise<void> {
  for (const { name, columns, unique = [], indexes = [] } of shapes) {
    const indices = [
      ...unique.map((columnNames) => new TableIndex({ columnNames, isUnique: true })),
      ...indexes.map((columnNames) => new TableIndex({ columnNames })),
    ];
    await runner.createTable(new Table({ name, columns, indices, engine: 'InnoDB' }), true);
  }
}

export async function dropTables(runner: QueryRunner, names: readonly string[]): Promise<void> {
  for (const name of [...names].reverse()) await runner.dropTable(name, true);
}

export async function addColumns(
  runner: QueryRunner,
  table: string,
  columns: readonly TableColumnOptions[],
): Promise<void> {
  for (const column of columns) {
    if (!(await runner.hasColumn(table, column.name))) await runner.addColumn(table, new TableColumn(column));
  }
}

export async function dropColumns(runner: QueryRunner, table: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (await runner.hasColumn(table, name)) await runner.dropColumn(table, name);
  }
}

/** The new one first, so that there is never none. */
export async function replaceIndex(
  runner: QueryRunner,
  table: string,
  old: TableIndex,
  next: TableIndex,
): Promise<void> {
  const has = async ({ columnNames }: TableIndex) =>
    (await runner.getTable(table))?.indices.some((index) => index.columnNames.join() === columnNames.join());
  if (!(await has(next))) await runner.createIndex(table, next);
  if (await has(old)) await runner.dropIndex(table, old);
}
