import type Stripe from 'stripe';
import { translateStripeError } from '../stripe/errors.js';
import { instant, instantOrNull } from '../stripe/objects.js';
import { addInterval } from './add-interval.js';
import type { NextInvoice } from './next-invoice.js';
import { isPaused } from './pending-change.js';
import { previewInvoice, previewUpcoming } from './preview-invoice.js';
import type { SubscriptionState } from './subscription.js';

/**
 * The next invoice of a subscription that will be collected, at the moment when Stripe will make it: those that fall into
 * a pause are voided. Null when none will come.
 */
export async function nextCollected(
  stripe: Stripe,
  { id: subscription, pause }: Pick<SubscriptionState, 'id' | 'pause'>,
): Promise<NextInvoice | null> {
  const resumesAt = isPaused({ pause }) ? (pause?.resumesAt ?? Infinity) : 0;
  if (resumesAt === Infinity) return null;
  const next = await previewUpcoming(stripe, subscription);
  if (!next || next.date >= resumesAt) return next;
  try {
    return await renewalAfterPause(stripe, { subscription, resumesAt, next });
  } catch (thrown) {
    throw translateStripeError(thrown, 'preview the next invoice');
  }
}

interface Paused {
  subscription: string;
  resumesAt: number;
  /** The invoice that comes next, but falls into the pause. */
  next: NextInvoice;
}

/**
 * The first renewal that a pause until a date does not void, with what recurs: the rest goes with the invoices before it.
 * Stripe previews only the next one, so the date is counted on from the anchor. Null where the subscription ends before.
 */
async function renewalAfterPause(
  stripe: Stripe,
  { subscription: id, resumesAt, next }: Paused,
): Promise<NextInvoice | null> {
  const subscription = await stripe.subscriptions.retrieve(id, { expand: ['discounts'] });
  const recurring = subscription.items.data[0]?.price.recurring;
  if (!recurring) return null;
  const anchor = instant(subscription.billing_cycle_anchor);
  const interval = recurring.interval.toUpperCase() as 'DAY' | 'WEEK' | 'MONTH' | 'YEAR';
  const boundary = (periods: number) => addInterval(anchor, interval, recurring.interval_count * periods);
  let periods = 0;
  while (boundary(periods) < resumesAt) periods += 1;
  const date = boundary(periods);
  if (subscription.cancel_at !== null && instant(subscription.cancel_at) <= date) return null;
  const discounts = subscription.discounts.filter((one): one is Stripe.Discount => typeof one === 'object');
  const kept = discounts.filter(({ end }) => (instantOrNull(end) ?? Infinity) > date);
  const seen = await previewInvoice(stripe, {
    subscription: id,
    preview_mode: 'recurring',
    ...(kept.length < discounts.length && {
      discounts: kept.length > 0 ? kept.map((one) => ({ discount: one.id })) : '',
    }),
  });
  // A voided invoice gives back what it took from the balance.
  const balance = next.balanceAfter - next.total + next.amountDue;
  const total = Math.max(0, seen.total);
  const creditApplied = Math.max(0, Math.min(total, -balance));
  const carriedOver = Math.max(0, balance);
  const amountDue = total - creditApplied + carriedOver;
  const lines = seen.lines.map((line) => ({ ...line, periodStart: date, periodEnd: boundary(periods + 1) }));
  return {
    ...seen,
    lines,
    date,
    creditApplied,
    carriedOver,
    amountDue,
    balanceAfter: balance + seen.total - amountDue,
  };
}
