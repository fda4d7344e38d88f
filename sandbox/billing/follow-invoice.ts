import type { Account } from '../account.js';
import { cancelSubscription } from './cancel-subscription.js';
import { changeSubscription } from './change-subscription.js';
import type { Invoice } from './draft-invoice.js';
import { liftPause } from './pause-subscription.js';
import { applyParkedChange } from './pending-update.js';
import { statusAfterFailure, statusAfterLastRetry, statusAfterPaid } from './subscription-status.js';

/** The subscription follows an invoice that was paid. */
export function followPaidInvoice(account: Account, invoice: Invoice): void {
  const id = invoice.parent?.subscription_details?.subscription;
  const subscription = id ? account.store.get('subscription', id) : undefined;
  if (!subscription) return;
  if (account.store.get('parked_change', subscription.id)?.invoice === invoice.id) {
    applyParkedChange(account, subscription.id);
    return;
  }
  const memory = account.store.get('subscription_memory', subscription.id);
  forgetFailing(account, subscription.id, invoice.id);
  if (subscription.status === 'paused' && memory?.resuming?.invoice === invoice.id) {
    liftPause(account, subscription.id, 'active');
    return;
  }
  const customer = account.store.get('customer', subscription.customer);
  if (customer?.delinquent && subscription.latest_invoice === invoice.id) {
    account.update('customer', customer.id, { delinquent: false }, 'customer.updated');
  }
  const status = statusAfterPaid(subscription, invoice.id, account.now(subscription.customer));
  if (status === subscription.status) return;
  account.unplan('subscription.incomplete_expire', subscription.id);
  changeSubscription(account, subscription.id, { status });
}

function forgetFailing(account: Account, subscription: string, invoice: string): void {
  const memory = account.store.get('subscription_memory', subscription);
  if (memory?.failing[invoice] === undefined) return;
  const { [invoice]: _since, ...failing } = memory.failing;
  account.store.put('subscription_memory', { ...memory, failing });
}

/** The subscription follows a failed attempt: past due, and after the last retry what the settings say. */
export function followFailedInvoice(account: Account, invoice: Invoice, lastRetry: boolean): void {
  const id = invoice.parent?.subscription_details?.subscription;
  const subscription = id ? account.store.get('subscription', id) : undefined;
  if (!subscription) return;
  if (lastRetry) forgetFailing(account, subscription.id, invoice.id);
  // An older invoice that fails again says nothing new, unless it was the last try.
  if (subscription.latest_invoice !== invoice.id && !lastRetry) return;
  if (account.store.get('parked_change', subscription.id)?.invoice === invoice.id) return;
  const resuming = account.store.get('subscription_memory', subscription.id)?.resuming;
  if (subscription.status === 'paused' && resuming?.invoice === invoice.id) {
    if (resuming.mode === 'resume_on_payment_attempt') liftPause(account, subscription.id, 'past_due');
    return;
  }
  const customer = account.store.get('customer', subscription.customer);
  if (customer && !customer.delinquent && subscription.status !== 'incomplete') {
    account.update('customer', customer.id, { delinquent: true }, 'customer.updated');
  }
  const failed = statusAfterFailure(subscription.status);
  const status = lastRetry ? statusAfterLastRetry(failed, account.settings.afterLastRetry) : failed;
  if (status === 'canceled') cancelSubscription(account, subscription.id, { reason: 'payment_failed' });
  else if (status !== subscription.status) changeSubscription(account, subscription.id, { status });
}
