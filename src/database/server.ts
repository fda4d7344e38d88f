import type { Pool, PoolConnection, ResultSetHeader } from 'mysql2';
import type { DataSource, QueryRunner } from 'typeorm';
import type { Instant } from '../ports.js';
import type { Database, Queries, Transaction } from './database.js';
import { mysql } from './dialect.js';
import { isConflict, isDuplicate, isLost, type RetryPorts, withRetry } from './retry.js';
import { parseServerUrl } from './server-address.js';
import { migrateServer } from './server-migrate.js';
import { RUN_TIME } from './server-pool.js';
import { askServerKind, POOL_SIZE, serverSource } from './server-source.js';

/** A MySQL-compatible server through mysql2's plain pool, UTC and READ COMMITTED on every connection. */
export async function openServer(url: string, ports: RetryPorts, limits = RUN_TIME): Promise<Database> {
  const address = parseServerUrl(url);
  const kind = await askServerKind(address, limits.connectMs);
  const source = serverSource(address, kind, { limits, connections: POOL_SIZE, timers: ports.timers });
  await source.initialize();
  return new ServerDatabase(source, ports, () => migrateServer(address, kind, ports, limits.connectMs));
}

class ServerDatabase implements Database {
  readonly dialect = mysql;
  readonly parallelInserts = 2;
  readonly read: Queries & { manager: DataSource['manager'] };
  /** Failures of connections that broke before their commit was sent: the server has undone all of it. */
  private readonly rolledBack = new WeakSet<object>();

  constructor(
    private readonly source: DataSource,
    private readonly ports: RetryPorts,
    readonly migrate: () => Promise<string[]>,
  ) {
    this.read = {
      rows: <Row>(sql: string, parameters: readonly unknown[] = []) =>
        withRetry(ports, isLost, () => source.query<Row[]>(sql, [...parameters])),
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

  async insertIfAbsent(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly unknown[])[],
  ): Promise<number> {
    const sql = mysql.insertIfAbsent(table, columns, rows.length);
    try {
      await withRetry(this.ports, isConflictOrLost, () => this.execute(sql, rows.flat()));
      return rows.length;
    } catch (thrown) {
      if (!isDuplicate(thrown)) throw thrown;
      const there = await this.idsIn(
        table,
        rows.map(([id]) => id),
      );
      const absent = rows.filter(([id]) => !there.has(id));
      // A row on its own that is a duplicate of none by id broke another key.
      if (absent.length === 1 && rows.length === 1) throw thrown;
      const parts = absent.length < rows.length ? [absent] : absent.map((row) => [row]);
      let inserted = 0;
      for (const part of parts) if (part.length > 0) inserted += await this.insertIfAbsent(table, columns, part);
      return inserted;
    }
  }

  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    return withRetry(
      this.ports,
      (thrown) => isConflict(thrown) || this.rolledBack.has(Object(thrown) as object),
      () => this.once(work),
    );
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
    const runner = await withRetry(this.ports, isLost, () => this.begin());
    let committing = false;
    try {
      const result = await work(transactionOn(runner));
      committing = true;
      await runner.commitTransaction();
      return result;
    } catch (thrown) {
      if (!committing && isLost(thrown)) this.rolledBack.add(Object(thrown) as object);
      // A lock-wait time-out leaves half a transaction open unless it is rolled back by name.
      await rollBack(runner);
      throw thrown;
    } finally {
      await runner.release();
    }
  }

  /** A connection that broke while it was idle is noticed here, where nothing has been asked of it yet. */
  private async begin(): Promise<QueryRunner> {
    const runner = this.source.createQueryRunner();
    try {
      await runner.startTransaction();
      return runner;
    } catch (thrown) {
      await runner.release();
      throw thrown;
    }
  }

  /** Prepared: a batch costs the process a third of what the text protocol does, since nothing is escaped. */
  private execute(sql: string, parameters: unknown[]): Promise<number> {
    const { pool } = this.source.driver as unknown as { pool: Pool };
    return new Promise((resolve, reject) => {
      pool.execute<ResultSetHeader>(sql, parameters as never, (error, result) =>
        error ? reject(error) : resolve(result.affectedRows),
      );
    });
  }

  private async idsIn(table: string, ids: readonly unknown[]): Promise<Set<unknown>> {
    const found = await this.read.rows<{ id: string }>(
      `SELECT id FROM ${table} WHERE id IN (${ids.map(() => '?').join(', ')})`,
      ids,
    );
    return new Set(found.map(({ id }) => id));
  }
}

/** What cannot be rolled back is closed: a connection must never go back to the pool with a transaction open. */
async function rollBack(runner: QueryRunner): Promise<void> {
  try {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
  } catch {
    const connection = (await runner.connect().catch(() => null)) as PoolConnection | null;
    connection?.destroy();
  }
}

/** To insert what is absent may be repeated whatever became of the first try. */
const isConflictOrLost = (thrown: unknown) => isConflict(thrown) || isLost(thrown);

const affected = (result: unknown) => (result as { affectedRows?: number }).affectedRows ?? 0;

function transactionOn(runner: QueryRunner): Transaction {
  return {
    rows: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
      (await runner.query(sql, [...parameters])) as Row[],
    run: async (sql, parameters = []) => affected(await runner.query(sql, [...parameters])),
    manager: runner.manager,
  };
}
