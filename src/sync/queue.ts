import type { Database, Queries, Transaction } from '../database/database.js';
import type { Dialect } from '../database/dialect.js';
import type { Instant, Random } from '../ports.js';
import { type StripeEvent, toStripeEvent } from '../webhooks/stripe-event.js';
import { OLDEST_READ_MS } from './suspect.js';
import { readTries, type Tries } from './tries.js';

/** One claim of one subject: what was asked when it began, and the fence that its write must still hold. */
export interface Round {
  subject: string;
  fence: number;
  /** Store time of the claim: what was done before it, Stripe's answers show. */
  claimedAt: Instant;
  asked: number;
  /** Somebody asked to look at everything, and no round has since: events alone say only where to look. */
  lookWanted: boolean;
  /** Failed rounds in a row so far. */
  attempts: number;
  /** Its wake-up is due. */
  woken: boolean;
  events: PendingEvent[];
  /** False when more events are waiting than one round takes. */
  whole: boolean;
  /** Taken over from a worker whose lease ran out. */
  stolen?: boolean;
  /** How many other subjects could have been claimed instead. */
  others?: number;
  /** Store time since the last round that saw all it asked for; null when what is stored may come from an old answer. */
  sinceConfirmed: number | null;
  /** Store time since something of it was last changed by a round; null when none has. */
  sinceWritten: number | null;
  /** Nobody asks and no event waits: the time has come to see whether what the last round wrote still stands. */
  confirming: boolean;
}

/** A stored event that waits for its round; `event` is null when the stored body can no longer be read. */
export interface PendingEvent {
  id: string;
  type: string;
  attempts: number;
  tries: Tries;
  receivedAt: Instant;
  /** It was done before, and is replayed. */
  again: boolean;
  event: StripeEvent | null;
}

const EVENTS_PER_ROUND = 500;
/** Enough for several workers to choose apart from one another. */
const CANDIDATES = 16;
const ASKED_AT_ONCE = 64;
/** Subjects that one sweep looks for. */
export const FORGOTTEN_AT_ONCE = 5_000;

/** `events` asks for what pending events name; `look` asks for everything, as after a mutation. */
export type Wants = 'events' | 'look';

const askStatement = ({ onConflict }: Dialect, wants: Wants, subjects = 1) =>
  `INSERT INTO subjects (subject, asked, look_asked, answered, fence, due_at, attempts)
   VALUES ${Array.from({ length: subjects }, () => `(?, 1, ${wants === 'look' ? 1 : 0}, 0, 0, ?, 0)`).join(', ')}
   ${onConflict('subject')} ${wants === 'look' ? 'look_asked = asked + 1, ' : ''}asked = asked + 1, due_at = CASE WHEN due_at IS NULL OR due_at > ? THEN ? ELSE due_at END`;

/** Puts a question about a subject and makes it due now. Answers the number of this question. */
export async function ask(
  transaction: Transaction,
  dialect: Dialect,
  subject: string,
  now: Instant,
  wants: Wants = 'look',
): Promise<number> {
  await transaction.run(askStatement(dialect, wants), [subject, now, now, now]);
  const [row] = await transaction.rows<{ asked: number }>('SELECT asked FROM subjects WHERE subject = ?', [subject]);
  return Number(row?.asked);
}

/** The number of the last question for everything of a subject; 0 for none. */
export async function lastLookAsked({ read }: Pick<Database, 'read'>, subject: string): Promise<number> {
  const [row] = await read.rows<{ asked: number | string }>(
    'SELECT look_asked AS asked FROM subjects WHERE subject = ?',
    [subject],
  );
  return Number(row?.asked ?? 0);
}

/** Asks for many subjects by one statement, which on the embedded database is one commit; in the same order everywhere, so that nobody deadlocks. */
export async function askAll(database: Database, questions: ReadonlyMap<string, Wants>): Promise<void> {
  const now = await database.now();
  for (const wants of ['events', 'look'] as const) {
    const subjects = [...questions].flatMap(([subject, wanted]) => (wanted === wants ? [subject] : [])).sort();
    for (let from = 0; from < subjects.length; from += ASKED_AT_ONCE) {
      const some = subjects.slice(from, from + ASKED_AT_ONCE);
      const values = some.flatMap((subject) => [subject, now]);
      await database.run(askStatement(database.dialect, wants, some.length), [...values, now, now]);
    }
  }
}

