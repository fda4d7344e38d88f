import type { Database, Queries } from '../database/database.js';
import type { Instant } from '../ports.js';
import type { EventSource, EventState } from './inbox.js';

/** An event as the operator sees it in a list. */
export interface InboxEntry {
  id: string;
  type: string;
  state: EventState;
  source: EventSource;
  subject: string;
  created: Instant;
  receivedAt: Instant;
  finishedAt: Instant | null;
  /** When its next round may come; null when none is needed. */
  pendingAt: Instant | null;
  /** Rounds so far that could not finish it. */
  attempts: number;
  error: string | null;
  /** When somebody last took it up again or laid it aside by hand; null when nobody did. */
  handledAt: Instant | null;
}

export interface EventFilter {
  ids?: readonly string[];
  state?: EventState;
  /** In any of these states. */
  states?: readonly EventState[];
  type?: string;
  /** Of any of these types. */
  types?: readonly string[];
  /** Whom they are about. */
  subject?: string;
  /** The product's own id of an account. */
  account?: string;
  /** Received at this time or later. */
  from?: Instant;
  /** Received before this time. */
  to?: Instant;
  /** Only those that took more than five seconds from their arrival to their end. */
  slow?: boolean;
  /** Only those that were applied after a younger event of the same subject. */
  outOfOrder?: boolean;
}

export const SLOW_MS = 5_000;
/** Beyond this a total is not worth counting. */
export const MOST_COUNTED = 10_000;

export const COLUMNS =
  'e.id, e.type, e.state, e.source, e.subject, e.created, e.received_at, e.finished_at, e.pending_at, e.attempts, e.error, ' +
  '(SELECT MAX(a.at) FROM event_actions a WHERE a.event_id = e.id) AS handled_at';

type Condition = [sql: string, ...values: unknown[]];

/** What follows `FROM stripe_events e`, with its parameters. */
export function whereOf(filter: EventFilter, ...more: Condition[]): [string, unknown[]] {
  const { ids, state, states, type, types, subject, account, from, to, slow, outOfOrder } = filter;
  const conditions: Condition[] = [...more];
  const when = (wanted: unknown, ...condition: Condition) => wanted !== undefined && conditions.push(condition);
  const among = (column: string, wanted: readonly string[] | undefined) =>
    // An empty list fits nothing.
    when(wanted, `${column} IN (${wanted?.length ? wanted.map(() => '?').join(', ') : 'NULL'})`, ...(wanted ?? []));
  among('e.id', ids);
  among('e.state', states);
  among('e.type', types);
  when(state, 'e.state = ?', state);
  when(type, 'e.type = ?', type);
  when(subject, 'e.subject = ?', subject);
  when(from, 'e.received_at >= ?', from);
  when(to, 'e.received_at < ?', to);
  when(
    account,
    `e.subject IN (SELECT c.id FROM stripe_customers c JOIN accounts a ON a.id = c.account_id WHERE a.external_id = ?)`,
    account,
  );
  if (slow) conditions.push(["e.state = 'done' AND e.finished_at - e.received_at > ?", SLOW_MS]);
  if (outOfOrder) conditions.push(['e.late_by > 0']);
  if (conditions.length === 0) return ['', []];
  return [`WHERE ${conditions.map(([sql]) => sql).join(' AND ')}`, conditions.flatMap(([, ...values]) => values)];
}

export interface EventPage {
  entries: InboxEntry[];
  /** Of the whole list; null above 10,000. */
  total: number | null;
  /** Id to go on behind; null at the end. */
  next: string | null;
}

/** Newest first, at most `limit`, behind the event `after`; null when there is no such event to go on behind. */
export async function listEvents(
  { read }: Pick<Database, 'read'>,
  filter: EventFilter,
  { limit, after }: { limit: number; after?: string },
): Promise<EventPage | null> {
  const [last] = after === undefined ? [] : await selectEvents(read, ...whereOf({ ids: [after] }), 1);
  if (after !== undefined && !last) return null;
  const behind: Condition[] = last
    ? [['(e.received_at < ? OR (e.received_at = ? AND e.id < ?))', last.receivedAt, last.receivedAt, last.id]]
    : [];
  const found = await selectEvents(read, ...whereOf(filter, ...behind), limit + 1);
  const entries = found.slice(0, limit);
  return {
    entries,
    total: await countEvents(read, filter),
    next: found.length > limit ? (entries.at(-1)?.id ?? null) : null,
  };
}

async function countEvents(read: Queries, filter: EventFilter): Promise<number | null> {
  const total = await countUpTo(MOST_COUNTED + 1, read, ...whereOf(filter));
  return total > MOST_COUNTED ? null : total;
}

