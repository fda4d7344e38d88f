import type { Duplex } from 'node:stream';
import mysql from 'mysql2';
import type { Timers } from '../ports.js';

export type ServerKind = 'mariadb' | 'mysql';

/** Limits of one pool. Locks are waited for less long than answers, so that a lock is told from a dead connection. */
export interface PoolLimits {
  /** How long the server may take to welcome a connection. */
  connectMs: number;
  /** A statement without an answer for this long is given up together with its connection; null waits for ever. */
  answerMs: number | null;
  lockWaitSeconds: number;
  /** How long a change of the schema, or a statement that meets one, waits for the table. */
  metadataLockWaitSeconds: number;
}

export const RUN_TIME: PoolLimits = {
  connectMs: 2_000,
  answerMs: 4_000,
  lockWaitSeconds: 2,
  metadataLockWaitSeconds: 2,
};
/** A change of a large table may take hours, but it waits for the table at most a second: what queues behind it stands still. */
export const MIGRATION: PoolLimits = {
  connectMs: 2_000,
  answerMs: null,
  lockWaitSeconds: 5,
  metadataLockWaitSeconds: 1,
};

/** Idle connections are given back before the server ends them, which it does to free what a vanished client has locked. */
export const IDLE_MS = 30_000;
const SERVER_ENDS_IDLE_AFTER_SECONDS = 60;
const SERVER_ENDS_IDLE_TRANSACTION_AFTER_SECONDS = 10;

export class DatabaseSilent extends Error {
  readonly code = 'PROTOCOL_SEQUENCE_TIMEOUT';

  constructor(limitMs: number) {
    super(`The database did not answer within ${limitMs / 1000} s; the connection was given up.`);
    this.name = 'DatabaseSilent';
  }
}

/** What every connection is told before its first statement. MariaDB 10.11 has no start-up variable for the isolation level. */
export function sessionStatements(kind: ServerKind, limits: PoolLimits): string[] {
  const settings = [
    "time_zone = '+00:00'",
    // A value that does not fit is an error, whatever the server's own mode is.
    "sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
    `innodb_lock_wait_timeout = ${limits.lockWaitSeconds}`,
    `lock_wait_timeout = ${limits.metadataLockWaitSeconds}`,
    ...(limits.answerMs === null ? [] : [`wait_timeout = ${SERVER_ENDS_IDLE_AFTER_SECONDS}`]),
    ...(limits.answerMs !== null && kind === 'mariadb'
      ? [`idle_transaction_timeout = ${SERVER_ENDS_IDLE_TRANSACTION_AFTER_SECONDS}`]
      : []),
  ];
  return ['SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED', `SET SESSION ${settings.join(', ')}`];
}

/** mysql2 as TypeORM's driver, with a pool whose connections are prepared and watched from the first one on. */
export function poolDriver(kind: ServerKind, limits: PoolLimits, timers: Timers): { createPool: typeof createPool } {
  const createPool = (options: mysql.PoolOptions): mysql.Pool => {
    const pool = mysql.createPool(options);
    const idle = new Set<mysql.PoolConnection>();
    pool.on('acquire', (connection) => idle.delete(connection));
    pool.on('release', (connection) => idle.add(connection));
    pool.on('connection', (connection) => {
      // TypeORM asks for it before every statement, and mysql2 would make a new one each time.
      const promised = connection.promise();
      connection.promise = () => promised;
      // The pool listens for the first error only; a second one without a listener would end the process.
      connection.on('error', () => idle.delete(connection));
      connection.on('end', () => idle.delete(connection));
      if (limits.answerMs !== null) {
        // Where one connection is dead, those nobody uses are likely to be: better to open new ones.
        giveUpSilent(connection, limits.answerMs, timers, () => {
          for (const other of idle) {
            other.destroy();
            cut(other);
          }
          idle.clear();
        });
      }
      for (const statement of sessionStatements(kind, limits)) {
        connection.query(statement, (error) => {
          if (error) cut(connection, error);
        });
      }
    });
    return pool;
  };
  return { createPool };
}

/** At once: `destroy` of mysql2 only says good-bye, and waits for an answer while statements are under way. */
function cut(connection: mysql.PoolConnection, reason?: Error): void {
  (connection as unknown as { stream: Duplex }).stream.destroy(reason);
}

type Callback = (error: mysql.QueryError | null, ...results: unknown[]) => void;
type Ask = (...parameters: [...unknown[], Callback]) => unknown;

/** mysql2's own time-out reports an error and leaves the connection in the pool, with the statement still under way on it. */
function giveUpSilent(connection: mysql.PoolConnection, limitMs: number, timers: Timers, onSilent: () => void): void {
  const asks = connection as unknown as Record<'query' | 'execute', Ask>;
  for (const method of ['query', 'execute'] as const) {
    const ask = asks[method].bind(connection);
    asks[method] = (...parameters) => {
      const callback = parameters.pop() as Callback;
      const cancel = timers.after(limitMs, () => {
        cut(connection, new DatabaseSilent(limitMs));
        onSilent();
      });
      return ask(...parameters, (error, ...results) => {
        cancel();
        callback(error, ...results);
      });
    };
  }
}
