import type Stripe from 'stripe';
import type { Metrics } from '../operations/figures.js';
import type { Ports } from '../ports.js';
import { isMissing } from '../stripe/errors.js';
import { asJob } from '../stripe/patience.js';
import type { Inbox } from '../webhooks/inbox.js';
import { toInboxRow } from '../webhooks/inbox-row.js';
import { toStripeEvent } from '../webhooks/stripe-event.js';
import { settleDrift } from './settle-drift.js';
import type { Chore, Lease } from './upkeep.js';

const PAGE = 100;

export interface CatchUpNeeds extends Pick<Ports, 'stripe' | 'wall' | 'log'> {
  inbox: Inbox;
  metrics: Metrics;
  /** Asks the sync to look at these subjects. */
  knock: (subjects: readonly string[]) => void | Promise<void>;
}

export interface CatchUpOptions {
  /** How much of what was read before is read again: events may appear late in Stripe's list. */
  overlapSeconds: number;
  /** Reads from here (Stripe's seconds) instead of from where the last run ended. */
  since?: number;
  /** Called after each page; `part` of the way is behind, 0 to 1. */
  onPage?: (report: CatchUpReport, part: number) => void;
}

export interface CatchUpReport {
  /** Events in the list. */
  read: number;
  /** Those of them that are acted on and that nothing had brought before. */
  missed: number;
}

/** All instants are Stripe's own whole seconds, so that no clock of ours can lose an event. */
interface State {
  /** Everything up to here was read; a run that began later leaves it, or what lies between would be lost. */
  readTo: number;
  /** A run under way: it goes from the newest event back to `from`, whatever arrives meanwhile. */
  pass: Pass | null;
}

interface Pass extends CatchUpReport {
  from: number;
  /** Becomes `readTo` at the end; null until the first page has come. */
  newest: number | null;
  /** The oldest event read so far. */
  after: string | null;
}

/**
 * Reads Stripe's list of events into the inbox, from where the last run ended and a little before. A run that was cut
 * off goes on where it was. The first run of all only remembers where to begin.
 */
export async function catchUp(needs: CatchUpNeeds, lease: Lease, options: CatchUpOptions): Promise<CatchUpReport> {
  const { overlapSeconds, since } = options;
  const total = { read: 0, missed: 0 };
  const held = lease.state as State | null;
  let state = held ?? { readTo: await newestEvent(needs.stripe), pass: null };
  const run = async (pass: Pass) => {
    const { readTo, read, missed } = await readAll(needs, lease, { ...state, pass }, options);
    state = { readTo, pass: null };
    await lease.keep(state);
    total.read += read;
    total.missed += missed;
  };
  // What was cut off comes to its end first; what came since is the matter of a run of its own.
  if (state.pass) await run(state.pass);
  const from = since ?? (held ? Math.max(0, state.readTo - overlapSeconds) : null);
  if (from === null) await lease.keep(state);
  else await run({ from, newest: null, after: null, read: 0, missed: 0 });
  return total;
}

/** The chore that does so; none when `everySeconds` is 0. */
export function catchUpChore(
  needs: CatchUpNeeds & Pick<Ports, 'database'>,
  { everySeconds, overlapSeconds }: { everySeconds: number; overlapSeconds: number },
): Chore[] {
  if (everySeconds === 0) return [];
  const run = async (lease: Lease) => {
    try {
      const { read, missed } = await asJob(() => catchUp(needs, lease, { overlapSeconds }));
      const drifted = await settleDrift(needs, overlapSeconds * 1_000);
      if (drifted > 0) needs.log.warn({ drifted }, 'what had changed at Stripe without an event was repaired');
      if (missed > 0) needs.log.warn({ read, missed }, "Stripe's list had events that no delivery had brought");
      needs.metrics.count('billing_reconcile_run_total', { result: 'done' });
    } catch (thrown) {
      needs.metrics.count('billing_reconcile_run_total', { result: 'failed' });
      throw thrown;
    }
  };
  return [{ id: 'catch-up', everyMs: everySeconds * 1_000, run }];
}

async function newestEvent(stripe: Stripe): Promise<number> {
  const { data } = await stripe.events.list({ limit: 1 });
  return data[0]?.created ?? 0;
}

async function readAll(
  needs: CatchUpNeeds,
  lease: Lease,
  state: State & { pass: Pass },
  options: CatchUpOptions,
): Promise<CatchUpReport & { readTo: number }> {
  let pass = state.pass;
  for (;;) {
    const page = await readPage(needs.stripe, pass);
    const missed = await storePage(needs, page.data);
    const [first, last] = [page.data[0], page.data.at(-1)];
    const newest = pass.newest ?? first?.created ?? state.readTo;
    pass = {
      ...pass,
      newest,
      after: last?.id ?? pass.after,
      read: pass.read + page.data.length,
      missed: pass.missed + missed,
    };
    options.onPage?.(pass, (newest - (last?.created ?? pass.from)) / Math.max(1, newest - pass.from));
    if (!page.has_more || !last)
      return { ...pass, readTo: pass.from > state.readTo ? state.readTo : Math.max(state.readTo, newest) };
    await lease.keep({ ...state, pass });
  }
}

/** Newest first; what arrives while paging comes before the pages to come and moves none of them. */
async function readPage(stripe: Stripe, { from, after }: Pass): Promise<Stripe.ApiList<Stripe.Event>> {
  const range = { limit: PAGE, created: { gte: from } };
  if (after === null) return stripe.events.list(range);
  try {
    return await stripe.events.list({ ...range, starting_after: after });
  } catch (thrown) {
    // Stripe keeps events for thirty days; a run that rested longer begins anew.
    if (isMissing(thrown)) return stripe.events.list(range);
    throw thrown;
  }
}

/** Stores what is not there yet, by the same insert as a delivery. Answers how many of them are acted on. */
async function storePage(
  { inbox, wall, log, metrics, knock }: CatchUpNeeds,
  events: readonly Stripe.Event[],
): Promise<number> {
  const rows = events.flatMap((raw) => {
    const event = toStripeEvent(raw);
    if (!event) log.warn({ event: raw.id }, 'an event in the list cannot be read; it is left out');
    if (!event || event.account !== null) return [];
    return toInboxRow(event, Buffer.from(JSON.stringify(raw)), wall.now(), 'list');
  });
  const novelties = await Promise.all(rows.map((row) => inbox.store(row)));
  const fresh = rows.filter((_row, at) => novelties[at] === 'new');
  const missed = fresh.filter(({ state }) => state === 'pending');
  for (const { type, state } of fresh) {
    metrics.count(state === 'pending' ? 'billing_webhook_queued_total' : 'billing_webhook_ignored_total', { type });
    if (state === 'pending') metrics.count('billing_webhook_missed_total', { type });
  }
  if (missed.length > 0) await knock([...new Set(missed.map(({ subject }) => subject))]);
  return missed.length;
}
