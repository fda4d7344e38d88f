import type { Account } from '../account.js';
import { nextChance } from '../delivery/misbehave.js';
import { failure, type ApiAnswer, type ApiRequest, type Interruption } from '../http/api.js';
import { StripeError } from '../http/errors.js';
import type { FaultRow } from '../store/tables.js';

/** What goes wrong with this request, by the faults that were ordered. */
export function interruptionFor(account: Account, request: ApiRequest): Interruption {
  const fault = takeFault(account, request);
  if (!fault) return { beforeEffect: async () => null, afterEffect: (answer) => ({ answer, stored: false }) };
  return {
    async beforeEffect() {
      if (fault.kind === 'slow')
        await new Promise<void>((resolve) => account.clock.wall.after(fault.delay_ms, resolve));
      return insteadOf(fault, request.path);
    },
    afterEffect: (answer) => disturbed(fault, request.path, answer),
  };
}

function takeFault(account: Account, request: ApiRequest): FaultRow | null {
  const { store } = account;
  if (store.count('fault') === 0) return null;
  return store.transaction(() => {
    const fault = store
      .all('fault')
      .find((row) => fits(row, request) && (row.probability >= 1 || nextChance(account) < row.probability));
    if (!fault) return null;
    if (fault.times === 1) store.remove('fault', fault.id);
    else if (fault.times !== null) store.put('fault', { ...fault, times: fault.times - 1 });
    return fault;
  });
}

function fits(fault: FaultRow, request: ApiRequest): boolean {
  if (fault.method !== null && fault.method !== request.method) return false;
  const pattern = fault.path.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`).test(request.path);
}

function insteadOf({ kind }: FaultRow, path: string): ApiAnswer | null {
  if (kind === 'rate_limit' || kind === 'rate_limit_should_retry') {
    const headers: Record<string, string> = {
      'stripe-rate-limited-reason': 'global-rate',
      ...(kind === 'rate_limit' ? {} : { 'stripe-should-retry': 'true' }),
    };
    return refusal(
      path,
      429,
      'rate_limit',
      'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
      headers,
    );
  }
  if (kind === 'lock_timeout') {
    return refusal(
      path,
      409,
      'lock_timeout',
      'This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If you see this error intermittently, retry the request.',
    );
  }
  if (kind === 'error_before') return broken(path);
  if (kind === 'reset_before') return { status: 0, headers: {}, body: '', broken: 'reset' };
  return null;
}

function disturbed({ kind }: FaultRow, path: string, answer: ApiAnswer): { answer: ApiAnswer; stored: boolean } {
  if (kind === 'error_after') return { answer: broken(path), stored: true };
  if (kind === 'reset_after') return { answer: { ...answer, broken: 'reset' }, stored: false };
  if (kind === 'truncated') return { answer: { ...answer, broken: 'truncated' }, stored: false };
  if (kind === 'invalid_json')
    return { answer: { ...answer, body: `<html>${answer.body.slice(0, 40)}` }, stored: false };
  if (kind === 'no_error_key')
    return { answer: { ...answer, status: 503, body: '{"message":"upstream unavailable"}' }, stored: false };
  return { answer, stored: false };
}

function refusal(
  path: string,
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): ApiAnswer {
  return failure(new StripeError(status, { type: 'invalid_request_error', code, message }, headers), path);
}

function broken(path: string): ApiAnswer {
  return failure(
    new StripeError(500, {
      type: 'api_error',
      message: 'An unexpected error occurred; it was ordered from the sandbox.',
    }),
    path,
  );
}
