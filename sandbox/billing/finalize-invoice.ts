import type { Account } from '../account.js';
import { createPaymentIntent, usualOptions } from '../payments/create-payment-intent.js';
import { spendCredits } from './billing-credits.js';
import { applyBalance } from './customer-balance.js';
import { dropUsedDiscounts } from './discount-life.js';
import { pricedInvoice, type Invoice } from './draft-invoice.js';
import { settlePaid } from './settle-invoice.js';
import { paymentMethodFor } from './payment-method-for.js';

/** Draft to open: gives it its number, counts the customer's balance in, and makes ready to be paid. A zero total is paid at once. */
export function finalizeInvoice(account: Account, id: string): Invoice {
  const draft = account.store.get('invoice', id);
  if (!draft || draft.status !== 'draft' || !draft.customer) throw new Error(`Invoice '${id}' is not a draft.`);
  const now = account.now(draft.customer);
  account.unplan('invoice.finalize', id);
  const open = account.update('invoice', id, {
    ...pricedInvoice(account, draft, draft.lines.data, spendCredits),
    ...numberFor(account, draft),
    status: 'open',
    automatically_finalizes_at: null,
    effective_at: draft.effective_at ?? now,
    hosted_invoice_url: `${account.url}/invoices/${id}`,
    invoice_pdf: `${account.url}/invoices/${id}/pdf`,
    status_transitions: { ...draft.status_transitions, finalized_at: now },
  });
  applyBalance(account, open);
  account.emit('invoice.finalized', open);
  dropUsedDiscounts(account, open);
  if (open.amount_due === 0) return settlePaid(account, id, { charged: false });
  preparePayment(account, open);
  return account.store.get('invoice', id) as Invoice;
}

function numberFor(account: Account, invoice: Invoice): Partial<Invoice> {
  if (invoice.number !== null) return {};
  const customer = account.store.get('customer', invoice.customer ?? '');
  if (!customer) return { number: account.newWord(8).toUpperCase() };
  const sequence = customer.next_invoice_sequence ?? 1;
  account.store.put('customer', { ...customer, next_invoice_sequence: sequence + 1 });
  return { number: `${customer.invoice_prefix}-${String(sequence).padStart(4, '0')}` };
}

function preparePayment(account: Account, invoice: Invoice): void {
  const method = invoice.collection_method === 'charge_automatically' ? paymentMethodFor(account, invoice) : null;
  const intent = createPaymentIntent(account, {
    amount: invoice.amount_due,
    currency: invoice.currency,
    customer: invoice.customer,
    payment_method: method,
    description: invoice.billing_reason === 'subscription_create' ? 'Subscription creation' : 'Subscription update',
    setup_future_usage: invoice.billing_reason === 'subscription_create' ? 'off_session' : null,
    payment_method_options: {
      card: { ...usualOptions.card, ...invoice.payment_settings.payment_method_options?.card },
    } as typeof usualOptions,
  });
  account.create('invoice_payment', {
    id: account.newId('inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: account.now(invoice.customer),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { type: 'payment_intent', payment_intent: intent.id },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  });
}
