import type { Database } from '../database/database.js';
import { isAway } from '../database/retry.js';
import { BillingError } from '../errors.js';
import type { Timers } from '../ports.js';
import { wantedTypes } from './handlers.js';

/** `pending` waits for a round; every other state is an end, which a replay makes pending again. */
export type EventState = 'pending' | 'done' | 'ignored' | 'unmatched' | 'dead' | 'discarded';

export const EVENT_STATES: readonly EventState[] = ['pending', 'done', 'ignored', 'unmatched', 'dead', 'discarded'];

/** How an event came here: it was delivered, found in Stripe's list of events, or asked for by its id. */
export type EventSource = 'delivery' | 'list' | 'id';

/** What a delivery becomes; checked before it is stored, because the two databases differ in what they take. */
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
  /** A delivery when left out. */
  source?: EventSource;
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
  'source',
] as const;

const BATCH_ROWS = 64;
const BATCH_BYTES = 1_048_576;
const COMMIT_LIMIT_MS = 3_000;
/** What a column of ids and words takes. */
const WORD = /^[\x21-\x7e]{1,255}$/;
const LONGEST_BODY = 16_777_215;

interface Waiting {
  row: NewInboxRow;
  stored: (novelty: Novelty) => void;
  failed: (thrown: unknown) => void;
  /** Its sender has been told to come again, so there is no more need to store it now. */
  givenUp: boolean;
}

/** One event, delivered once or several times. */
type Copies = [Waiting, ...Waiting[]];

/** Whether this delivery of an event was the first. */
export type Novelty = 'new' | 'known';

export interface Inbox {
  /**
   * Resolves once the row is durably stored, by this call or an earlier one, with which of the two. Rejects when it is
   * not certain that it is.
   */
  store(row: NewInboxRow): Promise<Novelty>;
}

/**
 * Rows that arrive while statements are under way share the next one: nothing ever waits for a timer, and one commit
 * serves many.
 */
export function createInbox(database: Database, timers: Timers): Inbox {
  const waiting: Waiting[] = [];
  let underWay = 0;

  /**
   * Whatever has arrived is read first: a commit of the embedded database stops the event loop, so without this each
   * row would have one of its own. While every turn brings more, so will the next.
   */
  async function gather(): Promise<void> {
    for (let seen = 0; seen < Math.min(waiting.length, BATCH_ROWS);) {
      seen = waiting.length;
      await timers.turn();
    }
  }

  async function flush(): Promise<void> {
    underWay += 1;
    while (waiting.length > 0) {
      await gather();
      await storeBatch(database, takeBatch(waiting));
    }
    underWay -= 1;
  }

  return {
    async store(row) {
      refuseUnfit(row);
      const entry: Waiting = { row, stored() {}, failed() {}, givenUp: false };
      const committed = new Promise<Novelty>((stored, failed) => Object.assign(entry, { stored, failed }));
      waiting.push(entry);
      if (underWay < database.parallelInserts) void flush();
      return inTime(committed, timers, () => (entry.givenUp = true));
    },
  };
}

/** A batch that the database refuses is repeated row by row, so that one bad row fails alone. */
async function storeBatch(database: Database, batch: Copies[]): Promise<void> {
  if (batch.length === 0) return;
  const insert = async (events: Copies[]) => {
    const inserted = await database.insertIfAbsent(
      'stripe_events',
      COLUMNS,
      events.map(([{ row }]) => valuesOf(row)),
    );
    const known = await knownBefore(database, events, inserted);
    events.forEach(([first, ...copies]) => {
      first.stored(known(first.row) ? 'known' : 'new');
      copies.forEach(({ stored }) => stored('known'));
    });
  };
  try {
    await insert(batch);
  } catch (thrown) {
    if (isAway(thrown)) return batch.flat().forEach(({ failed }) => failed(thrown));
    for (const copies of batch) {
      await insert([copies]).catch((thrown: unknown) => copies.forEach(({ failed }) => failed(thrown)));
    }
  }
}

