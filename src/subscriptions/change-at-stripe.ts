import type Stripe from 'stripe';
import type { PreviewedInvoice } from './preview-invoice.js';

/** A change of items in Stripe's words, and how it is billed. */
export interface StripeChange {
  subscriptionId: string;
  /** The item that carries the plan, by its id: an item without one would be added beside it and billed twice. */
  items: { id: string; price: string; quantity: number }[];
  /** In a trial nothing is prorated, because nothing was paid for. */
  trialing: boolean;
  /** A period of another length begins with the change. Always said: the billing modes differ in what they do unasked. */
  resetsAnchor: boolean;
}

export const prorationOf = ({ trialing }: StripeChange) => (trialing ? 'none' : 'always_invoice');
export const anchorOf = ({ resetsAnchor }: StripeChange) => ({ type: resetsAnchor ? 'now' : 'unchanged' }) as const;

/** The change as it is made at once. Without a moment Stripe takes its own, and its answer tells which. */
export const nowParams = (change: StripeChange, prorationDate: number | null): Stripe.InvoiceCreatePreviewParams => ({
  subscription: change.subscriptionId,
  subscription_details: {
    items: change.items,
    proration_behavior: prorationOf(change),
    billing_cycle_anchor: anchorOf(change),
    ...(prorationDate !== null && { proration_date: prorationDate }),
  },
});

/**
 * One whole period after the change. Asked for as if it began now: a schedule or a cancellation that stands would
 * otherwise answer for the next renewal in its place.
 */
export const periodParams = (
  { subscriptionId, items }: StripeChange,
  mode: 'next' | 'recurring',
): Stripe.InvoiceCreatePreviewParams => ({
  subscription: subscriptionId,
  preview_mode: mode,
  subscription_details: { items, proration_behavior: 'none', billing_cycle_anchor: { type: 'now' } },
});

/** Stripe answers with the next renewal when a change makes no invoice of its own. */
export const isMadeNow = ({ resetsAnchor, trialing }: StripeChange, { lines }: PreviewedInvoice): boolean =>
  !trialing && (resetsAnchor || lines.some(({ proration }) => proration));
