import type { Database } from '../database/database.js';
import type { Instant } from '../ports.js';
import { EVENT_STATES, type EventSource } from './inbox.js';
import { COLUMNS, type InboxEntry, toEntry } from './stored-events.js';

/** An event that is older than so many others in its state is left to the list. */
export const OF_EACH_STATE = 100;
/** Beyond this it is not worth counting. */
const MOST_COUNTED = 10_000;

/** The end of the inbox, read at a cost that does not grow with it. */
export interface InboxTail {
  /** The newest of each state, newest first. */
  entries: InboxEntry[];
  /** How many wait for their turn; 10,000 for that many and more. */
  backlog: number;
  /** Store time before it was read. */
  readAt: Instant;
}

type Reader = Pick<Database, 'read' | 'now'>;

export async function readTail(database: Reader): Promise<InboxTail> {
  const readAt = await database.now();
  const newest = EVENT_STATES.map(
    (state) =>
      `SELECT * FROM (SELECT ${COLUMNS} FROM stripe_events e WHERE e.state = '${state}' ORDER BY e.received_at DESC, e.id DESC LIMIT ${OF_EACH_STATE}) AS newest_${state}`,
  );
  const rows = await database.read.rows<Record<string, unknown>>(newest.join(' UNION ALL '));
  return {
    // Between two states an event may be met in both: the later one of EVENT_STATES is where it goes.
    entries: [...new Map(rows.map(toEntry).map((entry) => [entry.id, entry])).values()].sort(newestFirst),
    backlog: await count(database, "e.state = 'pending'"),
    readAt,
  };
}

const newestFirst = (one: InboxEntry, other: InboxEntry): number =>
  other.receivedAt - one.receivedAt || (one.id < other.id ? 1 : -1);

/** The index is by state and time. */
const IN_ANY_STATE = `e.state IN (${EVENT_STATES.map((state) => `'${state}'`).join(', ')})`;

/** How many came in after that moment; 10,000 for that many and more. */
export const countSince = (database: Reader, receivedAt: Instant): Promise<number> =>
  count(database, `${IN_ANY_STATE} AND e.received_at > ?`, [receivedAt]);

async function count({ read }: Reader, condition: string, values: unknown[] = []): Promise<number> {
  const [row] = await read.rows<{ found: number | string }>(
    `SELECT COUNT(*) AS found FROM (SELECT 1 AS one FROM stripe_events e WHERE ${condition} LIMIT ${MOST_COUNTED}) AS counted`,
    values,
  );
  return Number(row?.found);
}

/** These events as they stand now; those that are not there any more are left out. */
export async function readEvents({ read }: Reader, ids: readonly string[]): Promise<InboxEntry[]> {
  if (ids.length === 0) return [];
  const rows = await read.rows<Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM stripe_events e WHERE e.id IN (${ids.map(() => '?').join(', ')})`,
    ids,
  );
  return rows.map(toEntry);
}

/** Which subjects are an account's, by the product's own id of it. */
export async function subjectsOf({ read }: Reader, account: string): Promise<string[]> {
  const rows = await read.rows<{ id: string }>(
    'SELECT c.id AS id FROM stripe_customers c JOIN accounts a ON a.id = c.account_id WHERE a.external_id = ?',
    [account],
  );
  return rows.map(({ id }) => id);
}

/** How many events came in after that moment, by how they came. */
export async function countSources(
  { read }: Pick<Database, 'read'>,
  receivedAt: Instant,
): Promise<Partial<Record<EventSource, number>>> {
  const rows = await read.rows<{ source: EventSource; found: number | string }>(
    `SELECT e.source AS source, COUNT(*) AS found FROM stripe_events e WHERE ${IN_ANY_STATE} AND e.received_at > ? GROUP BY e.source`,
    [receivedAt],
  );
  return Object.fromEntries(rows.map(({ source, found }) => [source, Number(found)]));
}
