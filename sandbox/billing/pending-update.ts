import type { Account } from '../account.js';
import { changeSubscription, periodEnd } from './change-subscription.js';
import { dropUsedDiscounts } from './discount-life.js';
import type { Subscription } from './lines.js';
import type { ChangePlan } from './plan-change.js';
import { voidInvoice } from './void-invoice.js';

/** Sets the change aside until its invoice is paid, at most until the time for it is over. */
export function parkChange(account: Account, id: string, plan: ChangePlan, invoice: string): void {
  const subscription = account.store.get('subscription', id) as Subscription;
  const now = account.now(subscription.customer);
  const expires = Math.min(now + account.settings.incompleteHours * 3600, periodEnd(subscription));
  account.store.put('parked_change', { id, invoice, patch: plan.patch, debits: plan.debits });
  account.plan('subscription.pending_update_expire', id, expires, subscription.customer);
  changeSubscription(account, id, {
    latest_invoice: invoice,
    pending_update: {
      billing_cycle_anchor:
        plan.patch.billing_cycle_anchor === subscription.billing_cycle_anchor
          ? null
          : (plan.patch.billing_cycle_anchor ?? null),
      cancel_at_period_end: null,
      discount: null,
      discounts: null,
      expires_at: expires,
      metadata: null,
      subscription_items: plan.patch.items?.data ?? null,
      trial_end: plan.patch.trial_end ?? null,
      trial_from_plan: null,
    } as unknown as Subscription['pending_update'],
  });
}

/** The invoice was paid: the change that waited for it is made. */
export function applyParkedChange(account: Account, id: string): void {
  const parked = account.store.get('parked_change', id);
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

/** The change is given up, and its invoice voided. */
export function dropParkedChange(account: Account, id: string): void {
  const parked = account.store.get('parked_change', id);
  if (!parked) return;
  account.store.remove('parked_change', id);
  account.unplan('subscription.pending_update_expire', id);
  forgetDebits(account, id, parked.invoice);
  const invoice = account.store.get('invoice', parked.invoice);
  if (invoice?.status === 'open') voidInvoice(account, invoice.id);
  const before = account.store
    .where('invoice', 'subscription', id)
    .findLast((one) => one.id !== parked.invoice && one.status !== 'void');
  const after = changeSubscription(account, id, { pending_update: null, latest_invoice: before?.id ?? parked.invoice });
  account.emit('customer.subscription.pending_update_expired', after);
}

/** What an invoice charged that will never be paid cannot be given back. */
function forgetDebits(account: Account, id: string, invoice: string): void {
  const memory = account.store.get('subscription_memory', id);
  if (!memory) return;
  const debits = Object.fromEntries(
    Object.entries(memory.debits).map(([item, held]) => [item, held.filter((debit) => debit.invoice !== invoice)]),
  );
  account.store.put('subscription_memory', { ...memory, debits });
}
