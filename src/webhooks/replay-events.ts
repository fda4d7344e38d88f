import type Stripe from 'stripe';
import type { Ports } from '../ports.js';
import { isMissing } from '../stripe/errors.js';
import { askAll } from '../sync/queue.js';
import { type Handling, keepActions } from './event-actions.js';
import type { EventState, Inbox } from './inbox.js';
import { toInboxRow } from './inbox-row.js';
import { type StripeEvent, toStripeEvent } from './stripe-event.js';

const AT_ONCE = 500;
/** What an operator may lay aside: everything that has not ended well. */
const OPEN: readonly EventState[] = ['pending', 'unmatched', 'dead'];

interface Picked {
  id: string;
  subject: string;
}

/** Makes events pending again, as if they had just arrived, and asks for their subjects. Safe at any time. */
export async function replayEvents(
  { database, random }: Pick<Ports, 'database' | 'random'>,
  events: readonly Picked[],
  handling: Handling,
): Promise<void> {
  const at = await database.now();
  for (let start = 0; start < events.length; start += AT_ONCE) {
    const part = events.slice(start, start + AT_ONCE);
    const ids = part.map(({ id }) => id);
    await database.transaction(async (transaction) => {
      await transaction.run(
        `UPDATE stripe_events SET state = 'pending', attempts = 0, pending_at = 0, finished_at = NULL, error = NULL
         WHERE id IN (${ids.map(() => '?').join(', ')})`,
        ids,
      );
      await keepActions(transaction, random, ids, { ...handling, action: 'replay', at });
    });
    await askAll(database, new Map(part.map(({ subject }) => [subject, 'events'])));
  }
}

/** Lays events aside for good, with the reason; answers how many were still open. A replay takes them up again. */
export async function discardEvents(
  { database, random }: Pick<Ports, 'database' | 'random'>,
  ids: readonly string[],
  handling: Handling & { reason: string },
): Promise<number> {
  const at = await database.now();
  const listed = (values: readonly unknown[]) => `(${values.map(() => '?').join(', ')})`;
  return database.transaction(async (transaction) => {
    const rows = await transaction.rows<{ id: string }>(
      `SELECT id FROM stripe_events WHERE id IN ${listed(ids)} AND state IN ${listed(OPEN)}${database.dialect.forUpdate}`,
      [...ids, ...OPEN],
    );
    const open = rows.map(({ id }) => id);
    if (open.length === 0) return 0;
    await transaction.run(
      `UPDATE stripe_events SET state = 'discarded', pending_at = NULL, finished_at = ?, error = ? WHERE id IN ${listed(open)}`,
      [at, handling.reason, ...open],
    );
    await keepActions(transaction, random, open, { ...handling, action: 'discard', at });
    return open.length;
  });
}

/** An event as Stripe has it; null when Stripe does not. */
export async function askStripeFor(stripe: Stripe, id: string): Promise<{ event: StripeEvent; raw: object } | null> {
  try {
    const raw = await stripe.events.retrieve(id);
    const event = toStripeEvent(raw);
    return event && event.account === null ? { event, raw } : null;
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw thrown;
  }
}

/** Stores an event that was asked for by its id, as a delivery would. */
export async function storeEvent(
  { wall }: Pick<Ports, 'wall'>,
  inbox: Inbox,
  { event, raw }: { event: StripeEvent; raw: object },
): Promise<Picked> {
  const row = toInboxRow(event, Buffer.from(JSON.stringify(raw)), wall.now(), 'id');
  await inbox.store(row);
  return { id: row.id, subject: row.subject };
}
