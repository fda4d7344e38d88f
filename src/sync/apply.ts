import type { Database, Transaction } from '../database/database.js';
import type { Instant } from '../ports.js';
import type { Round } from './queue.js';
import { OLDEST_READ_MS } from './suspect.js';
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
  /** When to look again although no event asks for it. */
  retryDelayMs: number | null;
  /** False when what was written may come from an old answer: everything is looked at once more. */
  confirmed?: boolean;
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
    const [row] = await transaction.rows<{ fence: number | string; asked: number | string }>(
      `SELECT fence, asked FROM subjects WHERE subject = ?${database.dialect.forUpdate}`,
      [round.subject],
    );
    if (!row || Number(row.fence) !== round.fence) throw new FenceLost(round.subject);
    const end = await write(transaction, storeNow);
    await finishEvents(transaction, end.verdicts, storeNow);
    await release(transaction, round, end, Number(row.asked), storeNow);
    return end;
  });
}

async function finishEvents(transaction: Transaction, verdicts: readonly Verdict[], storeNow: Instant): Promise<void> {
  const groups = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const key = JSON.stringify([verdict.state, verdict.attempts, verdict.delayMs, verdict.error]);
    groups.set(key, [...(groups.get(key) ?? []), verdict]);
  }
  for (const group of groups.values()) {
    const [{ state, attempts, delayMs, error }] = group as [Verdict];
    await transaction.run(
      `UPDATE stripe_events SET state = ?, attempts = ?, pending_at = ?, finished_at = ?, error = ?
       WHERE id IN (${group.map(() => '?').join(', ')})`,
      [
        state,
        attempts,
        delayMs === null ? null : storeNow + delayMs,
        delayMs === null ? storeNow : null,
        error,
        ...group.map(({ id }) => id),
      ],
    );
  }
}

/** Clears `due_at` only when nobody has asked since, the list was whole and nothing backs off. */
async function release(
  transaction: Transaction,
  round: Round,
  end: RoundEnd,
  asked: number,
  storeNow: Instant,
): Promise<void> {
  const delays = end.verdicts.flatMap(({ delayMs }) => delayMs ?? []);
  if (end.retryDelayMs !== null) delays.push(end.retryDelayMs);
  const confirmed = end.confirmed ?? true;
  if (!confirmed) delays.push(OLDEST_READ_MS + 1_000);
  const again = asked > round.asked || !round.whole;
  const dueAt = again ? storeNow : delays.length > 0 ? storeNow + Math.min(...delays) : null;
  await transaction.run(
    `UPDATE subjects SET lease_owner = NULL, lease_until = NULL, due_at = ?, attempts = ?
       ${end.failed ? '' : ', answered = CASE WHEN answered > ? THEN answered ELSE ? END'}
       ${end.wakeAt === undefined ? '' : ', wake_at = ?'}
       ${end.failed && confirmed ? '' : ', confirmed_at = ?'}
     WHERE subject = ?`,
    [
      dueAt,
      end.failed ? round.attempts + 1 : 0,
      ...(end.failed ? [] : [round.asked, round.asked]),
      ...(end.wakeAt === undefined ? [] : [end.wakeAt]),
      ...(end.failed && confirmed ? [] : [confirmed ? storeNow : null]),
      round.subject,
    ],
  );
}
