import { isTerminal } from '../subscriptions/subscription.js';
import { isSettled } from '../invoices/invoice.js';
import type { EventState } from '../webhooks/inbox.js';
import { type Demand, demandsOf, isHandled } from '../webhooks/handlers.js';
import type { StripeEvent } from '../webhooks/stripe-event.js';
import type { Failure, Seen } from './seen.js';
import { denies, lookAtObject } from './suspect.js';
import type { PendingEvent } from './queue.js';

/** What becomes of one listed event. `delayMs` says when to look again, for those that stay pending. */
export interface Verdict {
  id: string;
  state: EventState;
  attempts: number;
  delayMs: number | null;
  error: string | null;
  /** What stood in the way of a good end. */
  why?: 'transient' | 'permanent' | 'stale' | 'parked';
}

const SECOND = 1_000;
const SUSPECT_DELAYS = [1 * SECOND, 5 * SECOND, 30 * SECOND];
const PARKED_DELAYS = [1 * SECOND, 5 * SECOND, 30 * SECOND, 120 * SECOND, 600 * SECOND];
const PERMANENT_TRIES = 3;
const TRANSIENT_LIMIT_MS = 72 * 3_600 * SECOND;
const BACK_OFF_CEILING_MS = 300 * SECOND;

/** Full jitter between nothing and a ceiling that doubles from one second to five minutes. */
export const backOff = (attempts: number, jitter: number): number =>
  Math.max(50, Math.round(jitter * Math.min(BACK_OFF_CEILING_MS, SECOND * 2 ** Math.min(attempts, 20))));

export interface VerdictContext {
  seen: Seen;
  /** Whether the customer's account is known. */
  owned: boolean;
  /** Objects that we hold in a state that Stripe never takes back, but Stripe's answer did. */
  resurrected: ReadonlySet<string>;
  /** Whether we hold this object. */
  held: (id: string) => boolean;
  now: number;
  /** At least 0, below 1. */
  jitter: number;
}

export function judge(pending: PendingEvent, others: readonly StripeEvent[], context: VerdictContext): Verdict {
  const { event } = pending;
  if (!event) return dead(pending, 'The stored body is no event any more.');
  if (!isHandled(event.type)) return end(pending, 'ignored');
  const demands = demandsOf(event);
  if (demands.length === 0) return dead(pending, `A ${event.type} event that names nothing to look at.`);
  const failure = failureOf(demands, context.seen);
  if (failure) return judgeFailure(pending, failure, context);
  if (context.resurrected.has(String(event.object.id))) {
    return again(
      pending,
      SUSPECT_DELAYS,
      'dead',
      `Stripe's answer takes back a final state of ${String(event.object.id)}.`,
      'stale',
    );
  }
  if (denies(event, context.seen, others)) {
    const missing = lookAtObject(event, context.seen)?.state === null;
    const wait = again(
      pending,
      SUSPECT_DELAYS,
      missing ? 'unmatched' : 'done',
      'Stripe still answers as if this had not happened.',
      'stale',
    );
    if (wait.state !== 'unmatched' || !context.held(String(event.object.id))) return wait;
    return end(pending, 'done');
  }
  if (!context.owned)
    return again(pending, PARKED_DELAYS, 'unmatched', 'No account is known for this customer.', 'parked');
  return end(pending, 'done');
}

const failureOf = (demands: readonly Demand[], seen: Seen): Failure | undefined =>
  demands.map(({ id }) => seen.failures.get(id)).find((failure) => failure !== undefined);

function judgeFailure(pending: PendingEvent, failure: Failure, { now, jitter }: VerdictContext): Verdict {
  const attempts = pending.attempts + 1;
  const over = failure.transient ? now - pending.receivedAt > TRANSIENT_LIMIT_MS : attempts >= PERMANENT_TRIES;
  const why = failure.transient ? 'transient' : 'permanent';
  if (over) return { ...dead(pending, failure.message), attempts, why };
  return {
    id: pending.id,
    state: 'pending',
    attempts,
    delayMs: backOff(attempts, jitter),
    error: failure.message,
    why,
  };
}

/** Waits as the delays say; when they are used up, ends as told. */
function again(
  pending: PendingEvent,
  delays: readonly number[],
  ends: EventState,
  error: string,
  why: Verdict['why'],
): Verdict {
  const delayMs = delays[pending.attempts];
  if (delayMs === undefined) return { ...end(pending, ends), error: ends === 'done' ? null : error, why };
  return { id: pending.id, state: 'pending', attempts: pending.attempts + 1, delayMs, error, why };
}

const end = ({ id, attempts }: PendingEvent, state: EventState): Verdict => ({
  id,
  state,
  attempts,
  delayMs: null,
  error: null,
});
const dead = (pending: PendingEvent, error: string): Verdict => ({ ...end(pending, 'dead'), error });

/** Whether what we hold is final and what Stripe answered is not: it never happens, so one of the two is wrong. */
export const takesBackSubscription = (
  held: Parameters<typeof isTerminal>[0] | undefined,
  seen: Parameters<typeof isTerminal>[0],
): boolean => held !== undefined && isTerminal(held) && !isTerminal(seen);
export const takesBackInvoice = (
  held: Parameters<typeof isSettled>[0] | undefined,
  seen: Parameters<typeof isSettled>[0],
): boolean => held !== undefined && isSettled(held) && !isSettled(seen);
