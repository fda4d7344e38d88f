import type { Account } from '../account.js';
import { collectInvoice } from './collect-invoice.js';
import { finalizeInvoice } from './finalize-invoice.js';
import { markUncollectible, voidInvoice } from './void-invoice.js';

const HOUR = 3600;
const LONGEST_HOLD = 72 * HOUR;

/** Whether an endpoint has yet to take the invoice's `invoice.created`, which holds its finalisation. */
export function undeliveredCreation(account: Account, invoice: string): boolean {
  return account.settings.holdFinalization && account.store.where('delivery', 'holds', invoice).length > 0;
}

/** The draft hour is over: the invoice is finalised and, unless it is sent by mail, charged. */
export function finalizeWhenDue(account: Account, id: string): void {
  const draft = account.store.get('invoice', id);
  if (!draft || draft.status !== 'draft' || !draft.auto_advance) return;
  const now = account.now(draft.customer);
  if (undeliveredCreation(account, id) && now < draft.created + LONGEST_HOLD) {
    account.update('invoice', id, { automatically_finalizes_at: now + HOUR });
    account.plan('invoice.finalize', id, now + HOUR, draft.customer);
    return;
  }
  account.update('invoice', id, { webhooks_delivered_at: now });
  const open = finalizeInvoice(account, id);
  if (open.status !== 'open') return;
  const subscription = account.store.get('subscription', open.parent?.subscription_details?.subscription ?? '');
  const pausing = subscription?.pause_collection?.behavior;
  if (pausing === 'void') voidInvoice(account, id);
  else if (pausing === 'mark_uncollectible') markUncollectible(account, id);
  else if (open.collection_method === 'charge_automatically')
    collectInvoice(account, id, { offSession: true, automatic: true });
}

export function retryWhenDue(account: Account, id: string): void {
  const invoice = account.store.get('invoice', id);
  if (!invoice || invoice.status !== 'open') return;
  collectInvoice(account, id, { offSession: true, automatic: true });
}

/** A resume that was not paid for in time: its invoice is voided and the subscription stays paused. */
export function voidUnpaidResume(account: Account, id: string): void {
  const invoice = account.store.get('invoice', id);
  if (invoice?.status === 'open') voidInvoice(account, id);
}
