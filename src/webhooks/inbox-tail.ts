import type { Database, Queries } from '../database/database.js';
import type { Instant } from '../ports.js';
import { EVENT_STATES, type EventSource, type EventState } from './inbox.js';
import {
  COLUMNS,
  countUpTo,
  type EventFilter,
  type InboxEntry,
  MOST_COUNTED,
  toEntry,
  whereOf,
} from './stored-events.js';

/** An event that is older than so many others in its state is left to the list, unless it was handled lately. */
export const OF_EACH_STATE = 100;
/** So many that were handled last are looked through for what is wanted. */
const HANDLED_LATELY = 1_000;
/** A database takes a few hundred parts of one statement. */
const PARTS_AT_ONCE = 100;

/** What of the inbox is wanted; all of it where nothing is said. */
export type Wanted = Pick<EventFilter, 'states' | 'types' | 'account' | 'from' | 'to'>;

/** The end of the inbox, read at a cost that does not grow with it. */
export interface InboxTail {
  /** Of what is wanted the newest of each state, and what was handled last, newest first. */
  entries: InboxEntry[];
  /** How many of all events wait for their turn; 10,000 for that many and more. */
  backlog: number;
}

type Reader = Pick<Database, 'read'>;

export async function readTail({ read }: Reader, wanted: Wanted): Promise<InboxTail> {
  const newest = wanted.account === undefined ? newestOfEach(read, wanted) : newestOfAccount(read, wanted);
  const ids = new Set([...(await newest), ...(await lastHandled(read, wanted))]);
  return {
    entries: (await readEvents({ read }, [...ids])).sort(newestFirst),
    backlog: await countUpTo(MOST_COUNTED, read, "WHERE e.state = 'pending'"),
  };
}

const newestFirst = (one: InboxEntry, other: InboxEntry): number =>
  other.receivedAt - one.receivedAt || (one.id < other.id ? 1 : -1);

interface Place {
  id: string;
  state: EventState;
  received_at: number | string;
}

/** By the index of state and time, or that of state, type and time. */
async function newestOfEach(read: Queries, { states, types, from, to }: Wanted): Promise<string[]> {
  const ofTypes = types ? [...new Set(types)] : [undefined];
  const parts = [...new Set(states ?? EVENT_STATES)].flatMap((state) =>
    ofTypes.map((type) => {
      const [where, values] = whereOf({ state, type, from, to });
      const sql = `SELECT * FROM (SELECT e.id, e.state, e.received_at FROM stripe_events e ${where} ORDER BY e.received_at DESC, e.id DESC LIMIT ${OF_EACH_STATE}) AS newest_${state}`;
      return { sql, values };
    }),
  );
  const found: Place[] = [];
  for (let start = 0; start < parts.length; start += PARTS_AT_ONCE) {
    const some = parts.slice(start, start + PARTS_AT_ONCE);
    const values = some.flatMap((part) => part.values);
    found.push(...(await read.rows<Place>(some.map(({ sql }) => sql).join(' UNION ALL '), values)));
  }
  found.sort((one, other) => Number(other.received_at) - Number(one.received_at) || (one.id < other.id ? 1 : -1));
  const of = (state: EventState) => found.filter((place) => place.state === state).slice(0, OF_EACH_STATE);
  return EVENT_STATES.flatMap(of).map(({ id }) => id);
}

/** All events of one account are few. Nothing is limited inside, or a database might look for them among those of everybody. */
async function newestOfAccount(read: Queries, wanted: Wanted): Promise<string[]> {
  const [where, values] = whereOf(wanted);
  const rows = await read.rows<{ id: string }>(
    `SELECT placed.id AS id FROM (
       SELECT e.id, ROW_NUMBER() OVER (PARTITION BY e.state ORDER BY e.received_at DESC, e.id DESC) AS place
       FROM stripe_events e ${where}) AS placed
     WHERE placed.place <= ${OF_EACH_STATE}`,
    values,
  );
  return rows.map(({ id }) => id);
}

const isNarrow = ({ states, types, account, from, to }: Wanted): boolean =>
  [states, types, account, from, to].some((asked) => asked !== undefined);

/** What somebody took up again or laid aside last, however old it is. */
async function lastHandled(read: Queries, wanted: Wanted): Promise<string[]> {
  const [where, values] = whereOf(wanted);
  const rows = await read.rows<{ id: string }>(
    `SELECT e.id AS id FROM (
       SELECT event_id, at FROM event_actions ORDER BY at DESC LIMIT ${isNarrow(wanted) ? HANDLED_LATELY : OF_EACH_STATE}) AS handled
     JOIN stripe_events e ON e.id = handled.event_id ${where} ORDER BY handled.at DESC LIMIT ${OF_EACH_STATE}`,
    values,
  );
  return rows.map(({ id }) => id);
}

/** How often somebody handled what is wanted after that moment; 10,000 for that often and more. */
export async function countHandled({ read }: Reader, wanted: Wanted, at: Instant): Promise<number> {
  const [where, values] = whereOf(wanted, ['a.at > ?', at]);
  const join = isNarrow(wanted) ? 'JOIN stripe_events e ON e.id = a.event_id' : '';
  const [row] = await read.rows<{ found: number | string }>(
    `SELECT COUNT(*) AS found FROM (SELECT 1 AS one FROM event_actions a ${join} ${where} LIMIT ${MOST_COUNTED}) AS counted`,
    values,
  );
  return Number(row?.found);
}

/** The index is by state and time. */
const IN_ANY_STATE = `e.state IN (${EVENT_STATES.map((state) => `'${state}'`).join(', ')})`;

/** How much of what is wanted came in after that moment; 10,000 for that many and more. */
export const countSince = ({ read }: Reader, wanted: Wanted, receivedAt: Instant): Promise<number> =>
  countUpTo(MOST_COUNTED, read, ...whereOf(wanted, [IN_ANY_STATE], ['e.received_at > ?', receivedAt]));

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

/** How the events of a time came here. */
export interface Sources {
  delivered: number;
  /** Found in Stripe's list, before any delivery of them had come. */
  listed: number;
  /** Of the listed those that came in after the last delivery. */
  listedSince: number;
}

/** Of the events that came in after one moment, and that Stripe made after another, in seconds. */
export async function countSources({ read }: Reader, receivedAt: Instant, created: number): Promise<Sources> {
  const of = (source: EventSource, after: Instant) =>
    read.rows<{ found: number | string; newest: number | string | null }>(
      `SELECT COUNT(*) AS found, MAX(e.received_at) AS newest FROM stripe_events e
       WHERE ${IN_ANY_STATE} AND e.received_at > ? AND e.created > ? AND e.source = ?`,
      [after, created, source],
    );
  const [delivery] = await of('delivery', receivedAt);
  const [list] = await of('list', receivedAt);
  const [since] = await of('list', Number(delivery?.newest ?? receivedAt));
  return {
    delivered: Number(delivery?.found),
    listed: Number(list?.found),
    listedSince: Number(since?.found),
  };
}
