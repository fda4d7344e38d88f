import type Stripe from 'stripe';
import type { PreviewedInvoice } from './preview-invoice.js';

/**
 * An item without an id is added; one that is there already would be billed twice without its own. A price is named
 * only where it becomes another one: Stripe refuses a price that is sold no more, even to who has it.
 */
export type ItemChange =
  | { id?: undefined; price: string; quantity?: number }
  | { id: string; price?: string; quantity?: number }
  | { id: string; deleted: true };

/** A change of items in Stripe's words, and how it is billed. */
export interface StripeChange {
  subscriptionId: string;
  /** The item that carries the plan, by its id, and what is added, changed or taken away beside it. */
  items: ItemChange[];
  /** A code that comes with the change; null for none. */
  promotionCodeId: string | null;
  /** Discounts that stay beside it: a list of discounts replaces what is there. Not used without a code. */
  keptDiscountIds: string[];
  /** In a trial nothing is prorated, because nothing was paid for. */
  trialing: boolean;
  /** Takes back the cancellation that stands, as the change does first; a trial that will end has no next invoice to show. */
  keeps: { cancel_at_period_end?: false; cancel_at?: '' };
  /** A period of another length begins with the change. Always said: the billing modes differ in what they do unasked. */
  resetsAnchor: boolean;
}

export const prorationOf = ({ trialing }: StripeChange) => (trialing ? 'none' : 'always_invoice');
/** Nothing without a code: what is left out stays as it is. */
export const discountsOf = ({
  promotionCodeId,
  keptDiscountIds,
}: Pick<StripeChange, 'promotionCodeId' | 'keptDiscountIds'>) =>
  promotionCodeId === null
    ? {}
    : { discounts: [...keptDiscountIds.map((discount) => ({ discount })), { promotion_code: promotionCodeId }] };
export const anchorOf = ({ resetsAnchor }: StripeChange) => ({ type: resetsAnchor ? 'now' : 'unchanged' }) as const;

/** The change as it is made at once. Without a moment Stripe takes its own, and its answer tells which. */
export const nowParams = (change: StripeChange, prorationDate: number | null): Stripe.InvoiceCreatePreviewParams => ({
  subscription: change.subscriptionId,
  ...discountsOf(change),
  subscription_details: {
    items: change.items,
    ...change.keeps,
    proration_behavior: prorationOf(change),
    billing_cycle_anchor: anchorOf(change),
    ...(prorationDate !== null && { proration_date: prorationDate }),
  },
});

/**
 * One whole period after the change. Asked for as if it began now: a schedule or a cancellation that stands would
 * otherwise answer for the next renewal in its place. A period that begins now is billed at once, says Stripe of
 * `billing_cycle_anchor`; it says nothing of a schedule, nor of `recurring` beside it.
 */
export const periodParams = (
  change: Pick<StripeChange, 'subscriptionId' | 'items' | 'keeps' | 'promotionCodeId' | 'keptDiscountIds'>,
  mode: 'next' | 'recurring',
  discounts: Pick<Stripe.InvoiceCreatePreviewParams, 'discounts'> = discountsOf(change),
): Stripe.InvoiceCreatePreviewParams => ({
  subscription: change.subscriptionId,
  ...discounts,
  preview_mode: mode,
  subscription_details: {
    items: change.items,
    ...change.keeps,
    proration_behavior: 'none',
    billing_cycle_anchor: { type: 'now' },
  },
});

/** Stripe answers with the next renewal when a change makes no invoice of its own; one of its own may bill only use. */
export const isMadeNow = ({ resetsAnchor, trialing }: StripeChange, seen: PreviewedInvoice): boolean =>
  !trialing &&
  (resetsAnchor || seen.lines.some(({ proration }) => proration) || (seen.lines.length > 0 && !seen.billsPeriod));
