import Stripe from 'stripe';
import { BillingError } from '../errors.js';
import { NotAsked, Unanswered } from './unanswered.js';

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
/** A key that Stripe refuses is mended by hand. */
const REFUSED_KEY_PAUSE_MS = 60_000;

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

/** Stripe has no code for it, only these words: of a price that is archived, and of one whose product is. */
const SOLD_NO_MORE = /price specified is inactive|its product is not active/;

/** Whether Stripe refused because a price was archived that is not held already. */
export const isSoldNoMore = (thrown: unknown): boolean =>
  thrown instanceof Stripe.errors.StripeInvalidRequestError && SOLD_NO_MORE.test(thrown.message);

/** Whether Stripe refused because there is nothing to charge; beside these words it has only a code that fits all that is missing. */
export const hasNoMethod = (thrown: unknown): boolean =>
  thrown instanceof Stripe.errors.StripeInvalidRequestError &&
  thrown.message.includes('no attached payment source or default payment method');

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
  if (
    thrown instanceof Stripe.errors.StripeAuthenticationError ||
    thrown instanceof Stripe.errors.StripePermissionError
  ) {
    return new BillingError('PROVIDER_UNAVAILABLE', `Stripe does not let this gateway ${asked}.`, {
      hint: 'Nothing has happened. Whoever runs the gateway has to check its STRIPE_SECRET_KEY; `billing doctor` tells more.',
      retryable: true,
      retryAfterMs: REFUSED_KEY_PAUSE_MS,
      cause: thrown,
    });
  }
  return new BillingError('INTERNAL', `Stripe refused to ${asked}.`, { cause: thrown });
}

/** What failed and what to do, for who runs the gateway: the SDK has one sentence for all that keeps Stripe from answering. */
export function explainAway(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { detail } = thrown as { detail?: unknown };
  if (detail instanceof Unanswered || detail instanceof NotAsked) return `${detail.message} ${detail.whatToDo}`;
  const { message, cause } = thrown;
  return cause instanceof Stripe.errors.StripeConnectionError ? `${message} ${explainAway(cause)}` : message;
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
