import type { Transaction } from '../database/database.js';
import { Refusal, UserErrorCode } from '../refusal.js';

const MINUTE = 60_000;
/** Stripe makes at most 20 invoices a day for one subscription, and renewals and retries need some of them. */
const WINDOWS = [
  { lengthMs: MINUTE, most: 5, words: '5 a minute' },
  { lengthMs: 24 * 60 * MINUTE, most: 15, words: '15 a day' },
] as const;

/**
 * Counts the changes of plan that Stripe has accepted. What was refused, lost a conflict, did nothing or was taken back
 * is no such intent and costs nothing. Throws Refusal: TOO_MANY_CHANGES, with the time to wait.
 */
export async function checkThrottle(transaction: Transaction, accountId: string, now: number): Promise<void> {
  const [day] = WINDOWS.slice(-1);
  const rows = await transaction.rows<{ finished_at: number | string }>(
    `SELECT finished_at FROM intents WHERE account_id = ? AND verb = 'changePlan' AND state = 'done' AND finished_at > ?
     ORDER BY finished_at DESC LIMIT ${day?.most ?? 0}`,
    [accountId, now - (day?.lengthMs ?? 0)],
  );
  const accepted = rows.map(({ finished_at }) => Number(finished_at));
  const waits = WINDOWS.map(({ lengthMs, most, words }) => ({
    ms: (accepted[most - 1] ?? -Infinity) + lengthMs - now,
    words,
  }));
  const longest = waits.sort((left, right) => right.ms - left.ms)[0];
  if (!longest || longest.ms <= 0) return;
  throw new Refusal(UserErrorCode.TOO_MANY_CHANGES, `The plan can be changed ${longest.words} at most.`, {
    retryAfterMs: Math.ceil(longest.ms),
    hint: `Try again in ${Math.ceil(longest.ms / 1000)} s.`,
  });
}
