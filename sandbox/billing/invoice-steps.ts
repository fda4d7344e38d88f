import type { Account } from '../account.js';
import { collectInvoice } from './collect-invoice.js';
import { finalizeInvoice } from './finalize-invoice.js';
import { markUncollectible, voidInvoice } from './void-invoice.js';

/** The draft hour is over: the invoice is finalised and, unless it is sent by mail, charged. */
export function finalizeWhenDue(account: Account, id: string): void {
  const draft = account.store.get('invoice', id);
  if (!draft || draft.status !== 'draft' || !draft.auto_advance) return;
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
