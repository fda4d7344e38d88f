import type { EntityManager, ObjectLiteral } from 'typeorm';
import type { Queries } from './database.js';

/** Values that a column may have, by property; a row must fit all of them. */
export type Fits<Row> = Partial<Record<keyof Row & string, readonly unknown[]>>;

export interface FindOptions<Row> {
  /** Only these columns; all of them when left out. */
  select?: readonly (keyof Row & string)[];
  /** Rows that fit one of these; all rows when left out. */
  where?: readonly Fits<Row>[];
  order?: Partial<Record<keyof Row & string, 'ASC' | 'DESC'>>;
}

const valuesOf = <Row>(fit: Fits<Row>) => Object.values(fit) as unknown[][];

/**
 * Entities as TypeORM's `find` answers them, by a statement that is put together and not built: building it takes longer
 * than running it.
 */
export async function findRows<Row extends ObjectLiteral>(
  { manager, rows }: Queries & { manager: EntityManager },
  entity: new () => Row,
  { select, where, order = {} }: FindOptions<Row>,
): Promise<Row[]> {
  const { driver } = manager.connection;
  const { columns, tablePath } = manager.connection.getMetadata(entity);
  const named = (property: string) => {
    const column = columns.find(({ propertyName }) => propertyName === property);
    if (!column) throw new Error(`${entity.name} has no column ${property}.`);
    return driver.escape(column.databaseName);
  };
  const wanted = select ? columns.filter(({ propertyName }) => select.includes(propertyName)) : columns;
  // Nothing fits an empty list, and databases do not take one.
  const fits = (where ?? []).filter((fit) => valuesOf(fit).every(({ length }) => length > 0));
  if (where && fits.length === 0) return [];
  const oneOf = ([property, values]: [string, unknown]) =>
    `${named(property)} IN (${(values as unknown[]).map(() => '?').join(', ')})`;
  const condition = fits.map((fit) => `(${Object.entries(fit).map(oneOf).join(' AND ')})`).join(' OR ');
  const sorted = Object.entries(order).map(([property, direction]) => `${named(property)} ${String(direction)}`);
  const found = await rows<Record<string, unknown>>(
    `SELECT ${wanted.map(({ databaseName }) => driver.escape(databaseName)).join(', ')} FROM ${driver.escape(tablePath)}` +
      `${condition && ` WHERE ${condition}`}${sorted.length > 0 ? ` ORDER BY ${sorted.join(', ')}` : ''}`,
    fits.flatMap((fit) => valuesOf(fit).flat()),
  );
  return found.map((raw) => {
    const row = new entity();
    for (const column of wanted)
      column.setEntityValue(row, driver.prepareHydratedValue(raw[column.databaseName], column) as unknown);
    return row;
  });
}
