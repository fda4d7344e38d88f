import type { EntityManager } from 'typeorm';
import type { Instant } from '../ports.js';
import type { Dialect } from './dialect.js';

/** Where a statement runs. Parameters are written `?` on every database. */
export interface Queries {
  rows<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/**
 * An open transaction. Nothing in it may wait for the network, nor ask the database for anything by another way: with as
 * many transactions as connections, all would wait for each other.
 */
export interface Transaction extends Queries {
  /** Runs a statement that changes rows and tells how many it found. */
  run(sql: string, parameters?: readonly unknown[]): Promise<number>;
  manager: EntityManager;
}

/**
 * The one way to the stored rows. Reads see committed rows only; writes are one statement or one transaction.
 */
export interface Database {
  readonly dialect: Dialect;
  /** Entities as committed; for answers. */
  readonly read: Queries & { manager: EntityManager };
  /** The store's own time, which leases and back-offs live by: the server's, or wall time on the embedded database. */
  now(): Promise<Instant>;
  /** One autocommit statement; answers the number of rows it found or inserted. Retried when the database says so. */
  run(sql: string, parameters?: readonly unknown[]): Promise<number>;
  /**
   * Inserts, by autocommit, the rows whose id is not there yet; the first column is `id`. Resolves once every row is
   * durably there, by this call or an earlier one, and answers how many were new; rejects when anything else is wrong
   * with one of them.
   */
  insertIfAbsent(table: string, columns: readonly string[], rows: readonly (readonly unknown[])[]): Promise<number>;
  /** How many such inserts are worth having under way at once. */
  readonly parallelInserts: number;
  /**
   * Runs `work` in one transaction and commits. Repeated from the start, up to five times, after a deadlock, a lock
   * time-out or a busy file, so `work` must do nothing outside the transaction.
   */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** Runs every migration that is missing and answers their names. */
  migrate(): Promise<string[]>;
  /** Names of the migrations that have not been run. */
  pendingMigrations(): Promise<string[]>;
  close(): Promise<void>;
}
