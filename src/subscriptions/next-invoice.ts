import type Stripe from 'stripe';
import { DiscountDuration } from '../checkout/promotion-code.js';
import { type Attempt, seenAnew } from '../intents/seen-anew.js';
import type { Parts } from '../parts.js';
import { Refusal } from '../refusal.js';
import { translateStripeError } from '../stripe/errors.js';
import { addInterval } from './add-interval.js';
import { discountsOf, periodParams, type StripeChange } from './change-at-stripe.js';
import { type ChangeDraft, keepsOf, stripeChangeOf } from './change-draft.js';
import { ChangeKind, ChangeTiming } from './classify-change.js';
import type { ShownChange } from './preview-change.js';
import { isPaused } from './pending-change.js';
import { type PreviewedInvoice, previewInvoice, previewUpcoming } from './preview-invoice.js';
import { nextCollected } from './upcoming-invoice.js';

/** Its date is that of the period that begins with it, also where Stripe was asked as if that were now. */
export type NextInvoice = PreviewedInvoice;

/**
 * The first regular invoice after a change, where the answer that showed the change does not show it: one more call, made
 * only when somebody looks. Null where none follows, also because the subscription has changed since.
 */
export async function readNextInvoice(parts: Parts, { draft, now, next }: ShownChange): Promise<NextInvoice | null> {
  if (next || draft.toPrice === null || draft.blockers.length > 0) return next;
  const change = stripeChangeOf(draft);
  try {
    if (!change) return await asItStands(parts, draft);
    return now && afterNow(draft, now, await recurring(parts, draft, change, now));
  } catch (thrown) {
    const told = await seenAnew(parts, attemptOf(draft), thrown);
    if (told instanceof Refusal) return null;
    throw translateStripeError(told, 'preview the next invoice');
  }
}

/** Nothing changes; a cancellation or a booked change that stands is taken back. */
async function asItStands({ stripe }: Parts, draft: ChangeDraft): Promise<NextInvoice | null> {
  const { kind, subscription } = draft;
  if (isPaused(subscription)) return nextCollected(stripe, subscription);
  if (kind !== ChangeKind.REACTIVATION || !subscription.schedule)
    return previewUpcoming(stripe, subscription.id, keepsOf(subscription));
  const items = draft.items.map(({ id, quantity }) => ({ id, ...(quantity !== null && { quantity }) }));
  const same = { items, keeps: {}, subscriptionId: subscription.id, promotionCodeId: null, keptDiscountIds: [] };
  return atNextPeriod(draft, await previewInvoice(stripe, periodParams(same, 'next')));
}

/**
 * A whole period that begins now, at once and therefore before whatever is booked; what Stripe leaves out of `recurring`
 * is not documented, so that is asked for only where something waits to be billed once, which is billed now.
 */
async function recurring(
  { stripe }: Parts,
  draft: ChangeDraft,
  change: StripeChange,
  now: PreviewedInvoice,
): Promise<PreviewedInvoice> {
  const discounts = discountsAfter(draft, change, now);
  const seen = await previewInvoice(stripe, periodParams(change, 'next', discounts));
  return seen.billsOnceOnly ? previewInvoice(stripe, periodParams(change, 'recurring', discounts)) : seen;
}

/** A discount for one invoice is used up by the one made now; then those of the account hold if no other is left. */
function discountsAfter(
  { subscription, account, promotion }: ChangeDraft,
  change: StripeChange,
  now: PreviewedInvoice,
): Pick<Stripe.InvoiceCreatePreviewParams, 'discounts'> {
  const held = [
    ...(subscription.discounts ?? []).map(({ id, duration }) => ({ duration, named: { discount: id } })),
    ...(promotion ? [{ duration: promotion.duration, named: { promotion_code: promotion.id } }] : []),
  ];
  const left = held.filter(({ duration }) => duration !== DiscountDuration.ONCE);
  const isDiscounted = now.discount > 0 || now.lines.some(({ proration, amount }) => proration && amount > 0);
  if (!isDiscounted || left.length === held.length) return discountsOf(change);
  const hold = left.length > 0 ? left.map(({ named }) => named) : (account.discounts ?? []).map(toNamed);
  return { discounts: hold.length > 0 ? hold : '' };
}

const toNamed = ({ id }: { id: string }) => ({ discount: id });

/** The invoice made now comes first: it uses credit up, or leaves some over, and what is owed. */
function afterNow(draft: ChangeDraft, { balanceAfter }: PreviewedInvoice, seen: PreviewedInvoice): NextInvoice {
  const total = Math.max(0, seen.total);
  const creditApplied = Math.max(0, Math.min(total, -balanceAfter));
  const carriedOver = Math.max(0, balanceAfter);
  const amountDue = total - creditApplied + carriedOver;
  return { ...atNextPeriod(draft, seen), creditApplied, carriedOver, amountDue };
}

export const attemptOf = ({ account, subscription }: ChangeDraft): Attempt => ({
  ...{ verb: 'previewChange', accountId: account.id, revision: account.revision },
  ...{ customerId: subscription.customerId, subscriptionId: subscription.id },
});

/**
 * Stripe was asked as if the period began now; its amounts stand, its dates are those of the period that will. What was
 * used before keeps its own.
 */
export function atNextPeriod(draft: ChangeDraft, seen: PreviewedInvoice): NextInvoice {
  const { toPrice, timing, subscription, resetsAnchor } = draft;
  // Stripe counts in whole seconds.
  const effectiveAt = Math.floor(draft.effectiveAt / 1000) * 1000;
  const later = (at: number) => (toPrice ? addInterval(at, toPrice.interval, toPrice.intervalCount) : at);
  const keepsPeriod = timing === ChangeTiming.NOW && !resetsAnchor;
  const date =
    timing === ChangeTiming.PERIOD_END
      ? effectiveAt
      : keepsPeriod
        ? (subscription.currentPeriodEnd ?? effectiveAt)
        : later(effectiveAt);
  const lines = seen.lines.map((line) =>
    line.proration || line.periodEnd <= seen.date ? line : { ...line, periodStart: date, periodEnd: later(date) },
  );
  return { ...seen, lines, date };
}
