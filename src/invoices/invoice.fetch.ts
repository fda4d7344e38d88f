import type Stripe from 'stripe';
import { expectObject } from '../stripe/errors.js';
import { idOf, instant, instantOrNull, toEnum } from '../stripe/objects.js';
import { InvoiceReason, InvoiceStatus, type InvoiceLineState, type InvoiceState } from './invoice.js';

/** What Stripe says of an invoice; who owns it is decided later. */
export type SeenInvoice = Omit<InvoiceState, 'accountId'>;

/** One call. Throws `resource_missing` when it is unknown to Stripe. */
export async function fetchInvoice(stripe: Stripe, id: string): Promise<Stripe.Invoice> {
  return expectObject(await stripe.invoices.retrieve(id), 'invoice');
}

export async function fetchOpenInvoices(stripe: Stripe, customer: string): Promise<Stripe.Invoice[]> {
  const page = await stripe.invoices.list({ customer, status: 'open', limit: 100 });
  return page.data;
}

const reasons: Record<string, InvoiceReason> = {
  subscription_create: InvoiceReason.SUBSCRIPTION_START,
  subscription_cycle: InvoiceReason.SUBSCRIPTION_RENEWAL,
  subscription_update: InvoiceReason.SUBSCRIPTION_CHANGE,
  subscription_threshold: InvoiceReason.THRESHOLD,
  manual: InvoiceReason.MANUAL,
};

export function toInvoice(raw: Stripe.Invoice): SeenInvoice {
  return {
    id: raw.id ?? '',
    customerId: idOf(raw.customer) ?? '',
    subscriptionId: idOf(raw.parent?.subscription_details?.subscription),
    number: raw.number,
    status: toEnum(InvoiceStatus, raw.status) as InvoiceStatus,
    statusRaw: String(raw.status),
    reason: reasons[String(raw.billing_reason)] ?? InvoiceReason.OTHER,
    currency: raw.currency.toUpperCase(),
    subtotal: raw.subtotal,
    discount: sum(raw.total_discount_amounts),
    tax: raw.total_taxes && raw.total_taxes.length > 0 ? sum(raw.total_taxes) : null,
    total: raw.total,
    amountPaid: raw.amount_paid,
    amountDue: raw.amount_due,
    createdAt: instant(raw.created),
    dueAt: instantOrNull(raw.due_date),
    finalizedAt: instantOrNull(raw.status_transitions?.finalized_at),
    paidAt: instantOrNull(raw.status_transitions?.paid_at),
    attemptCount: raw.attempt_count,
    nextAttemptAt: instantOrNull(raw.next_payment_attempt),
    ...servicePeriod(raw.lines.data),
    hostedUrl: raw.hosted_invoice_url ?? null,
    pdfUrl: raw.invoice_pdf ?? null,
    lines: raw.lines.data.map(toLine),
  };
}

const sum = (amounts: readonly { amount: number }[] | null) =>
  (amounts ?? []).reduce((total, { amount }) => total + amount, 0);

/** `invoice.period_*` is not the service period; the lines' periods are. */
function servicePeriod(lines: readonly Stripe.InvoiceLineItem[]): Pick<InvoiceState, 'periodStart' | 'periodEnd'> {
  if (lines.length === 0) return { periodStart: null, periodEnd: null };
  return {
    periodStart: instant(Math.min(...lines.map((line) => line.period.start))),
    periodEnd: instant(Math.max(...lines.map((line) => line.period.end))),
  };
}

function toLine(line: Stripe.InvoiceLineItem): InvoiceLineState {
  return {
    id: line.id,
    description: line.description ?? '',
    amount: line.amount,
    quantity: line.quantity,
    proration: Boolean(
      line.parent?.subscription_item_details?.proration || line.parent?.invoice_item_details?.proration,
    ),
    periodStart: instant(line.period.start),
    periodEnd: instant(line.period.end),
    priceId: idOf(line.pricing?.price_details?.price),
  };
}
