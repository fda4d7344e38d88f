import Stripe from 'stripe';
import { BillingError } from '../errors.js';
import { NotAsked } from './unanswered.js';

/** Why a call was never made; null when it was, or may have been. */
const notAsked = (thrown: unknown): NotAsked | null =>
  thrown instanceof Stripe.errors.StripeConnectionError && thrown.detail instanceof NotAsked ? thrown.detail : null;

/** Whether a failed call may have had its effect all the same: then only a look at Stripe tells. */
export function outcomeUnknown(thrown: unknown): boolean {
  if (notAsked(thrown)) return false;
  if (thrown instanceof Stripe.errors.StripeConnectionError) return true;
  if (!(thrown instanceof Stripe.errors.StripeError)) return false;
  return thrown.statusCode === undefined || thrown.statusCode >= 500 || thrown.statusCode === 409;
}

/** Whether the idempotency key is one of a call with other parameters: Stripe does nothing, and answers nothing else for a day. */
export const isOfOtherCall = (thrown: unknown): boolean =>
  thrown instanceof Stripe.errors.StripeIdempotencyError && thrown.statusCode !== 409;

/** Whether the same call may work later without a change: the network, an outage, a rate limit, a lock. */
export function isTransient(thrown: unknown): boolean {
  return outcomeUnknown(thrown) || pauseAfter(thrown) !== null;
}

const RATE_LIMIT_PAUSE_MS = 2_000;

/**
 * How long to leave Stripe alone, in milliseconds, when the call says nothing about what it asked for: it was never
 * made, or Stripe has too much to do. Null for every other failure.
 */
export function pauseAfter(thrown: unknown): number | null {
  const unasked = notAsked(thrown);
  if (unasked) return unasked.retryInMs;
  if (!(thrown instanceof Stripe.errors.StripeRateLimitError)) return null;
  return Math.max(RATE_LIMIT_PAUSE_MS, Number(thrown.headers?.['retry-after'] ?? 0) * 1_000 || 0);
}

/** Stripe's "there is no such object", which is an answer and not a failure. */
export const isMissing = (thrown: unknown): boolean =>
  thrown instanceof Stripe.errors.StripeInvalidRequestError &&
  (thrown.code === 'resource_missing' || thrown.statusCode === 404);

/** What a caller of the gateway is told about a failed Stripe call. Anything that is not Stripe's passes unchanged. */
export function translateStripeError(thrown: unknown, asked: string): unknown {
  if (!(thrown instanceof Stripe.errors.StripeError)) return thrown;
  if (isTransient(thrown)) {
    return new BillingError('PROVIDER_UNAVAILABLE', `Stripe could not be asked to ${asked} just now.`, {
      hint: 'Try again in a moment; nothing is charged twice.',
      retryable: true,
      retryAfterMs: Math.ceil(pauseAfter(thrown) ?? 2_000),
      cause: thrown,
    });
  }
  return new BillingError('INTERNAL', `Stripe refused to ${asked}.`, { cause: thrown });
}

/**
 * SDK 23.1 resolves a non-2xx JSON body that has no `error` key as if it were the object; its id gives it away.
 * Throws a transient error when what came back is not the object that was asked for.
 */
export function expectObject<Found extends { id: string; object: string }>(
  found: Found,
  object: Found['object'],
): Found {
  if (found?.object === object && typeof found.id === 'string' && found.id !== '') return found;
  throw new Stripe.errors.StripeAPIError({
    type: 'api_error',
    message: `Stripe answered without a ${object}.`,
  } as ConstructorParameters<typeof Stripe.errors.StripeAPIError>[0]);
}
