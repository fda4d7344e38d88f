import type { Database } from '../database/database.js';
import type { Wants } from './queue.js';
import type { Chore } from './upkeep.js';

const EVERY_MS = 10_000;
/** One a second: every one of them costs about five calls. */
const AT_ONCE = 10;
/** With more than these waiting there is nothing to spare. */
const MOST_WAITING = 20;

export interface SweepNeeds {
  database: Database;
  /** Asks the sync to look. */
  knock: (subject: string, wants: Wants) => void;
}

/** Asks again, oldest first and spread over time, for what was not looked at as a whole for so long; 0 for never. */
export function sweepChore(needs: SweepNeeds, afterHours: number): Chore[] {
  if (afterHours === 0) return [];
  return [{ id: 'sweep', everyMs: EVERY_MS, run: async () => void (await sweep(needs, afterHours * 3_600_000)) }];
}

/** Answers how many subjects were asked for. */
export async function sweep({ database, knock }: SweepNeeds, afterMs: number): Promise<number> {
  const now = await database.now();
  const most = MOST_WAITING + 1;
  const waiting = await database.read.rows(
    `SELECT * FROM (SELECT subject FROM subjects WHERE due_at <= ? LIMIT ${most}) AS due
     UNION ALL
     SELECT * FROM (SELECT subject FROM subjects WHERE confirm_at <= ? LIMIT ${most}) AS changed`,
    [now, now],
  );
  if (waiting.length > MOST_WAITING) return 0;
  const old = await database.read.rows<{ subject: string }>(
    'SELECT subject FROM subjects WHERE looked_at <= ? AND due_at IS NULL AND confirm_at IS NULL ORDER BY looked_at LIMIT ?',
    [now - afterMs, AT_ONCE],
  );
  for (const { subject } of old) knock(subject, 'look');
  return old.length;
}
