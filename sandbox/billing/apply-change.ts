import type { Account } from '../account.js';
import { cardError, notPossible } from '../http/errors.js';
import { changeSubscription } from './change-subscription.js';
import { collectInvoice, isGoing, type Uncollected } from './collect-invoice.js';
import type { Invoice } from './draft-invoice.js';
import { draftUpdate } from './draft-update.js';
import { finalizeInvoice } from './finalize-invoice.js';
import { createProrationItem } from './invoice-items.js';
import type { Subscription } from './lines.js';
import { paymentMethodFor } from './payment-method-for.js';
import { dropParkedChange, parkChange } from './pending-update.js';
import { pendingLines } from './pending-items.js';
import { warnIfTrialIsShort } from './subscription-steps.js';
import { closeUsage, replacedItems } from './usage.js';
import { planChange, type Change, type ChangePlan } from './plan-change.js';
import type { ClosedUsage } from '../store/tables.js';

export interface Application extends Change {
  payment_behavior?: 'allow_incomplete' | 'default_incomplete' | 'error_if_incomplete' | 'pending_if_incomplete';
  off_session?: boolean;
  /** Stop at the draft: a preview looks no further. */
  previewOnly?: boolean;
}

/** Changes a subscription as asked, with its prorations and, where the change bills at once, its invoice. */
export function applyChange(
  account: Account,
  id: string,
  application: Application,
): { subscription: Subscription; invoice: Invoice | null } {
  // What still waits to be paid is given up before the new change is worked out: it must not be credited.
  if (current(account, id).pending_update && changesBilling(application)) dropParkedChange(account, id);
  const subscription = current(account, id);
  const plan = planChange(account, subscription, application);
  const usage = closeReplacedUsage(account, subscription, plan, application);
  const lines = plan.charges.length + plan.prorations.length + pendingLines(account, subscription).length;
  const invoiceId = plan.invoicesNow && lines > 0 ? account.newId('in') : null;
  const parks =
    application.payment_behavior === 'pending_if_incomplete' &&
    invoiceId !== null &&
    subscription.collection_method === 'charge_automatically';
  if (!parks) commitPatch(account, subscription, plan, invoiceId);
  if (application.trial_end !== undefined && subscription.status === 'trialing' && !parks)
    warnIfTrialIsShort(account, id);
  for (const proration of plan.prorations) createProrationItem(account, subscription, proration);
  if (invoiceId === null) return { subscription: current(account, id), invoice: null };
  // A parked change shows nothing of itself yet, but its invoice is priced as if it did.
  const { discounts = subscription.discounts } = plan.patch;
  const invoice = draftChange(account, { ...current(account, id), discounts }, plan, invoiceId);
  if (application.previewOnly) return { subscription: current(account, id), invoice };
  if (parks) settleParked(account, id, { ...plan, usage }, invoice, application);
  else settleNow(account, id, invoice, application);
  return { subscription: current(account, id), invoice: account.store.get('invoice', invoice.id) ?? null };
}

/** Use of a metered item that goes, or changes its price, is billed at the price it was reported under; classic billing forgets it. */
function closeReplacedUsage(
  account: Account,
  subscription: Subscription,
  { patch }: ChangePlan,
  { items }: Change,
): ClosedUsage {
  const until = account.store.get('subscription_memory', subscription.id)?.usage_until ?? {};
  const bills: ClosedUsage['bills'] = {};
  for (const item of replacedItems(subscription, patch.items?.data ?? subscription.items.data)) {
    const cleared = items?.some(({ id, clear_usage }) => id === item.id && clear_usage) ?? false;
    bills[item.id] = subscription.billing_mode.type === 'flexible' && !cleared;
    closeUsage(account, subscription, item, bills[item.id] ?? false);
  }
  return { until, bills };
}

function changesBilling({ items, trial_end, billing_cycle_anchor }: Change): boolean {
  return items !== undefined || trial_end !== undefined || billing_cycle_anchor === 'now';
}

function current(account: Account, id: string): Subscription {
  return account.store.get('subscription', id) as Subscription;
}

function commitPatch(account: Account, subscription: Subscription, plan: ChangePlan, invoice: string | null): void {
  rememberDebits(account, subscription.id, plan.debits);
  changeSubscription(account, subscription.id, { ...plan.patch, ...(invoice ? { latest_invoice: invoice } : {}) });
}

export function rememberDebits(account: Account, id: string, debits: ChangePlan['debits']): void {
  const memory = account.store.get('subscription_memory', id);
  if (memory) account.store.put('subscription_memory', { ...memory, debits });
}

function draftChange(account: Account, subscription: Subscription, plan: ChangePlan, id: string): Invoice {
  const lines = [...plan.charges, ...pendingLines(account, subscription)];
  const start = subscription.items.data[0]?.current_period_start;
  const draft = draftUpdate(account, subscription, lines, { id, start, proration_date: plan.prorationDate });
  account.emit('invoice.created', draft);
  return draft;
}

function settleNow(account: Account, id: string, draft: Invoice, application: Application): void {
  const open = finalizeInvoice(account, draft.id);
  if (open.status !== 'open' || open.collection_method === 'send_invoice') return;
  if (application.payment_behavior === 'default_incomplete') {
    if (current(account, id).status === 'active') changeSubscription(account, id, { status: 'past_due' });
    return;
  }
  const collected = collectInvoice(account, draft.id, { offSession: application.off_session ?? false });
  if (!isGoing(collected) && application.payment_behavior === 'error_if_incomplete') throw paymentError(collected);
}

/** Nothing of the change shows until its invoice is paid. */
function settleParked(
  account: Account,
  id: string,
  plan: ChangePlan & { usage: ClosedUsage },
  draft: Invoice,
  application: Application,
): void {
  parkChange(account, id, plan, draft.id);
  const open = finalizeInvoice(account, draft.id);
  if (open.status !== 'open') return;
  if (paymentMethodFor(account, open) === null)
    throw notPossible('This customer has no attached payment source or default payment method.', 'resource_missing');
  collectInvoice(account, draft.id, { offSession: application.off_session ?? false });
}

function paymentError(collected: Uncollected): Error {
  if (collected.kind === 'declined') return cardError(collected.decline);
  if (collected.kind === 'no_method')
    return notPossible('This customer has no attached payment source or default payment method.', 'resource_missing');
  return cardError({
    code: 'subscription_payment_intent_requires_action',
    message: 'Payment for this subscription requires additional user action before it can be completed successfully.',
  });
}
