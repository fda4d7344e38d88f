import type { Account } from '../account.js';
import { followIntent } from '../billing/collect-invoice.js';
import { voidInvoice } from '../billing/void-invoice.js';
import { declineIntent } from '../payments/attempt-payment.js';
import { endDebit } from '../payments/bank-debits.js';

/** The bank answers a debit: its invoice, its subscription and the checkout that it came from follow. */
export function settleDebit(account: Account, id: string): void {
  const intent = account.store.get('payment_intent', id);
  const method = account.store.get('payment_method', intent?.payment_method ?? '');
  if (!intent || !method) return;
  const decision = endDebit(account, intent);
  if (decision.kind === 'processing') return;
  if (decision.kind === 'succeeds') {
    const received = { status: 'succeeded' as const, amount_received: intent.amount };
    account.update('payment_intent', id, received, 'payment_intent.succeeded');
  } else {
    declineIntent(account, intent, method, decision.decline, String(intent.latest_charge));
  }
  followIntent(account, id, decision, true);
  const [payment] = account.store.where('invoice_payment', 'payment_intent', id);
  const invoice = account.store.get('invoice', payment?.invoice ?? '');
  // A first payment that fails so late leaves the subscription as it is.
  if (invoice?.billing_reason === 'subscription_create' && invoice.status === 'open') voidInvoice(account, invoice.id);
  endCheckout(account, id, invoice?.id, decision.kind === 'succeeds');
}

function endCheckout(account: Account, intent: string, invoice: string | undefined, succeeded: boolean): void {
  const session = account.store
    .all('checkout.session')
    .find((one) => one.payment_intent === intent || (invoice !== undefined && one.invoice === invoice));
  if (session?.payment_status !== 'unpaid') return;
  const after = account.update('checkout.session', session.id, succeeded ? { payment_status: 'paid' } : {});
  const end = succeeded ? 'checkout.session.async_payment_succeeded' : 'checkout.session.async_payment_failed';
  account.emit(end, after);
}
