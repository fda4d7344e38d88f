import type { Database } from '../../src/database/database.js';

/** How many events and subjects something is still to be done for. */
export async function leftToDo({ read }: Database, billingNow: number): Promise<number> {
  const [row] = await read.rows<{ left: number }>(
    `SELECT (SELECT COUNT(*) FROM stripe_events WHERE pending_at IS NOT NULL) +
            (SELECT COUNT(*) FROM subjects WHERE due_at IS NOT NULL OR lease_until IS NOT NULL OR wake_at <= ?) AS "left"`,
    [billingNow],
  );
  return Number(row?.left);
}
