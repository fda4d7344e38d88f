import { isTerminal } from '../subscriptions/subscription.js';
import { isSettled } from '../invoices/invoice.js';
import type { EventState } from '../webhooks/inbox.js';
import { type Demand, demandsOf, isHandled } from '../webhooks/handlers.js';
import type { StripeEvent } from '../webhooks/stripe-event.js';
import type { Failure, Seen } from './seen.js';
import { denies, lookAtObject } from './suspect.js';
import type { PendingEvent } from './queue.js';
import type { Obstacle, Tries } from './tries.js';

/** What becomes of one listed event. `delayMs` says when to look again, for those that stay pending. */
export interface Verdict {
  id: string;
  state: EventState;
  attempts: number;
  tries: Tries;
  delayMs: number | null;
  error: string | null;
  /** What stood in the way of a good end. */
  why?: Obstacle;
}

const SECOND = 1_000;
const DELAYS = {
  stale: [1 * SECOND, 5 * SECOND, 30 * SECOND],
  parked: [1 * SECOND, 5 * SECOND, 30 * SECOND, 120 * SECOND, 600 * SECOND],
} as const;
const PERMANENT_TRIES = 3;
const TRANSIENT_LIMIT_MS = 72 * 3_600 * SECOND;
const BACK_OFF_CEILING_MS = 300 * SECOND;

/** Full jitter between nothing and a ceiling that doubles from one second to five minutes. */
export const backOff = (attempts: number, jitter: number): number =>
  Math.max(50, Math.round(jitter * Math.min(BACK_OFF_CEILING_MS, SECOND * 2 ** Math.min(attempts, 20))));

/** A pause is waited out whole, and then not by everybody at the same moment. */
const afterPause = (pauseMs: number, jitter: number): number => Math.round(pauseMs * (1 + jitter)) + 50;

/** How a round ends that could not see all it asked for: whether the question stays open, and until when. */
export function retryAfter(
  failures: readonly Failure[],
  attempts: number,
  jitter: number,
): { failed: boolean; retryDelayMs: number | null; counts: boolean } {
  const pauses = failures.flatMap(({ pauseMs }) => pauseMs ?? []);
  const open = failures.filter(({ transient }) => transient || attempts < PERMANENT_TRIES - 1);
  if (open.length === 0) return { failed: false, retryDelayMs: null, counts: false };
  const counts = open.length > pauses.length;
  const retryDelayMs = counts ? backOff(attempts + 1, jitter) : afterPause(Math.max(...pauses), jitter);
  return { failed: true, retryDelayMs, counts };
}

export interface VerdictContext {
  seen: Seen;
  /** Whether the customer's account is known. */
  owned: boolean;
  /** Objects that we hold in a state that Stripe never takes back, but Stripe's answer did. */
  resurrected: ReadonlySet<string>;
  /** Whether we hold this object. */
  held: (id: string) => boolean;
  /** Events of the subject that earlier rounds have finished, as far as one of the list may be explained by them. */
  finished?: readonly StripeEvent[];
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
  if (failure) return judgeFailure(pending, failure, context.jitter);
  const id = String(event.object.id);
  if (context.resurrected.has(id)) {
    const error = `Stripe's answer takes back a final state of ${id}.`;
    return again(pending, 'stale', error) ?? { ...dead(pending, error), why: 'stale' };
  }
  const denied = denies(event, context.seen, others, context.finished);
  if (denied) {
    const error = 'Stripe still answers as if this had not happened.';
    const wait = again(pending, 'stale', error);
    if (wait) return wait;
    const missing = lookAtObject(event, context.seen)?.state === null;
    if (missing && context.held(id)) return end(pending, 'done');
    if (missing) return { ...end(pending, 'unmatched'), error, why: 'stale' };
  }
  if (!context.owned) {
    const error = 'No account is known for this customer.';
    return again(pending, 'parked', error) ?? { ...end(pending, 'unmatched'), error, why: 'parked' };
  }
  return { ...end(pending, 'done'), ...(denied && { why: 'stale' as const }) };
}

const failureOf = (demands: readonly Demand[], seen: Seen): Failure | undefined =>
  demands.map(({ id }) => seen.failures.get(id)).find((failure) => failure !== undefined);

/** What becomes of an event whose object could not be fetched, mapped, decided or written. */
export function judgeFailure(pending: PendingEvent, failure: Failure, jitter: number): Verdict {
  const { tries } = pending;
  const { message: error, pauseMs } = failure;
  if (pauseMs !== undefined)
    return { ...end(pending, 'pending'), delayMs: afterPause(pauseMs, jitter), error, why: 'paused' };
  if (!failure.transient) {
    const last = tries.permanent + 1 >= PERMANENT_TRIES;
    const tried = triedAgain(pending, 'permanent', backOff(tries.permanent + 1, jitter), error);
    return last ? { ...tried, state: 'dead', delayMs: null } : tried;
  }
  const delayMs = backOff(tries.transient + 1, jitter);
  const tried = triedAgain(pending, 'transient', delayMs, error);
  tried.tries.waitedMs += delayMs;
  return tries.waitedMs > TRANSIENT_LIMIT_MS ? { ...tried, state: 'dead', delayMs: null } : tried;
}

/** Waits as the delays say; null when they are used up. */
function again(pending: PendingEvent, why: keyof typeof DELAYS, error: string): Verdict | null {
  const delayMs = DELAYS[why][pending.tries[why]];
  return delayMs === undefined ? null : triedAgain(pending, why, delayMs, error);
}

const triedAgain = (
  { id, attempts, tries }: PendingEvent,
  why: Exclude<Obstacle, 'paused'>,
  delayMs: number,
  error: string,
): Verdict => ({
  ...{ id, state: 'pending', attempts: attempts + 1, delayMs, error, why },
  tries: { ...tries, [why]: tries[why] + 1 },
});

const end = ({ id, attempts, tries }: PendingEvent, state: EventState): Verdict => ({
  ...{ id, state, attempts, tries },
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
