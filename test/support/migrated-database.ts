import { copyFileSync, existsSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import {
  connectTo,
  createFreshDatabase,
  databaseKind,
  type FreshDatabase,
  type OpenedDatabase,
  openFreshDatabase,
} from './database.js';

/**
 * A database that nobody else uses, with the schema of this version and nothing in it. The migrations run once for all tests
 * of a run; what they made is copied, which takes a tenth of the time.
 */
export async function createMigratedDatabase(): Promise<FreshDatabase> {
  const folder = process.env.TEST_TEMPLATES ?? mkdtempSync(join(tmpdir(), 'billing-templates-'));
  const template = join(folder, `${databaseKind}.template`);
  if (!existsSync(template)) await makeTemplate(template);
  const fresh = await createFreshDatabase();
  await fill(fresh, template);
  return fresh;
}

/** The same, open; `close` closes every way in and drops it. */
export const openMigratedDatabase = async (): Promise<OpenedDatabase> =>
  openFreshDatabase(await createMigratedDatabase());

/** Two workers that make it at the same time make the same; each puts its own in place as a whole. */
async function makeTemplate(template: string): Promise<void> {
  const { database, url, close } = await openFreshDatabase();
  const own = `${template}.${process.pid}`;
  try {
    if (databaseKind === 'mariadb') writeFileSync(own, await dump(url));
    else await database.run('VACUUM INTO ?', [own]);
    renameSync(own, template);
  } finally {
    await close();
  }
}

async function fill({ url }: FreshDatabase, template: string): Promise<void> {
  if (databaseKind === 'sqlite') return copyFileSync(template, url.slice('file:'.length));
  const connection = await connectTo(url, { multipleStatements: true });
  await connection.query(readFileSync(template, 'utf8')).finally(() => connection.end());
}

/** The statements that make the tables, and the rows that the migrations have put there. */
async function dump(url: string): Promise<string> {
  const connection = await connectTo(url);
  try {
    const [tables] = await connection.query<mysql.RowDataPacket[]>('SHOW TABLES');
    const statements: string[] = [];
    for (const name of tables.flatMap((row) => Object.values(row) as string[])) {
      const [[shown]] = await connection.query<mysql.RowDataPacket[]>('SHOW CREATE TABLE ??', [name]);
      statements.push(String(shown?.['Create Table']));
      const [rows] = await connection.query<mysql.RowDataPacket[]>('SELECT * FROM ??', [name]);
      for (const row of rows) statements.push(mysql.format('INSERT INTO ?? SET ?', [name, row]));
    }
    return statements.join(';\n');
  } finally {
    await connection.end();
  }
}
