import type { Account } from '../account.js';
import type { Invoice } from './draft-invoice.js';
import { followPaidInvoice } from './follow-invoice.js';

export interface Settlement {
  /** Whether a payment was really made; a zero total or a payment out of band makes none. */
  charged: boolean;
  outOfBand?: boolean;
  /** The payment that was made, where it is not the invoice's own. */
  by?: string;
}

/** Open (or uncollectible) to paid, with the payment's own record, and the subscription following. */
export function settlePaid(account: Account, id: string, { charged, outOfBand = false, by }: Settlement): Invoice {
  const invoice = account.store.get('invoice', id) as Invoice;
  const now = account.now(invoice.customer);
  account.unplan('invoice.retry', id);
  for (const payment of account.store.where('invoice_payment', 'invoice', id)) {
    if (payment.status !== 'open') continue;
    if (charged && (by === undefined ? payment.is_default : payment.id === by)) {
      account.update(
        'invoice_payment',
        payment.id,
        {
          status: 'paid',
          amount_paid: payment.amount_requested,
          status_transitions: { canceled_at: null, paid_at: now },
        },
        'invoice_payment.paid',
      );
    } else {
      account.update('invoice_payment', payment.id, {
        status: 'canceled',
        status_transitions: { canceled_at: now, paid_at: null },
      });
    }
  }
  const paid = account.update('invoice', id, {
    status: 'paid',
    amount_paid: outOfBand || charged ? invoice.amount_due : 0,
    amount_remaining: 0,
    attempted: true,
    auto_advance: false,
    next_payment_attempt: null,
    status_transitions: { ...invoice.status_transitions, paid_at: now },
  });
  account.emit('invoice.paid', paid);
  if (charged) account.emit('invoice.payment_succeeded', paid);
  followPaidInvoice(account, paid);
  return account.store.get('invoice', id) as Invoice;
}
