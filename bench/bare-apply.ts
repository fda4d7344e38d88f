import libsql from 'libsql';
import mysql from 'mysql2/promise';
import { performance } from 'node:perf_hooks';
import { answerQuestions } from './child.js';

/** The least that a claim and an apply ask of the database, by hand and prepared: no Stripe, no decision, no entities. */

const CLAIM = [
  'SELECT id, fence FROM bare_subjects WHERE due_at <= 1 ORDER BY due_at LIMIT 64',
  'UPDATE bare_subjects SET fence = fence + 1, lease_until = 2 WHERE id = ? AND fence = 0',
  'SELECT id, type, body FROM bare_inbox WHERE subject = ? AND pending_at <= 1 LIMIT 501',
];
const APPLY = (lock: string) => [
  `SELECT fence FROM bare_subjects WHERE id = ?${lock}`,
  'SELECT data FROM bare_rows WHERE id = ?',
  `SELECT data FROM bare_rows WHERE id = ?${lock}`,
  "UPDATE bare_rows SET data = CONCAT('changed ', id) WHERE id = ?",
  'UPDATE bare_rows SET revision = revision + 1 WHERE id = ?',
  'INSERT INTO bare_audit (id, data) VALUES (?, ?)',
  'UPDATE bare_inbox SET pending_at = NULL WHERE subject = ?',
  'UPDATE bare_subjects SET due_at = NULL, lease_until = NULL WHERE id = ?',
];
const TABLES = (bytes: string) => [
  'CREATE TABLE bare_subjects (id VARCHAR(64) PRIMARY KEY, fence BIGINT, lease_until BIGINT, due_at BIGINT)',
  'CREATE INDEX bare_due ON bare_subjects (due_at)',
  `CREATE TABLE bare_inbox (id VARCHAR(64) PRIMARY KEY, subject VARCHAR(64), type VARCHAR(64), body ${bytes}, pending_at BIGINT)`,
  'CREATE INDEX bare_waiting ON bare_inbox (subject, pending_at)',
  'CREATE TABLE bare_rows (id VARCHAR(64) PRIMARY KEY, data VARCHAR(2000), revision BIGINT)',
  'CREATE TABLE bare_audit (id VARCHAR(64) PRIMARY KEY, data VARCHAR(2000))',
];
const SEED = [
  'INSERT INTO bare_subjects VALUES (?, 0, NULL, 1)',
  "INSERT INTO bare_inbox VALUES (?, ?, 'customer.subscription.updated', ?, 1)",
  'INSERT INTO bare_rows VALUES (?, ?, 0)',
];

interface Store {
  /** Each worker claims with one connection and applies in a transaction of its own. */
  workers: number;
  lock: string;
  ask(sql: string, parameters?: unknown[]): Promise<unknown>;
  transaction(work: (ask: Store['ask']) => Promise<void>): Promise<void>;
}

async function openServer(url: string): Promise<Store> {
  const { hostname: host, port, username: user, password, pathname } = new URL(url);
  const database = pathname.slice(1);
  const pool = mysql.createPool({ host, port: Number(port || 3306), user, password, database, connectionLimit: 10 });
  for (const table of TABLES('MEDIUMBLOB')) await pool.query(table);
  return {
    workers: 4,
    lock: ' FOR UPDATE',
    ask: async (sql, parameters = []) => (await pool.execute(sql, parameters as never))[0],
    async transaction(work) {
      const connection = await pool.getConnection();
      await connection.beginTransaction();
      await work(async (sql, parameters = []) => (await connection.execute(sql, parameters as never))[0]);
      await connection.commit();
      connection.release();
    },
  };
}

function openFile(file: string): Store {
  const database = new libsql(file);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  for (const table of TABLES('BLOB')) database.exec(table);
  const statements = new Map<string, ReturnType<typeof database.prepare>>();
  const ask = (sql: string, parameters: unknown[] = []) => {
    // SQLite joins text by an operator.
    const statement =
      statements.get(sql) ?? database.prepare(sql.replace("CONCAT('changed ', id)", "'changed ' || id"));
    statements.set(sql, statement);
    return Promise.resolve(statement.reader ? statement.all(...parameters) : statement.run(...parameters));
  };
  return {
    workers: 1,
    lock: '',
    ask,
    async transaction(work) {
      database.exec('BEGIN IMMEDIATE');
      await work(ask);
      database.exec('COMMIT');
    },
  };
}

/** Events a second over `count` of them, each of a customer of her own. */
async function measure(store: Store, count: number): Promise<number> {
  const body = Buffer.from('x'.repeat(2_000));
  await store.transaction(async (ask) => {
    for (let n = 0; n < count; n++) {
      await ask(SEED[0] as string, [`c${n}`]);
      await ask(SEED[1] as string, [`e${n}`, `c${n}`, body]);
      await ask(SEED[2] as string, [`c${n}`, 'x'.repeat(500)]);
    }
  });
  const began = performance.now();
  let next = 0;
  const work = async () => {
    while (next < count) {
      const subject = `c${next++}`;
      for (const sql of CLAIM) await store.ask(sql, sql.includes('?') ? [subject] : []);
      await store.transaction(async (ask) => {
        for (const sql of APPLY(store.lock))
          await ask(sql, sql.startsWith('INSERT') ? [subject, 'x'.repeat(500)] : [subject]);
      });
    }
  };
  await Promise.all(Array.from({ length: store.workers }, work));
  return count / ((performance.now() - began) / 1000);
}

async function main(url: string): Promise<void> {
  const store = url.startsWith('file:') ? openFile(url.slice('file:'.length)) : await openServer(url);
  answerQuestions({ ready: () => ({}), measure: (count) => measure(store, count as number) });
}

void main(String(process.argv[2]));
