import type { Account } from '../account.js';
import { draftInvoice, type Invoice } from './draft-invoice.js';
import type { NewLine, Subscription } from './lines.js';

/** The draft over what a change of the subscription, its pause or its end brings; `start` is where its period begins. */
export function draftUpdate(
  account: Account,
  subscription: Subscription,
  lines: NewLine[],
  { id, start, proration_date }: { id?: string; start?: number; proration_date?: number },
): Invoice {
  const now = account.now(subscription.customer);
  return draftInvoice(account, {
    id: id ?? account.newId('in'),
    customer: subscription.customer,
    currency: subscription.currency,
    subscription,
    billing_reason: 'subscription_update',
    lines,
    period: { start: start ?? now, end: now },
    proration_date,
  });
}
