import type { Account } from '../account.js';
import { StripeError } from '../http/errors.js';
import type { Subscription } from './lines.js';

/** Refuses a call that would give a subscription too many invoices in a short time. The clock's own invoices, and those of a preview, do not count. */
export function keepInvoiceLimit(account: Account, { id, customer }: Subscription): void {
  const limit = account.settings.subscriptionInvoiceLimit;
  if (!limit || account.origin.id === null || account.store.rehearsing) return;
  const now = account.now(customer);
  const since = (seconds: number): number =>
    account.store.where('invoice', 'subscription', id).filter(({ created }) => created > now - seconds).length;
  if (since(60) < limit.perMinute && since(86_400) < limit.perDay) return;
  const error = new StripeError(
    429,
    {
      type: 'invalid_request_error',
      code: 'rate_limit',
      message: `The subscription '${id}' got too many invoices: at most ${limit.perMinute} a minute and ${limit.perDay} a day. Try again later.`,
    },
    { 'stripe-rate-limited-reason': 'resource-specific' },
  );
  error.executed = false;
  throw error;
}
