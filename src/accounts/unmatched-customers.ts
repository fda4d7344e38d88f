import type { Queries } from '../database/database.js';

/** A customer at Stripe of whom no account is known. */
export interface UnmatchedCustomer {
  customer: string;
  /** Events that wait for an account, or ended without one. */
  events: number;
  /** When the first of them was delivered; null when there is none. */
  since: number | null;
}

/** Those with the longest wait first, at most `limit`. Deleted ones need nobody. */
export async function listUnmatchedCustomers({ rows }: Queries, limit: number): Promise<UnmatchedCustomer[]> {
  const found = await rows<{ id: string; events: number | string; since: number | string | null }>(
    `SELECT c.id AS id, COUNT(e.id) AS events, MIN(e.received_at) AS since FROM stripe_customers c
     LEFT JOIN stripe_events e ON e.subject = c.id AND e.state IN ('pending', 'unmatched')
     WHERE c.account_id IS NULL AND c.deleted_at IS NULL
     GROUP BY c.id ORDER BY MIN(e.received_at), c.id LIMIT ${Math.trunc(limit)}`,
  );
  return found.map(({ id, events, since }) => ({
    customer: id,
    events: Number(events),
    since: since === null ? null : Number(since),
  }));
}