/** How many events `e` fit, counted no further than `most`. */
export async function countUpTo(most: number, read: Queries, where: string, values: unknown[] = []): Promise<number> {
  const [row] = await read.rows<{ found: number | string }>(
    `SELECT COUNT(*) AS found FROM (SELECT 1 AS one FROM stripe_events e ${where} LIMIT ${most}) AS counted`,
    values,
  );
  return Number(row?.found);
}

async function selectEvents(read: Queries, where: string, values: unknown[], limit: number): Promise<InboxEntry[]> {
  const rows = await read.rows<Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM stripe_events e ${where} ORDER BY e.received_at DESC, e.id DESC LIMIT ${Math.trunc(limit)}`,
    values,
  );
  return rows.map(toEntry);
}

const numberOrNull = (value: unknown) => (value === null ? null : Number(value));

export const toEntry = (row: Record<string, unknown>): InboxEntry => ({
  id: String(row.id),
  type: String(row.type),
  state: row.state as EventState,
  source: row.source as EventSource,
  subject: String(row.subject),
  created: Number(row.created) * 1000,
  receivedAt: Number(row.received_at),
  finishedAt: row.state === 'pending' ? null : numberOrNull(row.finished_at),
  pendingAt: numberOrNull(row.pending_at),
  attempts: Number(row.attempts),
  error: row.error === null ? null : String(row.error),
  handledAt: numberOrNull(row.handled_at),
});

/** Where a walk over events stands: at the last one it has come to. */
export type EventPlace = Pick<InboxEntry, 'id' | 'receivedAt'>;

/** The oldest events that fit, at most `limit`, behind a place; null begins. */
export function walkEvents(
  { read }: Pick<Database, 'read'>,
  filter: EventFilter,
  place: EventPlace | null,
  limit: number,
): Promise<(EventPlace & { subject: string })[]> {
  const behind: Condition[] = place
    ? [['(e.received_at > ? OR (e.received_at = ? AND e.id > ?))', place.receivedAt, place.receivedAt, place.id]]
    : [];
  const [where, values] = whereOf(filter, ...behind);
  return read
    .rows<Record<string, unknown>>(
      `SELECT ${COLUMNS} FROM stripe_events e ${where} ORDER BY e.received_at, e.id LIMIT ${Math.trunc(limit)}`,
      values,
    )
    .then((rows) => rows.map(toEntry));
}

/** The first of the subjects of all events that fit, in the order of their names, behind one; null at the end. */
export async function nextSubject(
  { read }: Pick<Database, 'read'>,
  filter: EventFilter,
  behind: string,
): Promise<string | null> {
  const [where, values] = whereOf(filter, ['e.subject > ?', behind]);
  const [row] = await read.rows<{ subject: string | null }>(
    `SELECT MIN(e.subject) AS subject FROM stripe_events e ${where}`,
    values,
  );
  return row?.subject ?? null;
}

/** How many events fit, and of how many subjects they are; both to the last one. */
export async function countFitting(
  { read }: Pick<Database, 'read'>,
  filter: EventFilter,
): Promise<{ events: number; subjects: number }> {
  const [where, values] = whereOf(filter);
  const [row] = await read.rows<{ events: number | string; subjects: number | string }>(
    `SELECT COUNT(*) AS events, COUNT(DISTINCT e.subject) AS subjects FROM stripe_events e ${where}`,
    values,
  );
  return { events: Number(row?.events), subjects: Number(row?.subjects) };
}

/** Id and subject of every event that fits, oldest first. */
export function pickEvents(
  { read }: Pick<Database, 'read'>,
  filter: EventFilter,
): Promise<{ id: string; subject: string; state: EventState }[]> {
  const [where, values] = whereOf(filter);
  return read.rows(
    `SELECT e.id AS id, e.subject AS subject, e.state AS state FROM stripe_events e ${where} ORDER BY e.received_at, e.id`,
    values,
  );
}

/** One event with what it brought, as it was sent; null when it is not there. */
export async function readEvent(
  { read }: Pick<Database, 'read'>,
  id: string,
): Promise<(InboxEntry & { account: string | null; payload: unknown }) | null> {
  const [row] = await read.rows<Record<string, unknown>>(
    `SELECT ${COLUMNS}, e.body, a.external_id AS account FROM stripe_events e
     LEFT JOIN stripe_customers c ON c.id = e.subject LEFT JOIN accounts a ON a.id = c.account_id WHERE e.id = ?`,
    [id],
  );
  if (!row) return null;
  const account = typeof row.account === 'string' ? row.account : null;
  return { ...toEntry(row), account, payload: parse(row.body as Buffer) };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return null;
  }
}
