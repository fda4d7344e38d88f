import type { Account } from '../account.js';
import { changeSubscription, periodEnd } from './change-subscription.js';
import { dropUsedDiscounts } from './discount-life.js';
import type { Subscription } from './lines.js';
import type { ChangePlan } from './plan-change.js';
import type { ClosedUsage } from '../store/tables.js';
import { closeUsage } from './usage.js';
import { voidInvoice } from './void-invoice.js';

/** What is to be once an invoice is paid. */
export function pendingUpdate(
  expires_at: number,
  update: Partial<NonNullable<Subscription['pending_update']>>,
): Subscription['pending_update'] {
  return {
    billing_cycle_anchor: null,
    cancel_at_period_end: null,
    discount: null,
    discounts: null,
    expires_at,
    metadata: null,
    subscription_items: null,
    trial_end: null,
    trial_from_plan: null,
    ...update,
  } as unknown as Subscription['pending_update'];
}

/** Sets the change aside until its invoice is paid, at most until the time for it is over. */
export function parkChange(
  account: Account,
  id: string,
  plan: ChangePlan & { usage: ClosedUsage },
  invoice: string,
): void {
  const subscription = account.store.get('subscription', id) as Subscription;
  const now = account.now(subscription.customer);
  const expires = Math.min(now + account.settings.incompleteHours * 3600, periodEnd(subscription));
  account.store.put('parked_change', { id, invoice, patch: plan.patch, debits: plan.debits, usage: plan.usage });
  account.plan('subscription.pending_update_expire', id, expires, subscription.customer);
  const { billing_cycle_anchor: anchor } = plan.patch;
  changeSubscription(account, id, {
    latest_invoice: invoice,
    pending_update: pendingUpdate(expires, {
      subscription_items: plan.patch.items?.data ?? null,
      trial_end: plan.patch.trial_end ?? null,
      ...(anchor === subscription.billing_cycle_anchor ? {} : { billing_cycle_anchor: anchor ?? null }),
    }),
  });
}

/** The invoice was paid: the change that waited for it is made. */
export function applyParkedChange(account: Account, id: string): void {
  const parked = account.store.get('parked_change', id);
  if (parked) closeLateUsage(account, id, parked.usage?.bills ?? {});
  const memory = account.store.get('subscription_memory', id);
  if (!parked || !memory) return;
  account.store.remove('parked_change', id);
  account.unplan('subscription.pending_update_expire', id);
  const fresh = Object.fromEntries(
    Object.entries(memory.debits).map(([item, debits]) => [
      item,
      debits.filter((debit) => debit.invoice === parked.invoice),
    ]),
  );
  const debits = { ...parked.debits };
  for (const [item, added] of Object.entries(fresh)) debits[item] = [...(debits[item] ?? []), ...added];
  account.store.put('subscription_memory', { ...memory, debits });
  const after = changeSubscription(account, id, { ...parked.patch, pending_update: null });
  account.emit('customer.subscription.pending_update_applied', after);
  const paid = account.store.get('invoice', parked.invoice);
  if (paid) dropUsedDiscounts(account, paid);
}

/** What was used of an item that goes while its change waited is billed with the next invoice. */
function closeLateUsage(account: Account, id: string, bills: ClosedUsage['bills']): void {
  const subscription = account.store.get('subscription', id) as Subscription;
  for (const item of subscription.items.data)
    if (item.id in bills) closeUsage(account, subscription, item, bills[item.id] ?? false);
}

/** The change is given up, and its invoice voided: what was used is billed with its period after all. */
export function dropParkedChange(account: Account, id: string): void {
  const parked = account.store.get('parked_change', id);
  if (!parked) return;
  account.store.remove('parked_change', id);
  account.unplan('subscription.pending_update_expire', id);
  forgetDebits(account, id, parked.invoice);
  reopenUsage(account, id, parked.usage);
  const invoice = account.store.get('invoice', parked.invoice);
  if (invoice?.status === 'open') voidInvoice(account, invoice.id);
  const before = account.store
    .where('invoice', 'subscription', id)
    .findLast((one) => one.id !== parked.invoice && one.status !== 'void');
  const after = changeSubscription(account, id, { pending_update: null, latest_invoice: before?.id ?? parked.invoice });
  account.emit('customer.subscription.pending_update_expired', after);
}

function reopenUsage(account: Account, id: string, usage: ClosedUsage | undefined): void {
  const memory = account.store.get('subscription_memory', id);
  if (!memory || !usage) return;
  const kept = Object.entries(memory.usage_until ?? {}).filter(([item]) => !(item in usage.bills));
  const before = Object.entries(usage.until).filter(([item]) => item in usage.bills);
  account.store.put('subscription_memory', { ...memory, usage_until: Object.fromEntries([...kept, ...before]) });
}

/** What an invoice charged that will never be paid cannot be given back. */
export function forgetDebits(account: Account, id: string, invoice: string): void {
  const memory = account.store.get('subscription_memory', id);
  if (!memory) return;
  const debits = Object.fromEntries(
    Object.entries(memory.debits).map(([item, held]) => [item, held.filter((debit) => debit.invoice !== invoice)]),
  );
  account.store.put('subscription_memory', { ...memory, debits });
}
