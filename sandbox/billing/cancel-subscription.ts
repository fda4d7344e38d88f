import type { Account } from '../account.js';
import { saidOr } from './cancellation-patch.js';
import { changeSubscription } from './change-subscription.js';
import type { Subscription } from './lines.js';
import { finishSchedule } from './run-schedule.js';
import { voidInvoice } from './void-invoice.js';

export interface Cancellation {
  reason: 'cancellation_requested' | 'payment_failed' | 'payment_disputed' | null;
  comment?: string | null;
  feedback?: string | null;
}

/** Ends a subscription for good. Its open invoices are no longer collected by themselves. */
export function cancelSubscription(account: Account, id: string, cancellation: Cancellation): Subscription {
  const subscription = account.store.get('subscription', id) as Subscription;
  const now = account.now(subscription.customer);
  for (const invoice of account.store.where('invoice', 'subscription', id)) {
    if (invoice.status !== 'open' && invoice.status !== 'draft') continue;
    account.unplan('invoice.retry', invoice.id);
    account.unplan('invoice.finalize', invoice.id);
    account.update(
      'invoice',
      invoice.id,
      { auto_advance: false, next_payment_attempt: null, automatically_finalizes_at: null },
      'invoice.updated',
    );
  }
  const schedule = account.store.get('subscription_schedule', subscription.schedule ?? '');
  if (schedule?.status === 'active')
    finishSchedule(account, schedule.id, cancellation.reason === 'payment_failed' ? 'aborted' : 'canceled');
  const details = subscription.cancellation_details;
  return changeSubscription(
    account,
    id,
    {
      status: 'canceled',
      canceled_at: subscription.canceled_at ?? now,
      ended_at: now,
      cancel_at_period_end: subscription.cancel_at_period_end,
      cancellation_details: {
        comment: saidOr(cancellation.comment, details?.comment),
        feedback: saidOr(cancellation.feedback, details?.feedback) as never,
        feedback_option: details?.feedback_option ?? null,
        reason: cancellation.reason ?? details?.reason ?? null,
      },
      pending_update: null,
    },
    'customer.subscription.deleted',
  );
}

/** Cleans up after a first payment that was refused at the checkout: nothing of it goes on. */
export function giveUpIncomplete(account: Account, id: string): void {
  const subscription = account.store.get('subscription', id);
  if (subscription?.status !== 'incomplete') return;
  if (subscription.latest_invoice) voidInvoice(account, subscription.latest_invoice);
  account.unplan('subscription.incomplete_expire', id);
  changeSubscription(
    account,
    id,
    { status: 'incomplete_expired', ended_at: account.now(subscription.customer) },
    account.settings.incompleteExpiredEvent,
  );
}
