import type { Database, Queries } from '../database/database.js';
import { BillingError } from '../errors.js';
import type { Timers } from '../ports.js';

/** `pending` waits for a round; every other state is an end, which a replay makes pending again. */
export type EventState = 'pending' | 'done' | 'ignored' | 'unmatched' | 'dead' | 'discarded';

export const EVENT_STATES: readonly EventState[] = ['pending', 'done', 'ignored', 'unmatched', 'dead', 'discarded'];

/** What a delivery becomes; checked before it gets here, because INSERT IGNORE would bend what does not fit. */
export interface NewInboxRow {
  id: string;
  type: string;
  created: number;
  apiVersion: string | null;
  livemode: boolean;
  subject: string;
  requestKey: string | null;
  body: Buffer;
  receivedAt: number;
  state: 'pending' | 'ignored';
}

const COLUMNS = [
  'id',
  'type',
  'created',
  'api_version',
  'livemode',
  'subject',
  'request_key',
  'body',
  'received_at',
  'state',
  'attempts',
  'pending_at',
] as const;

const BATCH_ROWS = 64;
const BATCH_BYTES = 1_048_576;
const COMMIT_LIMIT_MS = 3_000;

interface Waiting {
  row: NewInboxRow;
  stored: () => void;
  failed: (thrown: unknown) => void;
}

export interface Inbox {
  /** Resolves once the row is durably stored, by this call or an earlier one. Rejects when that is not certain. */
  store(row: NewInboxRow): Promise<void>;
}

/**
 * Rows that arrive while a statement is under way share the next one: nothing ever waits for a timer, and on the
 * embedded database one commit serves many.
 */
export function createInbox(database: Database, timers: Timers): Inbox {
  const waiting: Waiting[] = [];
  let busy = false;

  async function flush(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      const batch = takeBatch(waiting);
      try {
        await insert(
          database,
          batch.map(({ row }) => row),
        );
        batch.forEach(({ stored }) => stored());
      } catch {
        for (const entry of batch) await insert(database, [entry.row]).then(entry.stored, entry.failed);
      }
    }
    busy = false;
  }

  return {
    store(row) {
      const committed = new Promise<void>((stored, failed) => waiting.push({ row, stored, failed }));
      if (!busy) void flush();
      return inTime(committed, timers);
    },
  };
}

function inTime(committed: Promise<void>, timers: Timers): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = timers.after(COMMIT_LIMIT_MS, () =>
      reject(new BillingError('INTERNAL', 'The inbox could not commit in time.', { retryable: true })),
    );
    committed.then(resolve, reject).finally(cancel);
  });
}

/** At most 64 rows and a megabyte, each id once, sorted by id: unsorted batches deadlock each other on MySQL. */
function takeBatch(waiting: Waiting[]): Waiting[] {
  const ids = new Set<string>();
  const left: Waiting[] = [];
  const batch: Waiting[] = [];
  let bytes = 0;
  for (const entry of waiting.splice(0)) {
    const fits = batch.length < BATCH_ROWS && (bytes + entry.row.body.length <= BATCH_BYTES || batch.length === 0);
    if (fits && !ids.has(entry.row.id)) {
      ids.add(entry.row.id);
      bytes += entry.row.body.length;
      batch.push(entry);
    } else left.push(entry);
  }
  waiting.push(...left);
  return batch.sort((one, other) => (one.row.id < other.row.id ? -1 : 1));
}

const valuesOf = (row: NewInboxRow): unknown[] => [
  row.id,
  row.type,
  row.created,
  row.apiVersion,
  row.livemode ? 1 : 0,
  row.subject,
  row.requestKey,
  row.body,
  row.receivedAt,
  row.state,
  0,
  row.state === 'pending' ? row.receivedAt : null,
];

/** One autocommit statement; fails unless every row is accounted for as inserted or already there. */
async function insert(database: Database, rows: NewInboxRow[]): Promise<void> {
  const sql = database.dialect.insertIfAbsent('stripe_events', COLUMNS, rows.length);
  const inserted = await database.run(sql, rows.flatMap(valuesOf));
  if (inserted === rows.length) return;
  const ids = rows.map(({ id }) => id);
  const there = await storedIds(database.read, ids);
  if (there.size < ids.length) {
    throw new BillingError('INTERNAL', `The inbox stored ${there.size} of ${ids.length} events.`, { retryable: true });
  }
}

async function storedIds(queries: Queries, ids: readonly string[]): Promise<Set<string>> {
  const found = await queries.rows<{ id: string }>(
    `SELECT id FROM stripe_events WHERE id IN (${ids.map(() => '?').join(', ')})`,
    ids,
  );
  return new Set(found.map(({ id }) => id));
}

/** An event as the operator sees it in a list. */
export interface InboxEntry {
  id: string;
  type: string;
  state: EventState;
  subject: string;
  created: number;
  receivedAt: number;
  finishedAt: number | null;
  attempts: number;
  error: string | null;
}

/** Newest first, at most `limit`. */
export async function listEvents(
  database: Database,
  filter: { state?: EventState; type?: string; limit: number },
): Promise<InboxEntry[]> {
  const conditions: string[] = [];
  const parameters: unknown[] = [];
  if (filter.state) {
    conditions.push('state = ?');
    parameters.push(filter.state);
  }
  if (filter.type) {
    conditions.push('type = ?');
    parameters.push(filter.type);
  }
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  const rows = await database.read.rows<Record<string, unknown>>(
    `SELECT id, type, state, subject, created, received_at, finished_at, attempts, error
     FROM stripe_events ${where} ORDER BY received_at DESC, id DESC LIMIT ${Math.trunc(filter.limit)}`,
    parameters,
  );
  return rows.map((row) => ({
    id: String(row.id),
    type: String(row.type),
    state: row.state as EventState,
    subject: String(row.subject),
    created: Number(row.created) * 1000,
    receivedAt: Number(row.received_at),
    finishedAt: row.finished_at === null ? null : Number(row.finished_at),
    attempts: Number(row.attempts),
    error: row.error === null ? null : String(row.error),
  }));
}
