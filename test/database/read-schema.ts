import type { Queries } from '../../src/database/database.js';

/** A schema in words that fit every database. */
export type Schema = Record<string, TableOnDisk>;

export interface TableOnDisk {
  columns: Record<string, { type: 'text' | 'integer' | 'bytes'; nullable: boolean }>;
  primary: string[];
  /** `unique name(columns)` or `name(columns)`, sorted. */
  indexes: string[];
}

/** What each database calls the three sorts of value that the gateway stores. */
const sorts: Record<string, 'text' | 'integer' | 'bytes'> = {
  varchar: 'text',
  text: 'text',
  mediumtext: 'text',
  bigint: 'integer',
  tinyint: 'integer',
  boolean: 'integer',
  blob: 'bytes',
  mediumblob: 'bytes',
};

function sortOf(type: string): 'text' | 'integer' | 'bytes' {
  const sort = sorts[type.toLowerCase().replace(/\(.*$/, '')];
  if (!sort) throw new Error(`The type ${type} is in no schema of ours.`);
  return sort;
}

const indexText = (name: string, unique: boolean, columns: string[]) =>
  `${unique ? 'unique ' : ''}${name}(${columns.join(', ')})`;

/** Kept by TypeORM, each database in its own way. */
const OTHERS = "'migrations'";

export async function readEmbeddedSchema({ rows }: Queries): Promise<Schema> {
  const schema: Schema = {};
  const tables = await rows<{ name: string }>(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT IN (${OTHERS}) ORDER BY name`,
  );
  for (const { name } of tables) {
    const columns = await rows<{ name: string; type: string; notnull: number; pk: number }>(
      `SELECT name, type, "notnull", pk FROM pragma_table_info('${name}') ORDER BY name`,
    );
    const indexes = await rows<{ name: string; unique: number; columns: string }>(
      `SELECT l.name, l."unique", (SELECT group_concat(name) FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) AS columns
       FROM pragma_index_list('${name}') l WHERE l.origin <> 'pk' ORDER BY l.name`,
    );
    schema[name] = {
      columns: Object.fromEntries(
        columns.map((column) => [column.name, { type: sortOf(column.type), nullable: column.notnull === 0 }]),
      ),
      primary: columns.filter(({ pk }) => pk > 0).map((column) => column.name),
      indexes: indexes.map((index) => indexText(index.name, index.unique === 1, index.columns.split(','))).sort(),
    };
  }
  return schema;
}

export async function readServerSchema({ rows }: Queries): Promise<Schema> {
  const schema: Schema = {};
  const columns = await rows<{ name: string; col: string; type: string; nullable: string }>(
    `SELECT TABLE_NAME AS name, COLUMN_NAME AS col, DATA_TYPE AS type, IS_NULLABLE AS nullable
     FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name NOT IN (${OTHERS})
     ORDER BY table_name, column_name`,
  );
  for (const { name, col, type, nullable } of columns) {
    const table = (schema[name] ??= { columns: {}, primary: [], indexes: [] });
    table.columns[col] = { type: sortOf(type), nullable: nullable === 'YES' };
  }
  const indexes = await rows<{ name: string; index: string; other: number | string; columns: string }>(
    `SELECT TABLE_NAME AS name, INDEX_NAME AS \`index\`, NON_UNIQUE AS other,
       GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) AS columns
     FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name NOT IN (${OTHERS})
     GROUP BY TABLE_NAME, INDEX_NAME, NON_UNIQUE ORDER BY TABLE_NAME, INDEX_NAME`,
  );
  for (const { name, index, other, columns: covered } of indexes) {
    const table = schema[name];
    if (index === 'PRIMARY') table?.primary.push(...covered.split(','));
    else table?.indexes.push(indexText(index, Number(other) === 0, covered.split(',')));
  }
  Object.values(schema).forEach(({ indexes: texts }) => texts.sort());
  return schema;
}
