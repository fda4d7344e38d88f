import type { Account } from '../account.js';
import { cancelSubscription } from './cancel-subscription.js';
import { changeSubscription } from './change-subscription.js';
import { voidInvoice } from './void-invoice.js';

/** The first payment did not come in time: the subscription is given up and its open invoice voided. */
export function expireIncomplete(account: Account, id: string): void {
  const subscription = account.store.get('subscription', id);
  if (!subscription || subscription.status !== 'incomplete') return;
  const now = account.now(subscription.customer);
  const invoice = subscription.latest_invoice ? account.store.get('invoice', subscription.latest_invoice) : undefined;
  if (invoice?.status === 'open') voidInvoice(account, invoice.id);
  changeSubscription(
    account,
    id,
    { status: 'incomplete_expired', ended_at: now },
    account.settings.incompleteExpiredEvent,
  );
}

export function cancelWhenDue(account: Account, id: string): void {
  const subscription = account.store.get('subscription', id);
  if (subscription && !subscription.ended_at) cancelSubscription(account, id, { reason: 'cancellation_requested' });
}

const WARNING = 3 * 86_400;

/** A trial that is short, or was shortened, warns at once. */
export function warnIfTrialIsShort(account: Account, id: string): void {
  const subscription = account.store.get('subscription', id);
  if (!subscription || subscription.trial_end === null) return;
  if (subscription.trial_end - account.now(subscription.customer) <= WARNING)
    account.emit('customer.subscription.trial_will_end', subscription);
}

export function warnOfTrialEnd(account: Account, id: string): void {
  const subscription = account.store.get('subscription', id);
  if (subscription?.status === 'trialing') account.emit('customer.subscription.trial_will_end', subscription);
}

export function resumeCollection(account: Account, id: string): void {
  const subscription = account.store.get('subscription', id);
  if (subscription?.pause_collection) changeSubscription(account, id, { pause_collection: null });
}
