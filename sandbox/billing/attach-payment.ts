import type { Account } from '../account.js';
import { notPossible } from '../http/errors.js';
import type { Tables } from '../store/tables.js';
import { intentOf } from './collect-invoice.js';
import { changeBalance } from './customer-balance.js';
import type { Invoice } from './draft-invoice.js';
import { settlePaid } from './settle-invoice.js';

/** Counts a payment made elsewhere towards an open invoice: at once if it succeeded, else when it does. */
export function attachPayment(account: Account, invoice: Invoice, intent: Tables['payment_intent']): Invoice {
  if (account.store.where('invoice_payment', 'payment_intent', intent.id).length > 0)
    throw notPossible(`The PaymentIntent '${intent.id}' is already attached to an invoice.`);
  if (intent.customer !== invoice.customer)
    throw notPossible(`The PaymentIntent '${intent.id}' belongs to another customer than the invoice '${invoice.id}'.`);
  if (intent.currency !== invoice.currency)
    throw notPossible(`The PaymentIntent '${intent.id}' is in ${intent.currency}, the invoice in ${invoice.currency}.`);
  account.create('invoice_payment', {
    id: account.newId('inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: intent.amount,
    created: account.now(invoice.customer),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: false,
    livemode: false,
    payment: { type: 'payment_intent', payment_intent: intent.id },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  });
  if (intent.status === 'succeeded') countAttached(account, intent.id);
  return account.store.get('invoice', invoice.id) as Invoice;
}

/** An attached payment has succeeded: it pays the invoice, or a part of it; what is too much becomes credit. */
export function countAttached(account: Account, intentId: string): void {
  const [payment] = account.store.where('invoice_payment', 'payment_intent', intentId);
  const invoice = payment ? account.store.get('invoice', payment.invoice) : undefined;
  if (!payment || !invoice || invoice.status !== 'open') return;
  const paid = payment.amount_requested;
  const excess = Math.max(0, paid - invoice.amount_remaining);
  if (excess > 0) {
    account.store.put('invoice', { ...invoice, amount_overpaid: excess });
    const { currency } = invoice;
    changeBalance(account, String(invoice.customer), {
      amount: -excess,
      currency,
      type: 'invoice_overpaid',
      invoice: invoice.id,
    });
  }
  if (paid >= invoice.amount_remaining) {
    settlePaid(account, invoice.id, { charged: true, by: payment.id });
    return;
  }
  const paid_at = account.now(invoice.customer);
  account.update(
    'invoice_payment',
    payment.id,
    { status: 'paid', amount_paid: paid, status_transitions: { canceled_at: null, paid_at } },
    'invoice_payment.paid',
  );
  const remaining = invoice.amount_remaining - paid;
  account.update(
    'invoice',
    invoice.id,
    { amount_paid: invoice.amount_paid + paid, amount_remaining: remaining },
    'invoice.updated',
  );
  lowerDefault(account, invoice.id, remaining);
}

/** The invoice's own payment asks only for what is left. */
function lowerDefault(account: Account, invoice: string, amount: number): void {
  const intent = intentOf(account, invoice);
  const own = account.store.where('invoice_payment', 'invoice', invoice).find(({ is_default }) => is_default);
  if (!intent || own?.status !== 'open') return;
  account.update('invoice_payment', own.id, { amount_requested: amount });
  account.update('payment_intent', intent.id, { amount });
}
