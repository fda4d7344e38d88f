import { decodeCursor, encodeCursor } from '../graphql/connection.js';
import type { Parts } from '../parts.js';
import type { Instant } from '../ports.js';
import type { EventState } from '../webhooks/inbox.js';
import {
  countHandled,
  countSince,
  type InboxTail,
  OF_EACH_STATE,
  readEvents,
  readTail,
  subjectsOf,
  type Wanted,
} from '../webhooks/inbox-tail.js';
import type { InboxEntry } from '../webhooks/stored-events.js';
import { type ConflatingStream, stoppable } from './conflating-stream.js';
import { markOf } from './cursor.js';
import { StreamKind } from './hub.js';

/** Which events are wanted; all of them where nothing is said. */
export interface TailFilter {
  states?: readonly EventState[] | null;
  types?: readonly string[] | null;
  /** The product's own id of an account. */
  account?: string | null;
  /** Received at this time or later. */
  from?: Instant | null;
  /** Received before this time. */
  to?: Instant | null;
}

export interface WebhookPush {
  kind: StreamKind;
  cursor: string;
  /** Newest first. */
  events: InboxEntry[];
  skipped: number;
  backlog: number;
}

type Needs = Pick<Parts, 'database' | 'inboxWatch'>;

/** What is asked of one stream. */
interface Order {
  filter: TailFilter;
  /** The most events of one message. */
  first: number;
  after: string | null;
}

/** The inbox from now on: what came in, and what became of it; states between may be skipped. */
export function watchWebhooks(needs: Needs, order: Order): AsyncIterableIterator<WebhookPush> {
  // Registered first and read after, so that no commit can fall between.
  const rings = needs.inboxWatch.watch();
  return stoppable(pushes(needs, order, rings), rings);
}

async function* pushes(
  { database }: Needs,
  { filter, first, after }: Order,
  rings: ConflatingStream<true>,
): AsyncGenerator<WebhookPush, void> {
  const push = (kind: StreamKind, seen: Seen, events: readonly InboxEntry[], unlisted = 0): WebhookPush => ({
    kind,
    cursor: cursorAt(seen, filter),
    events: events.slice(0, first),
    skipped: unlisted + Math.max(0, events.length - first),
    backlog: seen.backlog,
  });
  const wanted = wantedBy(filter);
  try {
    let seen = await look(database, filter);
    const fitting = seen.entries.filter(({ id }) => seen.held.get(id)?.fits);
    const stand = after === null ? null : await standOf(after, filter, database, seen.readAt);
    if (stand === null)
      yield push(after === null ? StreamKind.SNAPSHOT : StreamKind.RESYNC, seen, fitting.slice(0, first));
    else if (stand.mark !== seen.mark) {
      const since = fitting.filter((entry) => entry.state === 'pending' || isSince(stand, entry));
      const handled = since.filter(({ handledAt }) => (handledAt ?? 0) > stand.readAt).length;
      const others = (await countHandled(database, wanted, stand.readAt)) - handled;
      const unlisted = await unlistedSince(database, wanted, seen, stand.receivedAt);
      yield push(StreamKind.CHANGED, seen, since, unlisted + Math.max(0, others));
    }
    while (!(await rings.next()).done) {
      const before = seen;
      const now = await look(database, filter, before);
      seen = now;
      const changed = now.entries.filter((entry) => isNews(entry, before, now));
      const others = now.handledSince - changed.filter((entry) => isHandledAnew(entry, before)).length;
      const unlisted = (await unlistedSince(database, wanted, now, before.newestAt)) + Math.max(0, others);
      if (changed.length === 0 && unlisted === 0 && now.backlog === before.backlog) continue;
      yield push(StreamKind.CHANGED, now, changed, unlisted);
    }
  } finally {
    rings.close();
  }
}

const wantedBy = ({ states, types, account, from, to }: TailFilter): Wanted => ({
  ...{ states: states ?? undefined, types: types ?? undefined, account: account ?? undefined },
  ...{ from: from ?? undefined, to: to ?? undefined },
});

/** An event as a stream knows it. */
interface Held {
  version: string;
  handledAt: Instant | null;
  fits: boolean;
}

/** Whether it is wanted, or was until now, and came or changed since. */
function isNews(entry: InboxEntry, before: Seen, now: Seen): boolean {
  const [old, held] = [before.held.get(entry.id), now.held.get(entry.id)];
  if (!old?.fits && !held?.fits) return false;
  if (old) return old.version !== held?.version;
  // Others that left the newest of a state let older ones in again, of which there is nothing new.
  return isSince({ receivedAt: before.newestAt, readAt: before.readAt }, entry);
}

/** Whether somebody took it up again or laid it aside since. */
const isHandledAnew = ({ id, handledAt }: InboxEntry, { held, readAt }: Seen): boolean =>
  handledAt !== null && handledAt > readAt - OVERLAP_MS && handledAt !== held.get(id)?.handledAt;

/** The tail, and what newer ones have pushed out of it since the look before. */
interface Seen extends InboxTail {
  held: Map<string, Held>;
  inTail: Set<string>;
  /** Of what of the tail is wanted, and of the backlog. */
  mark: string;
  /** When the newest that was seen so far came in. */
  newestAt: Instant;
  /** Store time before it was read. */
  readAt: Instant;
  /** How often somebody had handled what is wanted since a little before it was read, and since the look before. */
  handledLately: number;
  handledSince: number;
}