/** Subjects of pending events that nothing will look at: the process died between storing and asking. */
export async function forgottenSubjects(queries: Queries, now: Instant): Promise<string[]> {
  const rows = await queries.rows<{ subject: string }>(
    `SELECT DISTINCT e.subject AS subject FROM stripe_events e LEFT JOIN subjects s ON s.subject = e.subject
     WHERE e.pending_at <= ? AND (s.subject IS NULL OR
       (s.lease_until IS NULL AND (s.due_at IS NULL OR (s.due_at > ? AND s.attempts = 0)))) LIMIT ${FORGOTTEN_AT_ONCE}`,
    [now, now],
  );
  return rows.map(({ subject }) => subject);
}

interface SubjectRow {
  subject: string;
  asked: number | string;
  look_asked: number | string;
  answered: number | string;
  fence: number | string;
  attempts: number | string;
  wake_at: number | string | null;
  lease_until: number | string | null;
  confirmed_at: number | string | null;
  written_at: number | string | null;
}

const CLAIMABLE =
  'SELECT subject, asked, look_asked, answered, fence, attempts, wake_at, lease_until, confirmed_at, written_at FROM subjects WHERE';
const UNLEASED = '(lease_until IS NULL OR lease_until <= ?)';

/** So many of those that are due for each that is only confirmed, where both wait. */
const DUE_FOR_EACH_CONFIRMED = 8;

async function candidates(queries: Queries, now: Instant, billingNow: Instant): Promise<SubjectRow[]> {
  // All at once: under a backlog of events grace must still end in time, and what was changed be confirmed.
  const rows = await queries.rows<SubjectRow & { due: number | string }>(
    `SELECT due.*, 1 AS due FROM (${CLAIMABLE} due_at <= ? AND ${UNLEASED} ORDER BY due_at LIMIT ${CANDIDATES}) AS due
     UNION ALL
     SELECT woken.*, 1 AS due FROM (${CLAIMABLE} wake_at <= ? AND ${UNLEASED} ORDER BY wake_at LIMIT ${CANDIDATES}) AS woken
     UNION ALL
     SELECT changed.*, 0 AS due FROM (${CLAIMABLE} confirm_at <= ? AND ${UNLEASED} ORDER BY confirm_at LIMIT ${CANDIDATES}) AS changed`,
    [now, now, billingNow, now, now, now],
  );
  const due = rows.filter((row) => Number(row.due) === 1);
  if (due.length === 0) return rows;
  const changed = rows.filter((row) => !due.includes(row));
  return [...due, ...changed.slice(0, Math.ceil(due.length / DUE_FOR_EACH_CONFIRMED))];
}

export interface ClaimOptions {
  owner: string;
  leaseMs: number;
  billingNow: Instant;
  /** Only this subject, due or not. */
  subject?: string;
}

/**
 * Takes one subject, chosen at random from the longest due, by compare-and-set on its fence: the same code on every
 * database, no SKIP LOCKED. Null when nothing is due, or when another worker was faster.
 */
export async function claim(database: Database, random: Random, options: ClaimOptions): Promise<Round | null> {
  const now = await database.now();
  const rows = options.subject
    ? await database.read.rows<SubjectRow>(`${CLAIMABLE} subject = ? AND ${UNLEASED}`, [options.subject, now])
    : await candidates(database.read, now, options.billingNow);
  const row = rows[Math.floor(random.fraction() * rows.length)];
  if (!row) return null;
  const fence = Number(row.fence) + 1;
  const taken = await database.run(
    `UPDATE subjects SET lease_owner = ?, lease_until = ?, fence = ? WHERE subject = ? AND fence = ? AND ${UNLEASED}`,
    [options.owner, now + options.leaseMs, fence, row.subject, fence - 1, now],
  );
  if (taken !== 1) return null;
  const events = await pendingEvents(database.read, row.subject, now);
  const woken = row.wake_at !== null && Number(row.wake_at) <= options.billingNow;
  const idle = Number(row.asked) === Number(row.answered) && events.length === 0 && !woken;
  const sinceWritten = row.written_at === null ? null : now - Number(row.written_at);
  return {
    subject: row.subject,
    fence,
    claimedAt: now,
    asked: Number(row.asked),
    lookWanted: Number(row.look_asked) > Number(row.answered),
    attempts: Number(row.attempts),
    woken,
    events: events.slice(0, EVENTS_PER_ROUND),
    whole: events.length <= EVENTS_PER_ROUND,
    stolen: row.lease_until !== null,
    others: new Set(rows.map(({ subject }) => subject)).size - 1,
    sinceConfirmed: row.confirmed_at === null ? null : now - Number(row.confirmed_at),
    sinceWritten,
    // A round after a failed one, or one that somebody waits for, comes sooner than the oldest answer is outlived; it puts
    // the look off once more.
    confirming:
      row.confirmed_at === null &&
      fence > 1 &&
      idle &&
      Number(row.attempts) === 0 &&
      (sinceWritten === null || sinceWritten >= OLDEST_READ_MS),
  };
}

