import { isAway } from './database/retry.js';

/**
 * Every code that can reach a caller in the top-level `errors` list of a GraphQL answer or in a CLI's message.
 * What a person can act on inside a mutation travels as a `UserError` instead and never as one of these.
 */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'RATE_LIMITED'
  | 'QUERY_TOO_COMPLEX'
  | 'DOCUMENT_REFUSED'
  | 'BAD_USER_INPUT'
  | 'PROVIDER_UNAVAILABLE'
  | 'IN_PROGRESS'
  | 'INTERNAL';

export interface BillingErrorOptions {
  /** What to do next, fit to show. */
  hint?: string;
  cause?: unknown;
  /** Whether the same request may succeed later without a change. Defaults to false. */
  retryable?: boolean;
  /** How long to wait before trying again, in milliseconds. */
  retryAfterMs?: number;
}

/** The one error class of the gateway. The message says what was asked and what was found; the hint says what to do. */
export class BillingError extends Error {
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: BillingErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BillingError';
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export function notFound(what: string, id: string): BillingError {
  return new BillingError('NOT_FOUND', `There is no ${what} '${id}' that you may see.`, {
    hint: `Check the id; another account's ${what} looks the same as an absent one.`,
  });
}

export function badUserInput(message: string, hint?: string): BillingError {
  return new BillingError('BAD_USER_INPUT', message, { hint });
}

/**
 * Anything thrown becomes a BillingError; what is not one already is INTERNAL and keeps the original as its cause. After a
 * database that was away, the answer to a commit included, it may be tried again.
 */
export function toBillingError(thrown: unknown): BillingError {
  if (thrown instanceof BillingError) return thrown;
  const away = isAway(thrown) && {
    retryable: true,
    retryAfterMs: 1_000,
    hint: 'The database was away. Try again in a moment; a mutation with the same idempotencyKey is done once.',
  };
  return new BillingError('INTERNAL', 'Something went wrong inside the gateway.', { cause: thrown, ...away });
}
