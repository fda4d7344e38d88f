import type { Database, Transaction } from '../database/database.js';
import type { Instant } from '../ports.js';
import type { StripeEvent } from '../webhooks/stripe-event.js';
import type { Round } from './queue.js';
import { OLDEST_READ_MS } from './suspect.js';
import { writeTries } from './tries.js';
import type { Verdict } from './verdict.js';

/** Another worker holds the subject now; whatever this round would have written is old. */
export class FenceLost extends Error {
  constructor(subject: string) {
    super(`The lease on ${subject} was lost before the round could write.`);
    this.name = 'FenceLost';
  }
}

/** How a round ends: what becomes of its events, and when its subject is looked at again. */
export interface RoundEnd {
  verdicts: readonly Verdict[];
  /** Billing time; undefined leaves what is stored. */
  wakeAt?: Instant | null;
  /** True when something could not be looked at: the question stays open. */
  failed: boolean;
  /** Whether a failure counts as a try; a pause of Stripe's does not. */
  counts?: boolean;
  /** When to look again although no event asks for it. */
  retryDelayMs: number | null;
  /** False when what was written may come from an old answer: everything is looked at once more. */
  confirmed?: boolean;
  /** Whether rows of its objects were changed. */
  wrote?: boolean;
  /** Events that were finished although a later one of their subject was finished by an earlier round; set by `apply`. */
  late?: readonly string[];
  /** Whether all of it was looked at; null for a subject that the sweep leaves alone. Left out, nothing is known. */
  whole?: boolean | null;
}

/**
 * The frame of every write of what Stripe owns: one transaction that locks the subject, checks the fence, lets `write`
 * decide and write, finishes the listed events and releases the lease. Throws FenceLost.
 */
export async function apply<Result extends RoundEnd>(
  database: Database,
  round: Round,
  write: (transaction: Transaction, storeNow: Instant) => Promise<Result>,
): Promise<Result> {
  const storeNow = await database.now();
  return database.transaction(async (transaction) => {
    const [row] = await transaction.rows<SubjectRow>(
      `SELECT fence, asked, newest_created FROM subjects WHERE subject = ?${database.dialect.forUpdate}`,
      [round.subject],
    );
    if (!row || Number(row.fence) !== round.fence) throw new FenceLost(round.subject);
    const end = await write(transaction, storeNow);
    await finishEvents(transaction, end.verdicts, storeNow);
    const done = finishedEvents(round, end.verdicts);
    const newest = row.newest_created === null ? null : Number(row.newest_created);
    const again = new Set(round.events.flatMap((pending) => (pending.again ? pending.id : [])));
    const isLate = ({ id, created }: StripeEvent) => newest !== null && created < newest && !again.has(id);
    const late = done.filter(isLate).map(({ id }) => id);
    if (late.length > 0) await markLate(transaction, late, Number(newest));
    const newestNow = Math.max(...done.map(({ created }) => created), newest ?? -1);
    await release(transaction, round, end, { asked: Number(row.asked), newest: newestNow, storeNow });
    return { ...end, late };
  });
}

interface SubjectRow {
  fence: number | string;
  asked: number | string;
  newest_created: number | string | null;
}

function finishedEvents({ events }: Round, verdicts: readonly Verdict[]): StripeEvent[] {
  const done = new Set(verdicts.filter(({ state }) => state === 'done').map(({ id }) => id));
  return events.flatMap(({ event }) => (event && done.has(event.id) ? event : []));
}

/** Stripe orders nothing, so this harms nothing; how often it happens is worth knowing. */
async function markLate({ run }: Transaction, ids: readonly string[], newest: number): Promise<void> {
  await run(`UPDATE stripe_events SET late_by = ? - created WHERE id IN (${ids.map(() => '?').join(', ')})`, [
    newest,
    ...ids,
  ]);
}

async function finishEvents(transaction: Transaction, verdicts: readonly Verdict[], storeNow: Instant): Promise<void> {
  const groups = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const key = JSON.stringify([verdict.state, verdict.attempts, verdict.tries, verdict.delayMs, verdict.error]);
    groups.set(key, [...(groups.get(key) ?? []), verdict]);
  }
  for (const group of groups.values()) {
    const [{ state, attempts, tries, delayMs, error }] = group as [Verdict];
    await transaction.run(
      `UPDATE stripe_events SET state = ?, attempts = ?, tries = ?, pending_at = ?, finished_at = COALESCE(finished_at, ?), error = ?
       WHERE id IN (${group.map(() => '?').join(', ')})`,
      [
        state,
        attempts,
        writeTries(tries),
        delayMs === null ? null : storeNow + delayMs,
        delayMs === null ? storeNow : null,
        error,
        ...group.map(({ id }) => id),
      ],
    );
  }
}

/** Clears `due_at` only when nobody has asked since, the list was whole and nothing backs off; what was changed is confirmed apart. */
async function release(
  transaction: Transaction,
  round: Round,
  end: RoundEnd,
  { asked, newest, storeNow }: { asked: number; newest: number; storeNow: Instant },
): Promise<void> {
  const delays = end.verdicts.flatMap(({ delayMs }) => delayMs ?? []);
  if (end.retryDelayMs !== null) delays.push(end.retryDelayMs);
  const confirmed = end.confirmed ?? true;
  const again = asked > round.asked || !round.whole;
  const dueAt = again ? storeNow : delays.length > 0 ? storeNow + Math.min(...delays) : null;
  await transaction.run(
    `UPDATE subjects SET lease_owner = NULL, lease_until = NULL, due_at = ?, confirm_at = ?, attempts = ?,
       newest_created = ?
       ${end.failed ? '' : ', answered = CASE WHEN answered > ? THEN answered ELSE ? END'}
       ${end.wakeAt === undefined ? '' : ', wake_at = ?'}
       ${end.failed && confirmed ? '' : ', confirmed_at = ?'}
       ${end.wrote ? ', written_at = ?' : ''}
       ${end.whole === undefined ? '' : end.whole === false ? ', looked_at = COALESCE(looked_at, ?)' : ', looked_at = ?'}
     WHERE subject = ?`,
    [
      dueAt,
      confirmed ? null : storeNow + OLDEST_READ_MS + 1_000,
      end.failed ? round.attempts + (end.counts === false ? 0 : 1) : 0,
      newest < 0 ? null : newest,
      ...(end.failed ? [] : [round.asked, round.asked]),
      ...(end.wakeAt === undefined ? [] : [end.wakeAt]),
      ...(end.failed && confirmed ? [] : [confirmed ? storeNow : null]),
      ...(end.wrote ? [storeNow] : []),
      ...(end.whole === undefined ? [] : [end.whole === null ? null : storeNow]),
      round.subject,
    ],
  );
}
