import type { Account } from '../account.js';
import { rememberDebits } from './apply-change.js';
import { cancelSubscription, type Cancellation } from './cancel-subscription.js';
import { collectInvoice } from './collect-invoice.js';
import type { Invoice } from './draft-invoice.js';
import { draftUpdate } from './draft-update.js';
import { finalizeInvoice } from './finalize-invoice.js';
import { createProrationItem } from './invoice-items.js';
import type { Subscription } from './lines.js';
import { pendingLines } from './pending-items.js';
import { dropParkedChange } from './pending-update.js';
import { creditUnused } from './prorations.js';
import { closeUsage } from './usage.js';

export interface ImmediateCancellation extends Cancellation {
  prorate?: boolean;
  invoice_now?: boolean;
}

/** Ends a subscription at once; credits the unused time, and bills what is pending, only if asked to. */
export function cancelNow(
  account: Account,
  id: string,
  { prorate = false, invoice_now = false, ...cancellation }: ImmediateCancellation,
): { subscription: Subscription; invoice: Invoice | null } {
  dropParkedChange(account, id);
  const subscription = account.store.get('subscription', id) as Subscription;
  if (prorate) creditRest(account, subscription);
  if (invoice_now) for (const item of subscription.items.data) closeUsage(account, subscription, item, true);
  if (!prorate && !invoice_now) dropPendingProrations(account, subscription);
  const ended = cancelSubscription(account, id, cancellation);
  const invoice = invoice_now ? finalInvoice(account, ended) : null;
  return { subscription: account.store.get('subscription', id) as Subscription, invoice };
}

function creditRest(account: Account, subscription: Subscription): void {
  const now = account.now(subscription.customer);
  const debits = { ...account.store.get('subscription_memory', subscription.id)?.debits };
  for (const item of subscription.items.data) {
    const credit = creditUnused(account, subscription, item, debits[item.id] ?? [], now);
    debits[item.id] = credit.debits;
    for (const proration of credit.credits) createProrationItem(account, subscription, proration);
  }
  rememberDebits(account, subscription.id, debits);
}

function dropPendingProrations(account: Account, subscription: Subscription): void {
  for (const item of account.store.where('invoiceitem', 'open', subscription.customer)) {
    if (!item.proration || item.parent?.subscription_details?.subscription !== subscription.id) continue;
    account.store.remove('invoiceitem', item.id);
    account.emit('invoiceitem.deleted', item);
  }
}

function finalInvoice(account: Account, subscription: Subscription): Invoice | null {
  const lines = pendingLines(account, subscription);
  if (lines.length === 0) return null;
  const start = subscription.items.data[0]?.current_period_start;
  const draft = draftUpdate(account, subscription, lines, { start });
  account.store.put('subscription', { ...subscription, latest_invoice: draft.id });
  account.emit('invoice.created', draft);
  const open = finalizeInvoice(account, draft.id);
  if (open.status === 'open' && open.collection_method === 'charge_automatically')
    collectInvoice(account, draft.id, { offSession: true });
  return account.store.get('invoice', draft.id) ?? null;
}
