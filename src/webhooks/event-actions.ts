import type { Queries, Transaction } from '../database/database.js';
import type { Instant, Random } from '../ports.js';

/** Who took events up again or laid them aside, and why. */
export interface Handling {
  /** `cli` and the name by which the machine knows whoever gave the command. */
  actor: string;
  /** As it was given; null without one. */
  reason: string | null;
}

/** One thing that somebody did to an event by hand. */
export interface EventAction extends Handling {
  action: 'replay' | 'discard';
  /** Store time. */
  at: Instant;
}

/** Keeps what is done to events, in the transaction that does it. */
export async function keepActions(
  { run }: Transaction,
  random: Random,
  ids: readonly string[],
  { action, actor, reason, at }: EventAction,
): Promise<void> {
  if (ids.length === 0) return;
  await run(
    `INSERT INTO event_actions (id, event_id, action, actor, reason, at)
     VALUES ${ids.map(() => '(?, ?, ?, ?, ?, ?)').join(', ')}`,
    ids.flatMap((id) => [random.ulid(), id, action, actor, reason, at]),
  );
}

/** What was done to an event by hand, oldest first. */
export async function readActions(read: Queries, eventId: string): Promise<EventAction[]> {
  const rows = await read.rows<Omit<EventAction, 'at'> & { at: number | string }>(
    'SELECT action, actor, reason, at FROM event_actions WHERE event_id = ? ORDER BY at, id',
    [eventId],
  );
  return rows.map((row) => ({ ...row, at: Number(row.at) }));
}
