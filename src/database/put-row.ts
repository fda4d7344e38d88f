import type { EntityManager, ObjectLiteral } from 'typeorm';
import type { Transaction } from './database.js';
import type { Dialect } from './dialect.js';

type Entity<Row> = new () => Row;

/**
 * Inserts a row, or changes in the stored one what differs: an index that nothing changes is not written. Statements are
 * put together and not built, as by `findRows`.
 */
export async function putRow<Row extends ObjectLiteral & { id: string }>(
  transaction: Transaction,
  dialect: Dialect,
  entity: Entity<Row>,
  row: Partial<Row> & { id: string },
  stored: object | undefined,
): Promise<void> {
  if (!stored) return insertRow(transaction, dialect, entity, row);
  const old = stored as Record<string, unknown>;
  const differs = Object.entries(row).filter(
    ([field, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(old[field]),
  );
  if (differs.length === 0) return;
  const { table, names, values } = partsOf(transaction.manager, entity, Object.fromEntries(differs) as Partial<Row>);
  const changes = names.map((name) => `${name} = ?`).join(', ');
  await transaction.run(`UPDATE ${table} SET ${changes} WHERE id = ?`, [...values, row.id]);
}

/** Somebody else may have stored it meanwhile. */
async function insertRow<Row extends ObjectLiteral>(
  { manager, run }: Transaction,
  dialect: Dialect,
  entity: Entity<Row>,
  row: Partial<Row>,
): Promise<void> {
  const { table, names, values } = partsOf(manager, entity, row);
  const changes = names.map((name) => `${name} = ${dialect.incoming(name)}`).join(', ');
  await run(
    `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})
     ${dialect.onConflict('id')} ${changes}`,
    values,
  );
}

function partsOf<Row extends ObjectLiteral>({ connection }: EntityManager, entity: Entity<Row>, row: Partial<Row>) {
  const { driver } = connection;
  const metadata = connection.getMetadata(entity);
  const columns = metadata.columns.filter(({ propertyName }) => row[propertyName] !== undefined);
  return {
    table: driver.escape(metadata.tablePath),
    names: columns.map(({ databaseName }) => driver.escape(databaseName)),
    values: columns.map((column): unknown => driver.preparePersistentValue(row[column.propertyName], column)),
  };
}
