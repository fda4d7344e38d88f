import type { Database } from '../../src/database/database.js';
import type { StripeModel } from './stripe-model.js';

/** How many events, subjects, intents and mails something is still to be done for. */
export async function leftToDo(database: Database, billingNow: number): Promise<number> {
  const [row] = await database.read.rows<{ left: number }>(
    `SELECT (SELECT COUNT(*) FROM outbox WHERE due_at IS NOT NULL) +
            (SELECT COUNT(*) FROM stripe_events WHERE pending_at IS NOT NULL) +
            (SELECT COUNT(*) FROM intents WHERE state = 'open') +
            (SELECT COUNT(*) FROM subjects WHERE due_at IS NOT NULL OR confirm_at IS NOT NULL OR lease_until > ? OR wake_at <= ?) AS "left"`,
    [await database.now(), billingNow],
  );
  return Number(row?.left);
}

/** Whether somebody has looked at Stripe's list of events once. */
export async function hasBegunToKeepUp({ read }: Database): Promise<boolean> {
  return (await read.rows("SELECT id FROM upkeep WHERE id = 'catch-up' AND state IS NOT NULL")).length > 0;
}

/** The oldest answer of Stripe's that a look can be made of, and the longest that a look takes. */
const SURELY_SEEN_MS = 20_000;

/** How much is to be found that nobody tells: events of Stripe's list, and customers in whom something changed without one. */
export async function leftToFind(
  { read }: Database,
  stripe: StripeModel,
  silent: ReadonlyMap<string, number>,
): Promise<number> {
  const [row] = await read.rows<{ stored: number }>('SELECT COUNT(*) AS stored FROM stripe_events');
  const subjects = await read.rows<{ subject: string; looked_at: number | null }>(
    'SELECT subject, looked_at FROM subjects',
  );
  const looked = new Map(subjects.map(({ subject, looked_at }) => [subject, Number(looked_at ?? 0)]));
  const unseen = [...silent].filter(
    ([customer, at]) => stripe.get(customer)?.deleted !== true && (looked.get(customer) ?? 0) < at + SURELY_SEEN_MS,
  );
  return stripe.listed().length - Number(row?.stored) + unseen.length;
}
