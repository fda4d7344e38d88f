import { DataSource, type QueryRunner } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import type { Instant } from '../ports.js';
import type { Database, Queries, Transaction } from './database.js';
import { mysql } from './dialect.js';
import { entities } from './entities.js';
import { SnakeCaseNames } from './names.js';
import { isConflict, type RetryPorts, withRetry } from './retry.js';

const CONNECT_TIMEOUT_MS = 3_000;
const POOL_SIZE = 10;

/** A MySQL-compatible server through mysql2's plain pool, UTC and READ COMMITTED on every connection. */
export async function openServer(url: string, ports: RetryPorts): Promise<Database> {
  const source = new DataSource({
    type: url.startsWith('mariadb:') ? 'mariadb' : 'mysql',
    url,
    entities,
    migrations,
    namingStrategy: new SnakeCaseNames(),
    timezone: 'Z',
    charset: 'utf8mb4_bin',
    supportBigNumbers: true,
    bigNumberStrings: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    invalidWhereValuesBehavior: { null: 'sql-null', undefined: 'throw' },
    extra: { connectionLimit: POOL_SIZE },
  });
  await source.initialize();
  await readCommitted(source);
  return new ServerDatabase(source, ports);
}

const SESSION = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  "SET SESSION time_zone = '+00:00', innodb_lock_wait_timeout = 5",
];

/** MariaDB 10.11 has no start-up variable for the isolation level, so every connection of the pool is told. */
async function readCommitted(source: DataSource): Promise<void> {
  const { pool } = source.driver as unknown as {
    pool: { on(event: 'connection', listener: (connection: { query(sql: string): void }) => void): void };
  };
  pool.on('connection', (connection) => SESSION.forEach((statement) => connection.query(statement)));
  // The connection that `initialize` made is older than the listener; it is the only idle one, so it gets these.
  for (const statement of SESSION) await source.query(statement);
}

class ServerDatabase implements Database {
  readonly dialect = mysql;
  readonly read: Queries & { manager: DataSource['manager'] };

  constructor(
    private readonly source: DataSource,
    private readonly ports: RetryPorts,
  ) {
    this.read = {
      rows: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
        (await source.query(sql, [...parameters])) as Row[],
      manager: source.manager,
    };
  }

  async now(): Promise<Instant> {
    const [row] = await this.read.rows<{ now: number | string }>(mysql.selectNow ?? '');
    return Number(row?.now);
  }

  run(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    return withRetry(this.ports, isConflict, async () => affected(await this.source.query(sql, [...parameters])));
  }

  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    return withRetry(this.ports, isConflict, () => this.once(work));
  }

  async migrate(): Promise<string[]> {
    return (await this.source.runMigrations({ transaction: 'each' })).map(({ name }) => name);
  }

  async pendingMigrations(): Promise<string[]> {
    const tables = await this.read.rows<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'migrations'`,
    );
    const done = tables.length > 0 ? await this.read.rows<{ name: string }>('SELECT name FROM migrations') : [];
    const names = new Set(done.map(({ name }) => name));
    return this.source.migrations.map(({ name }) => String(name)).filter((name) => !names.has(name));
  }

  close(): Promise<void> {
    return this.source.destroy();
  }

  private async once<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const runner = this.source.createQueryRunner();
    await runner.startTransaction();
    try {
      const result = await work(transactionOn(runner));
      await runner.commitTransaction();
      return result;
    } catch (thrown) {
      // A lock-wait time-out leaves half a transaction open unless it is rolled back by name.
      await runner.rollbackTransaction().catch(() => undefined);
      throw thrown;
    } finally {
      await runner.release();
    }
  }
}

const affected = (result: unknown) => (result as { affectedRows?: number }).affectedRows ?? 0;

function transactionOn(runner: QueryRunner): Transaction {
  return {
    rows: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
      (await runner.query(sql, [...parameters])) as Row[],
    run: async (sql, parameters = []) => affected(await runner.query(sql, [...parameters])),
    manager: runner.manager,
  };
}
