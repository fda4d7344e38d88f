import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { createSystemRandom, systemTimers, systemWall } from '../../src/clock/system-clock.js';
import type { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import { PATIENT } from './patience.js';

export type DatabaseKind = 'sqlite' | 'mariadb';

/** What this run of the tests stores in: `TEST_DATABASE=mariadb npx jest …`; the embedded database otherwise. */
export const databaseKind: DatabaseKind = process.env.TEST_DATABASE === 'mariadb' ? 'mariadb' : 'sqlite';

/** A server on which tests make and drop databases of their own. */
export const mariadbUrl = process.env.TEST_MARIADB_URL ?? 'mariadb://root@127.0.0.1:3306';

export const databasePorts = { wall: systemWall, timers: systemTimers, random: createSystemRandom() };

/** A database that nobody else uses, empty, and how to get rid of it. */
export interface FreshDatabase {
  url: string;
  drop(): Promise<void>;
}

export const createFreshDatabase = (kind: DatabaseKind = databaseKind): Promise<FreshDatabase> =>
  kind === 'mariadb' ? createOnMariadb(mariadbUrl) : Promise.resolve(createFile());

function createFile(): FreshDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'billing-test-'));
  return {
    url: `file:${join(folder, 'billing.db')}`,
    drop: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
  };
}

export async function createOnMariadb(server: string): Promise<FreshDatabase> {
  const name = `billing_test_${randomBytes(6).toString('hex')}`;
  await administer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.toString(), drop: () => administer(server, `DROP DATABASE IF EXISTS ${name}`) };
}

/** Runs statements as the server's administrator, over a connection of their own. */
export async function administer(server: string, ...statements: string[]): Promise<void> {
  const connection = await connectTo(new URL('/', server).toString());
  try {
    for (const statement of statements) await connection.query(statement);
  } finally {
    await connection.end();
  }
}

/** A connection of its own to a server, or to the database that its address names. */
export function connectTo(server: string, options: mysql.ConnectionOptions = {}): Promise<mysql.Connection> {
  const { hostname, port, username, password, pathname } = new URL(server);
  return mysql.createConnection({
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    ...(pathname.length > 1 && { database: pathname.slice(1) }),
    ...options,
  });
}

export interface OpenedDatabase extends FreshDatabase {
  database: Database;
  /** Another way in to the same store, as another process would have it. */
  openAnother(): Promise<Database>;
  close(): Promise<void>;
}

/** A fresh database with the schema of this version, open; `close` closes every way in and drops it. */
export async function openFreshDatabase(fresh?: FreshDatabase): Promise<OpenedDatabase> {
  const store = fresh ?? (await createFreshDatabase());
  const opened: Database[] = [];
  const openAnother = async () => {
    const database = await openDatabase(store.url, databasePorts, PATIENT);
    opened.push(database);
    return database;
  };
  const database = await openAnother();
  await database.migrate();
  return {
    ...store,
    database,
    openAnother,
    async close() {
      for (const each of opened) await each.close();
      await store.drop();
    },
  };
}
