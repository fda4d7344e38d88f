import type { Random, Timers } from '../ports.js';

/** 1213 deadlock, 1205 lock wait time-out, 1020 record changed since last read (MariaDB), and SQLite's busy file. */
const retryable = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD']);

interface DriverError {
  code?: unknown;
  fatal?: unknown;
  driverError?: { code?: unknown; fatal?: unknown };
}

function codeOf(thrown: unknown): string {
  const { code, driverError } = (thrown ?? {}) as DriverError;
  return String(driverError?.code ?? code ?? '');
}

export const isBusy = (thrown: unknown): boolean => codeOf(thrown).startsWith('SQLITE_BUSY');
export const isConflict = (thrown: unknown): boolean => retryable.has(codeOf(thrown));

/** Whether the statement broke a unique key. */
export const isDuplicate = (thrown: unknown): boolean =>
  /^(ER_DUP_ENTRY|SQLITE_CONSTRAINT(_UNIQUE|_PRIMARYKEY)?)$/.test(codeOf(thrown));

/** Whether a connection broke under a statement: what it asked may have happened or not. */
export const isLost = (thrown: unknown): boolean =>
  /^(PROTOCOL_CONNECTION_LOST|ECONNRESET|EPIPE|ERR_STREAM_DESTROYED)$/.test(codeOf(thrown)) ||
  (thrown instanceof Error && thrown.message.includes('connection is in closed state'));

/** Whether the store itself is away, busy or full, so that asking for less would not help. */
export const isAway = (thrown: unknown): boolean => {
  const { fatal, driverError } = (thrown ?? {}) as DriverError;
  return driverError?.fatal === true || fatal === true || AWAY.test(codeOf(thrown));
};

const AWAY = /^(E[A-Z]+|PROTOCOL_\w+|ER_CON_COUNT_ERROR|ER_SERVER_SHUTDOWN|SQLITE_(BUSY|FULL|IOERR|READONLY)\w*)$/;

export interface RetryPorts {
  random: Random;
  timers: Timers;
}

/** Up to five tries with growing jitter, for as long as `again` recognises the error. */
export async function withRetry<Result>(
  ports: RetryPorts,
  again: (thrown: unknown) => boolean,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (thrown) {
      if (attempt >= 5 || !again(thrown)) throw thrown;
      await ports.timers.sleep(ports.random.fraction() * 20 * 2 ** attempt);
    }
  }
}
