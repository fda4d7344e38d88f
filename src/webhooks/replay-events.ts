import type Stripe from 'stripe';
import type { Database, Transaction } from '../database/database.js';
import type { Instant, Ports, Random } from '../ports.js';
import { isMissing } from '../stripe/errors.js';
import { askAll } from '../sync/queue.js';
import { type Handling, keepActions } from './event-actions.js';
import type { EventState, Inbox } from './inbox.js';
import { toInboxRow } from './inbox-row.js';
import { type StripeEvent, toStripeEvent } from './stripe-event.js';

const AT_ONCE = 500;
/** What an operator may lay aside: everything that has not ended well. */
const OPEN: readonly EventState[] = ['pending', 'unmatched', 'dead'];

const listed = (values: readonly unknown[]) => `(${values.map(() => '?').join(', ')})`;

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
  for (let start = 0; start < events.length; start += AT_ONCE) {
    const at = await database.now();
    const part = events.slice(start, start + AT_ONCE);
    const ids = part.map(({ id }) => id);
    await database.transaction((transaction) => replayIn(transaction, random, ids, { ...handling, at }));
    await askAll(database, new Map(part.map(({ subject }) => [subject, 'events'])));
  }
}

/**
 * The part of it that one transaction does: a sweep asks for the subjects, if nobody does before. What was done keeps the time
 * of that, so that it does not look slow afterwards; MySQL assigns from left to right.
 */
export async function replayIn(
  transaction: Transaction,
  random: Random,
  ids: readonly string[],
  handling: Handling & { at: Instant },
): Promise<void> {
  if (ids.length === 0) return;
  await transaction.run(
    `UPDATE stripe_events SET finished_at = CASE WHEN state = 'done' THEN finished_at END, state = 'pending', attempts = 0,
       pending_at = ?, error = NULL
     WHERE id IN ${listed(ids)}`,
    [handling.at, ...ids],
  );
  await keepActions(transaction, random, ids, { ...handling, action: 'replay' });
}

/** Lays events aside for good, with the reason; answers how many were still open. A replay takes them up again. */
export async function discardEvents(
  { database, random }: Pick<Ports, 'database' | 'random'>,
  ids: readonly string[],
  handling: Handling & { reason: string },
): Promise<number> {
  const at = await database.now();
  const { dialect } = database;
  return database.transaction((transaction) => discardIn(transaction, { dialect, random }, ids, { ...handling, at }));
}

/** The same as a part of a transaction. */
export async function discardIn(
  transaction: Transaction,
  { dialect, random }: Pick<Database, 'dialect'> & Pick<Ports, 'random'>,
  ids: readonly string[],
  handling: Handling & { reason: string; at: Instant },
): Promise<number> {
  if (ids.length === 0) return 0;
  const rows = await transaction.rows<{ id: string }>(
    `SELECT id FROM stripe_events WHERE id IN ${listed(ids)} AND state IN ${listed(OPEN)}${dialect.forUpdate}`,
    [...ids, ...OPEN],
  );
  const open = rows.map(({ id }) => id);
  if (open.length === 0) return 0;
  await transaction.run(
    `UPDATE stripe_events SET state = 'discarded', pending_at = NULL, finished_at = ?, error = ? WHERE id IN ${listed(open)}`,
    [handling.at, handling.reason, ...open],
  );
  await keepActions(transaction, random, open, { ...handling, action: 'discard' });
  return open.length;
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