/** More of those that wait are not followed once newer ones have pushed them out of the tail. */
const MOST_FOLLOWED = 500;

async function look(database: Needs['database'], filter: TailFilter, before?: Seen): Promise<Seen> {
  const wanted = wantedBy(filter);
  const readAt = await database.now();
  // Counted first: what is handled meanwhile counts the next time too, rather than never.
  const handledLately = await countHandled(database, wanted, readAt - OVERLAP_MS);
  const known = before && (await countHandled(database, wanted, before.readAt - OVERLAP_MS));
  const tail = await readTail(database, wanted);
  const inTail = new Set(tail.entries.map(({ id }) => id));
  const outside = (before?.entries ?? []).filter(({ id }) => !inTail.has(id));
  const out = outside.filter(({ id }) => before?.inTail.has(id));
  const waiting = outside.filter(({ id, state }) => !before?.inTail.has(id) && state === 'pending');
  const again = await readEvents(
    database,
    [...out, ...waiting.slice(0, MOST_FOLLOWED)].map(({ id }) => id),
  );
  const subjects = typeof filter.account === 'string' ? await subjectsOf(database, filter.account) : null;
  const fits = ({ state, type, subject, receivedAt }: InboxEntry) =>
    (filter.states?.includes(state) ?? true) &&
    (filter.types?.includes(type) ?? true) &&
    (subjects?.includes(subject) ?? true) &&
    receivedAt >= (filter.from ?? -Infinity) &&
    receivedAt < (filter.to ?? Infinity);
  const fitting = tail.entries.filter(fits).map((entry) => [entry.id, versionOf(entry)]);
  const entries = [...tail.entries, ...again];
  return {
    ...tail,
    entries,
    inTail,
    held: new Map(
      entries.map((entry) => [entry.id, { version: versionOf(entry), handledAt: entry.handledAt, fits: fits(entry) }]),
    ),
    mark: markOf('webhooks', JSON.stringify([fitting, tail.backlog])),
    newestAt: Math.max(before?.newestAt ?? 0, ...entries.map(({ receivedAt }) => receivedAt)),
    readAt,
    handledLately,
    handledSince: Math.max(0, (known ?? 0) - (before?.handledLately ?? 0)),
  };
}

/** A replay that has ended well again leaves nothing of itself but that there was one. */
const versionOf = ({ state, attempts, pendingAt, finishedAt, error, handledAt }: InboxEntry): string =>
  JSON.stringify([state, attempts, pendingAt, finishedAt, error, handledAt]);

/** How many of those that are wanted came in since then and are in no state's newest. */
async function unlistedSince(
  database: Needs['database'],
  wanted: Wanted,
  { entries, held }: Seen,
  receivedAt: Instant,
): Promise<number> {
  const listed = entries.filter((entry) => entry.receivedAt > receivedAt && held.get(entry.id)?.fits).length;
  return listed < OF_EACH_STATE ? 0 : Math.max(0, (await countSince(database, wanted, receivedAt)) - listed);
}

/** Where the reader of a stream stands. */
interface Stand {
  receivedAt: Instant;
  readAt: Instant;
  mark: string;
}

/** What an older cursor has missed is a matter of the list. */
const OLDEST_CURSOR_MS = 86_400_000;
/** Commits come after the instants that they write, and the clocks of gateways differ. */
const OVERLAP_MS = 10_000;

const keyOf = ({ states, types, account, from, to }: TailFilter) =>
  JSON.stringify([states ?? null, types ?? null, account ?? null, from ?? null, to ?? null]);

const cursorAt = (seen: Seen, filter: TailFilter): string =>
  encodeCursor([keyOf(filter), seen.entries[0]?.id ?? '', seen.newestAt, seen.readAt, seen.mark]);

/** Null for a cursor that is no use: of another filter, another database, a day ago, or none of ours. */
async function standOf(
  cursor: string,
  filter: TailFilter,
  database: Needs['database'],
  now: Instant,
): Promise<Stand | null> {
  const values = toValues(cursor);
  if (values === null) return null;
  const [key, id, receivedAt, readAt, mark] = values as [string, string, number, number, string];
  const stands = key === keyOf(filter) && readAt <= now && readAt > now - OLDEST_CURSOR_MS;
  if (!stands || (id !== '' && (await readEvents(database, [id])).length === 0)) return null;
  return { receivedAt, readAt, mark };
}

function toValues(cursor: string): (string | number)[] | null {
  try {
    return decodeCursor(cursor, ['string', 'string', 'number', 'number', 'string']);
  } catch {
    return null;
  }
}

/** What came in, ended or was taken up again since; of what did so just before, some too. */
const isSince = ({ receivedAt, readAt }: Omit<Stand, 'mark'>, entry: InboxEntry): boolean =>
  entry.receivedAt > receivedAt - OVERLAP_MS ||
  Math.max(entry.finishedAt ?? 0, entry.handledAt ?? 0) > readAt - OVERLAP_MS;
