/** How one attempt went; `status` is null when no whole answer came. */
export interface Attempt<Response> {
  response: Response | null;
  status: number | null;
  headers: Record<string, string>;
  error: unknown;
}

export const MOST_ATTEMPTS = 3;

const NETWORK_STEP_MS = 200;
const RATE_LIMIT_STEP_MS = 500;

/**
 * How long to wait before a call is repeated under the same key, with full jitter; null when it must not be. After a
 * network error, a conflict or a server error shortly and linearly, after a rate limit exponentially and never before
 * Stripe says so.
 */
export function delayBefore(
  attempt: number,
  { status, headers }: Pick<Attempt<unknown>, 'status' | 'headers'>,
  jitter: number,
): number | null {
  const advice = headers['stripe-should-retry'];
  if (advice === 'false') return null;
  const limited = status === 429;
  if (advice !== 'true' && !limited && status !== null && status !== 409 && status < 500) return null;
  // The answer of a call that has failed for good under this key; it would only be said again.
  if (status !== null && status >= 500 && headers['idempotent-replayed'] === 'true') return null;
  const ceiling = limited ? RATE_LIMIT_STEP_MS * 2 ** attempt : NETWORK_STEP_MS * attempt;
  return Math.max(jitter * ceiling, askedFor(headers['retry-after']));
}

/** Milliseconds that a Retry-After asks for; dates are not heeded, since Stripe sends none. */
const askedFor = (text: string | undefined): number => (/^\d{1,6}$/.test(text ?? '') ? Number(text) * 1_000 : 0);
