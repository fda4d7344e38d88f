import { createHash } from 'node:crypto';
import type Stripe from 'stripe';
import { toInvoice } from '../invoices/invoice.fetch.js';
import type { InvoiceLineState } from '../invoices/invoice.js';
import { expectObject, isMissing, translateStripeError } from '../stripe/errors.js';
import { instant } from '../stripe/objects.js';

/** An invoice that would be made, with the amounts as Stripe wrote them, in minor units. */
export interface PreviewedInvoice {
  currency: string;
  lines: InvoiceLineState[];
  subtotal: number;
  discount: number;
  /** Null when no tax is computed. */
  tax: number | null;
  total: number;
  amountDue: number;
  /** Credit of the account before it. */
  credit: number;
  /** Credit of the account that would be used up. */
  creditApplied: number;
  /** Credit that would be left over for later invoices. */
  creditGranted: number;
  /** Stripe's moment for the proration, in whole seconds; null when nothing is prorated. */
  prorationDate: number | null;
  linesHash: string;
}

/** One call. Nothing is made or charged. */
export async function previewInvoice(
  stripe: Stripe,
  params: Stripe.InvoiceCreatePreviewParams,
): Promise<PreviewedInvoice> {
  return toPreviewed(expectObject(await stripe.invoices.createPreview(params), 'invoice'));
}

/** The next invoice of a subscription as it stands, at the moment when Stripe will make it; null when none will come. One call. */
export async function previewUpcoming(
  stripe: Stripe,
  subscription: string,
): Promise<(PreviewedInvoice & { date: number }) | null> {
  try {
    const raw = expectObject(await stripe.invoices.createPreview({ subscription }), 'invoice');
    return { ...toPreviewed(raw), date: instant(raw.created) };
  } catch (thrown) {
    if (isMissing(thrown) || (thrown as { code?: unknown }).code === 'invoice_upcoming_none') return null;
    throw translateStripeError(thrown, 'preview the next invoice');
  }
}

export function toPreviewed(raw: Stripe.Invoice): PreviewedInvoice {
  const { currency, lines, subtotal, discount, tax, total, amountDue } = toInvoice(raw);
  return {
    currency,
    lines,
    subtotal,
    discount,
    tax,
    total,
    amountDue,
    credit: Math.max(0, -raw.starting_balance),
    creditApplied: Math.max(0, total - amountDue),
    creditGranted: Math.max(0, -total),
    prorationDate: raw.parent?.subscription_details?.subscription_proration_date ?? null,
    linesHash: hashOf(lines),
  };
}

/** What was shown, in one word: what each line is for, and what it costs. Moments come from the proration's own. */
const hashOf = (lines: readonly InvoiceLineState[]): string =>
  createHash('sha256')
    .update(
      JSON.stringify(lines.map(({ priceId, amount, quantity, proration }) => [priceId, amount, quantity, proration])),
    )
    .digest('base64url')
    .slice(0, 22);