interface EventRow {
  id: string;
  type: string;
  attempts: number | string;
  tries: string | null;
  received_at: number | string;
  finished_at: number | string | null;
  body: Buffer;
}

/** The list is fixed here, before anything is fetched; a round finishes these events and no others. */
async function pendingEvents(queries: Queries, subject: string, now: Instant): Promise<PendingEvent[]> {
  const rows = await queries.rows<EventRow>(
    `SELECT id, type, attempts, tries, received_at, finished_at, body FROM stripe_events
     WHERE subject = ? AND pending_at <= ? ORDER BY pending_at LIMIT ${EVENTS_PER_ROUND + 1}`,
    [subject, now],
  );
  return rows.map((row) => ({
    id: row.id,
    type: row.type,
    attempts: Number(row.attempts),
    tries: readTries(row.tries, Number(row.attempts)),
    receivedAt: Number(row.received_at),
    again: row.finished_at !== null,
    event: readBody(row.body),
  }));
}

const MOST_FINISHED = 100;

/** Events of a subject that were finished and are of a later second than this; they may explain what it denies. */
export async function finishedSince(queries: Queries, subject: string, created: number): Promise<StripeEvent[]> {
  const rows = await queries.rows<{ body: Buffer }>(
    `SELECT body FROM stripe_events WHERE subject = ? AND pending_at IS NULL AND state = 'done' AND created > ?
     ORDER BY created LIMIT ${MOST_FINISHED}`,
    [subject, created],
  );
  return rows.flatMap(({ body }) => readBody(body) ?? []);
}

function readBody(body: Buffer): StripeEvent | null {
  try {
    return toStripeEvent(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch {
    return null;
  }
}

/** Keeps a lease alive while its round is still fetching. False when it was lost. */
export async function renew(database: Database, round: Round, owner: string, leaseMs: number): Promise<boolean> {
  const now = await database.now();
  const kept = await database.run(
    'UPDATE subjects SET lease_until = ? WHERE subject = ? AND fence = ? AND lease_owner = ?',
    [now + leaseMs, round.subject, round.fence, owner],
  );
  return kept === 1;
}

/** Gives a lease back after a failed round and looks again later. */
export async function putOff(database: Database, round: Round, delayMs: number): Promise<void> {
  await database.run(
    `UPDATE subjects SET lease_owner = NULL, lease_until = NULL, due_at = ?, confirm_at = NULL, attempts = ?
     WHERE subject = ? AND fence = ?`,
    [(await database.now()) + delayMs, round.attempts + 1, round.subject, round.fence],
  );
}

/** When the next subject is due by store time; null when none waits. */
export async function nextDueAt(queries: Queries): Promise<Instant | null> {
  const [row] = await queries.rows<{ due: number | string | null }>(
    `SELECT MIN(at) AS due FROM (SELECT MIN(due_at) AS at FROM subjects UNION ALL SELECT MIN(confirm_at) FROM subjects) AS soonest`,
  );
  return row?.due === null || row?.due === undefined ? null : Number(row.due);
}

/** More than are ever under way at once. */
const SOONEST = 64;

/** When a subject can next be claimed by store time: one whose round is under way not before its lease runs out. */
export async function nextClaimAt(queries: Queries): Promise<Instant | null> {
  const soonest = (column: string) =>
    `SELECT * FROM (SELECT ${column} AS at, lease_until FROM subjects
     WHERE ${column} IS NOT NULL ORDER BY ${column} LIMIT ${SOONEST}) AS soonest_${column}`;
  const rows = await queries.rows<{ at: number | string; lease_until: number | string | null }>(
    `${soonest('due_at')} UNION ALL ${soonest('confirm_at')}`,
  );
  if (rows.length === 0) return null;
  return Math.min(...rows.map(({ at, lease_until: until }) => Math.max(Number(at), Number(until ?? 0))));
}

/** Gives back every lease of this process, so that another need not wait for it to run out. */
export async function releaseAll(database: Database, owner: string): Promise<void> {
  await database.run('UPDATE subjects SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = ?', [owner]);
}
