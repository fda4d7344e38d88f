import { In, IsNull, LessThanOrEqual } from 'typeorm';
import type { Database, Queries } from '../database/database.js';
import type { Metrics } from '../operations/figures.js';
import { type StripeEvent, toStripeEvent } from '../webhooks/stripe-event.js';
import { explains } from './drift.js';
import { Drift } from './drift.entity.js';

const AT_ONCE = 500;
/** Subjects whose events are read together: they come with their bodies. */
const SUBJECTS_AT_ONCE = 100;

/**
 * Decides, once Stripe's list of events has been read, about drift that is older than events take to appear in it: what
 * an event names after all was only early and is forgotten; the rest is counted and kept.
 */
export async function settleDrift(
  { database, metrics }: { database: Database; metrics: Metrics },
  patienceMs: number,
): Promise<number> {
  const now = await database.now();
  const open = await database.read.manager.find(Drift, {
    where: { confirmedAt: IsNull(), detectedAt: LessThanOrEqual(now - patienceMs) },
    order: { detectedAt: 'ASC' },
    take: AT_ONCE,
  });
  const told = await eventsAbout(database.read, open, patienceMs);
  const isEarly = ({ subject, objectId, detectedAt }: Drift) =>
    (told.get(subject) ?? []).some(
      ({ event, endedAt }) => endedAt >= detectedAt - patienceMs && explains(event, { subject, objectId }),
    );
  const early = open.filter(isEarly).map(({ id }) => id);
  const confirmed = open.filter(({ id }) => !early.includes(id));
  await database.transaction(async ({ manager }) => {
    if (early.length > 0) await manager.delete(Drift, { id: In(early) });
    if (confirmed.length > 0)
      await manager.update(Drift, { id: In(confirmed.map(({ id }) => id)) }, { confirmedAt: now });
  });
  for (const { object } of confirmed) metrics.count('billing_drift_total', { object });
  return confirmed.length;
}

interface Told {
  event: StripeEvent;
  /** Infinity while it waits. */
  endedAt: number;
}

/** Events by their subject that still wait, or were finished about when the first of the drift was found, or since. */
async function eventsAbout(read: Queries, open: readonly Drift[], patienceMs: number): Promise<Map<string, Told[]>> {
  const found = new Map<string, Told[]>();
  const subjects = [...new Set(open.map(({ subject }) => subject))];
  for (let from = 0; from < subjects.length; from += SUBJECTS_AT_ONCE) {
    const some = subjects.slice(from, from + SUBJECTS_AT_ONCE);
    const rows = await read.rows<{ subject: string; finished_at: number | string | null; body: Buffer }>(
      `SELECT subject, finished_at, body FROM stripe_events WHERE subject IN (${some.map(() => '?').join(', ')})
       AND (pending_at IS NOT NULL OR finished_at >= ?)`,
      [...some, (open[0]?.detectedAt ?? 0) - patienceMs],
    );
    for (const { subject, finished_at, body } of rows) {
      const event = toStripeEvent(JSON.parse(Buffer.from(body).toString('utf8')));
      const endedAt = finished_at === null ? Infinity : Number(finished_at);
      if (event) found.set(subject, [...(found.get(subject) ?? []), { event, endedAt }]);
    }
  }
  return found;
}
