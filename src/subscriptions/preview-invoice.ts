import { createHash } from 'node:crypto';
import type Stripe from 'stripe';
import { toInvoice, withAllLines } from '../invoices/invoice.fetch.js';
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
  /** Owed from earlier invoices and charged along; negative for what is too little to charge, and waits for the next one. */
  carriedOver: number;
  /** What the account owes after it; negative for credit. */
  balanceAfter: number;
  /** When Stripe would make it. */
  date: number;
  /** Whether it also bills what waits to be billed once. Only told apart where nothing is prorated anew. */
  billsOnceOnly: boolean;
  /** Whether it bills a period of an item, as every renewal does. */
  billsPeriod: boolean;
  /** Credit of the account that would be used up. */
  creditApplied: number;
  /** Credit that would be left over for later invoices. */
  creditGranted: number;
  /** Stripe's moment for the proration, in whole seconds; null when nothing is prorated. */
  prorationDate: number | null;
  linesHash: string;
}

/** One call, more for more than ten lines. Nothing is made or charged. */
export async function previewInvoice(
  stripe: Stripe,
  params: Stripe.InvoiceCreatePreviewParams,
): Promise<PreviewedInvoice> {
  return toPreviewed(stripe, await stripe.invoices.createPreview(params));
}

/** The same of a change; null when no invoice comes of it, as of a trial that ends without a card. */
export async function previewChanged(
  stripe: Stripe,
  params: Stripe.InvoiceCreatePreviewParams,
): Promise<PreviewedInvoice | null> {
  const raw = await stripe.invoices.createPreview(params).catch((thrown: unknown) => {
    if (comesNone(thrown)) return null;
    throw thrown;
  });
  return raw && toPreviewed(stripe, raw);
}

/** The next invoice of a subscription as it stands, or with these details, when Stripe will make it; null when none will come. */
export async function previewUpcoming(
  stripe: Stripe,
  subscription: string,
  details: Stripe.InvoiceCreatePreviewParams.SubscriptionDetails = {},
): Promise<PreviewedInvoice | null> {
  try {
    const asked = { subscription, ...(Object.keys(details).length > 0 && { subscription_details: details }) };
    const raw = await stripe.invoices.createPreview(asked).catch(nullWhereNoneComes);
    return raw && (await toPreviewed(stripe, raw));
  } catch (thrown) {
    throw translateStripeError(thrown, 'preview the next invoice');
  }
}

function nullWhereNoneComes(thrown: unknown): null {
  if (isMissing(thrown) || comesNone(thrown)) return null;
  throw thrown;
}

const comesNone = (thrown: unknown): boolean => (thrown as { code?: unknown }).code === 'invoice_upcoming_none';

async function toPreviewed(stripe: Stripe, cut: Stripe.Invoice): Promise<PreviewedInvoice> {
  const raw = await withAllLines(stripe, expectObject(cut, 'invoice'));
  const { currency, lines, subtotal, discount, tax, total, amountDue } = toInvoice(raw);
  const creditApplied = Math.max(0, Math.min(total, -raw.starting_balance));
  return {
    currency,
    lines,
    subtotal,
    discount,
    tax,
    total,
    amountDue,
    creditApplied,
    carriedOver: amountDue - Math.max(0, total) + creditApplied,
    balanceAfter: raw.starting_balance + total - amountDue,
    date: instant(raw.created),
    billsOnceOnly: lines.some(({ proration }) => proration) || raw.lines.data.some(isOnceOnly),
    billsPeriod: raw.lines.data.some((line) => !isOnceOnly(line)),
    creditGranted: Math.max(0, -total),
    prorationDate: raw.parent?.subscription_details?.subscription_proration_date ?? null,
    linesHash: hashOf(lines),
  };
}

/** It comes from an invoice item, as use of a metered item does that goes, and not from the item's period itself. */
const isOnceOnly = ({ parent }: Stripe.InvoiceLineItem) =>
  parent?.type === 'invoice_item_details' || typeof parent?.subscription_item_details?.invoice_item === 'string';

/** What was shown, in one word: what each line is for, and what it costs. Moments come from the proration's own. */
const hashOf = (lines: readonly InvoiceLineState[]): string =>
  createHash('sha256')
    .update(
      JSON.stringify(lines.map(({ priceId, amount, quantity, proration }) => [priceId, amount, quantity, proration])),
    )
    .digest('base64url')
    .slice(0, 22);
