import type { Account } from '../account.js';
import { collectInvoice, intentOf, type Collected } from '../billing/collect-invoice.js';
import { redeemDiscounts } from '../billing/discount-life.js';
import { draftInvoice, type Invoice } from '../billing/draft-invoice.js';
import { finalizeInvoice } from '../billing/finalize-invoice.js';
import { addOneTimeItems } from '../billing/invoice-items.js';
import { lineFor } from '../billing/pending-items.js';
import { find } from '../resources/find.js';
import type { Session } from '../resources/checkout-sessions.js';
import type { CheckoutPlan } from '../store/tables.js';

export interface PaidByInvoice {
  made: { customer: string; invoice: string; payment_intent: string | null };
  /** Null where nothing was due. */
  collected: Collected | null;
}

/** A single payment that is to leave an invoice: it is made from the order, and its intent is what is paid. */
export function payByInvoice(
  account: Account,
  session: Session,
  plan: CheckoutPlan,
  customer: string,
  paymentMethod: string,
): PaidByInvoice {
  const invoice = draftOrder(account, session, plan, customer);
  finalizeInvoice(account, invoice);
  const intent = intentOf(account, invoice);
  const made = { customer, invoice, payment_intent: intent?.id ?? null };
  if (!intent) return { made, collected: null };
  account.update('payment_intent', intent.id, plan.payment_intent_data);
  return { made, collected: collectInvoice(account, invoice, { offSession: false, paymentMethod }) };
}

function draftOrder(account: Account, session: Session, plan: CheckoutPlan, customer: string): string {
  const currency = session.currency ?? 'usd';
  const now = account.now(customer);
  const items = plan.line_items.map(({ price, quantity, tax_rates }) => ({
    price,
    quantity,
    tax_rates: tax_rates.map((id) => find(account, 'tax_rate', id)),
  }));
  const { footer, ...data } = plan.invoice_data ?? {};
  const draft: Invoice = draftInvoice(account, {
    id: account.newId('in'),
    customer,
    currency,
    subscription: null,
    billing_reason: 'manual',
    lines: addOneTimeItems(account, { customer, currency, id: null }, items).map((item) => lineFor(account, item)),
    period: { start: now, end: now },
    automatic_tax: session.automatic_tax.enabled,
    discounts: redeemDiscounts(account, plan.discounts, { customer, session: session.id }),
    ...data,
  });
  account.emit('invoice.created', account.update('invoice', draft.id, footer ? { footer } : {}));
  return draft.id;
}