/** Which of the events were there before. Only asks where an insert found some of them; never fails. */
async function knownBefore(
  { read }: Database,
  events: Copies[],
  inserted: number,
): Promise<(row: NewInboxRow) => boolean> {
  if (inserted === events.length) return () => false;
  if (inserted === 0) return () => true;
  const ids = events.map(([{ row }]) => row.id);
  const found = await read
    .rows<{ id: string; received_at: number | string }>(
      `SELECT id, received_at FROM stripe_events WHERE id IN (${ids.map(() => '?').join(', ')})`,
      ids,
    )
    .catch(() => []);
  const receivedAt = new Map(found.map((row) => [row.id, Number(row.received_at)]));
  return (row) => receivedAt.get(row.id) !== row.receivedAt;
}

/** The embedded database takes any length and any text; here both databases refuse the same rows, and say why. */
function refuseUnfit(row: NewInboxRow): void {
  const words = [row.id, row.type, row.subject, row.state];
  const texts = [row.apiVersion, row.requestKey].filter((text) => text !== null);
  const numbers = [row.created, row.receivedAt];
  const fits =
    words.every((word) => typeof word === 'string' && WORD.test(word)) &&
    texts.every((text) => typeof text === 'string' && text.length <= 255) &&
    numbers.every((number) => Number.isSafeInteger(number)) &&
    Buffer.isBuffer(row.body) &&
    row.body.length <= LONGEST_BODY;
  if (!fits) throw new BillingError('INTERNAL', `The event '${String(row.id).slice(0, 255)}' does not fit the inbox.`);
}

function inTime<Result>(committed: Promise<Result>, timers: Timers, giveUp: () => void): Promise<Result> {
  return new Promise((resolve, reject) => {
    const cancel = timers.after(COMMIT_LIMIT_MS, () => {
      giveUp();
      reject(new BillingError('INTERNAL', 'The inbox could not commit in time.', { retryable: true }));
    });
    committed.then(resolve, reject).finally(cancel);
  });
}

/**
 * At most 64 rows and a megabyte, copies of an event together, sorted by id: unsorted batches deadlock each other on
 * MySQL.
 */
function takeBatch(waiting: Waiting[]): Copies[] {
  const batch = new Map<string, Copies>();
  const left: Waiting[] = [];
  let bytes = 0;
  for (const entry of waiting.splice(0).filter(({ givenUp }) => !givenUp)) {
    const copies = batch.get(entry.row.id);
    const fits = batch.size < BATCH_ROWS && (batch.size === 0 || bytes + entry.row.body.length <= BATCH_BYTES);
    if (copies) copies.push(entry);
    else if (fits) {
      bytes += entry.row.body.length;
      batch.set(entry.row.id, [entry]);
    } else left.push(entry);
  }
  waiting.push(...left);
  return [...batch.values()].sort(([one], [other]) => (one.row.id < other.row.id ? -1 : 1));
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
  // Due at once by any clock: this process's may be ahead of the store's, which rounds go by.
  row.state === 'pending' ? 0 : null,
  row.source ?? 'delivery',
];

const REOPENED_AGE_MS = 30 * 86_400_000;

/** Events that an older version ignored and this one acts on are looked at once more, as far as Stripe keeps events. */
export async function reopenIgnored(database: Database, wallNow: number): Promise<number> {
  return database.run(
    `UPDATE stripe_events SET state = 'pending', pending_at = ?, finished_at = NULL
     WHERE state = 'ignored' AND received_at > ? AND type IN (${wantedTypes.map(() => '?').join(', ')})`,
    [await database.now(), wallNow - REOPENED_AGE_MS, ...wantedTypes],
  );
}

/**
 * Since when the oldest event waits whose turn it is: since its delivery, its replay, or the time of its next try. Null when
 * none does; what waits for its next try by intent is no backlog.
 */
export async function oldestPendingAt(database: Pick<Database, 'read' | 'now'>): Promise<number | null> {
  const [row] = await database.read.rows<{ oldest: number | string | null }>(
    `SELECT MIN(CASE WHEN pending_at > received_at THEN pending_at ELSE received_at END) AS oldest
     FROM stripe_events WHERE pending_at <= ?`,
    [await database.now()],
  );
  return row?.oldest === null || row?.oldest === undefined ? null : Number(row.oldest);
}
