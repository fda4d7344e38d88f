import type Stripe from 'stripe';
import { expectObject } from '../stripe/errors.js';
import { idOf, instant, instantOrNull, toEnum } from '../stripe/objects.js';
import type { InvoicePaymentState } from '../payments/invoice-payment.js';
import { InvoiceReason, InvoiceStatus, type InvoiceLineState, type InvoiceState } from './invoice.js';

/** What Stripe says of an invoice; who owns it is decided later, and how it was paid is asked apart. */
export type SeenInvoice = Omit<InvoiceState, 'accountId' | keyof InvoicePaymentState>;

/** One call, more for more than ten lines. Throws `resource_missing` when it is unknown to Stripe. */
export async function fetchInvoice(stripe: Stripe, id: string): Promise<Stripe.Invoice> {
  return withAllLines(stripe, expectObject(await stripe.invoices.retrieve(id, { expand: ['payments'] }), 'invoice'));
}

export async function fetchOpenInvoices(stripe: Stripe, customer: string): Promise<Stripe.Invoice[]> {
  const page = await stripe.invoices.list({ customer, status: 'open', limit: 100, expand: ['data.payments'] });
  return Promise.all(page.data.map((invoice) => withAllLines(stripe, invoice)));
}

/** Whether the latest invoice asks for money, and may be the first after a trial or after a start that was never paid. */
export function mayBeFirstPayment({ status, latest_invoice: latest }: Stripe.Subscription): boolean {
  if ((status !== 'active' && status !== 'past_due') || latest === null || typeof latest === 'string') return false;
  return latest.status !== 'paid' && latest.billing_reason !== 'subscription_create';
}

/** What tells whether a subscription was paid before: its newest invoice that was, or else one that was not to the end. */
export async function fetchEarlierPayment(stripe: Stripe, subscription: string): Promise<Stripe.Invoice | null> {
  const { data } = await stripe.invoices.list({ subscription, limit: 100, expand: ['data.payments'] });
  const paid = data.find(({ status, amount_paid }) => status === 'paid' && amount_paid > 0);
  const found = paid ?? data.find(({ status }) => status === 'void' || status === 'uncollectible');
  return found ? withAllLines(stripe, found) : null;
}

/**
 * An invoice brings "the first handful" of its lines, ten, wherever it is found, also as a preview; the rest takes a call of its own:
 * https://docs.stripe.com/api/invoice-line-item/retrieve
 */
export async function withAllLines(stripe: Stripe, invoice: Stripe.Invoice): Promise<Stripe.Invoice> {
  if (invoice.id && invoice.lines.has_more)
    invoice.lines.data = await stripe.invoices
      .listLineItems(invoice.id, { limit: 100 })
      .autoPagingToArray({ limit: 10_000 });
  return invoice;
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
