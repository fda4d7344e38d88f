import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DataSource, QueryRunner } from 'typeorm';
import type { Instant, WallClock } from '../ports.js';
import type { Database, Queries, Transaction } from './database.js';
import { sqlite } from './dialect.js';
import { embeddedSource } from './embedded-source.js';
import { EmbeddedStatements } from './embedded-statements.js';
import { isBusy, type RetryPorts } from './retry.js';

/** How long a writer waits for another process (the command line, a second gateway) before it gives up. */
const BUSY_LIMIT_MS = 3_000;

/**
 * SQLite through libsql. Two connections on one file: the writer, one statement or transaction at a time, and the
 * reader, which can only see what was committed. On one shared connection unrelated statements would join a
 * foreign transaction.
 */
export async function openEmbedded(path: string, ports: RetryPorts & { wall: WallClock }): Promise<Database> {
  const file = resolve(path);
  mkdirSync(dirname(file), { recursive: true });
  const writer = embeddedSource(file, 'writer');
  const reader = embeddedSource(file, 'reader');
  await retryBusy(ports, () => writer.initialize());
  await retryBusy(ports, () => reader.initialize());
  return new EmbeddedDatabase(writer, reader, ports);
}

async function retryBusy<Result>(
  ports: RetryPorts & { wall: WallClock },
  work: () => Promise<Result>,
): Promise<Result> {
  const until = ports.wall.now() + BUSY_LIMIT_MS;
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      if (!isBusy(thrown) || ports.wall.now() >= until) throw thrown;
      await ports.timers.sleep(2 + ports.random.fraction() * 20);
    }
  }
}

class EmbeddedDatabase implements Database {
  readonly dialect = sqlite;
  /** There is one writer, so what waits shares the next statement. */
  readonly parallelInserts = 1;
  readonly read: Queries & { manager: DataSource['manager'] };
  private readonly runner: QueryRunner;
  private readonly written: EmbeddedStatements;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly writer: DataSource,
    private readonly reader: DataSource,
    private readonly ports: RetryPorts & { wall: WallClock },
  ) {
    this.runner = writer.createQueryRunner();
    this.written = new EmbeddedStatements(writer, this.runner);
    const statements = new EmbeddedStatements(reader, reader.createQueryRunner());
    this.read = { rows: (sql, parameters) => statements.rows(sql, parameters), manager: reader.manager };
  }

  now(): Promise<Instant> {
    return Promise.resolve(this.ports.wall.now());
  }

  run(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    return this.alone(() => retryBusy(this.ports, () => this.written.run(sql, parameters)));
  }

  insertIfAbsent(table: string, columns: readonly string[], rows: readonly (readonly unknown[])[]): Promise<number> {
    return this.run(sqlite.insertIfAbsent(table, columns, rows.length), rows.flat());
  }

  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    return this.alone(async () => {
      await retryBusy(this.ports, () => this.written.run('BEGIN IMMEDIATE'));
      try {
        const result = await work({
          rows: (sql, parameters) => this.written.rows(sql, parameters),
          run: (sql, parameters) => this.written.run(sql, parameters),
          manager: this.runner.manager,
        });
        await retryBusy(this.ports, () => this.written.run('COMMIT'));
        return result;
      } catch (thrown) {
        await this.written.run('ROLLBACK');
        throw thrown;
      }
    });
  }

  /** All of them in one transaction: another process that migrates the same file waits and finds them done. */
  migrate(): Promise<string[]> {
    return this.transaction(async () =>
      (await this.writer.runMigrations({ transaction: 'none' })).map(({ name }) => name),
    );
  }

  async pendingMigrations(): Promise<string[]> {
    const tables = await this.read.rows<{ name: string }>(`SELECT name FROM sqlite_master WHERE name = 'migrations'`);
    const done = tables.length > 0 ? await this.read.rows<{ name: string }>('SELECT name FROM migrations') : [];
    const names = new Set(done.map(({ name }) => name));
    return this.writer.migrations.map(({ name }) => String(name)).filter((name) => !names.has(name));
  }

  async close(): Promise<void> {
    await this.alone(() => this.writer.destroy());
    await this.reader.destroy();
  }

  /** Gives every statement and transaction its own turn on the one writing connection. */
  private alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }
}
