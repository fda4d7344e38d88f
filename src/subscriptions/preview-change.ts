import type { Loaders } from '../graphql/loaders.js';
import type { Parts } from '../parts.js';
import { type Attempt, seenAnew } from '../intents/seen-anew.js';
import { Refusal } from '../refusal.js';
import { translateStripeError } from '../stripe/errors.js';
import { addInterval } from './add-interval.js';
import { isMadeNow, nowParams, periodParams, type StripeChange } from './change-at-stripe.js';
import { withPromotion } from './change-promotion.js';
import { type ChangeAsked, type ChangeDraft, draftChange, stripeChangeOf } from './change-draft.js';
import { ChangeTiming } from './classify-change.js';
import { type PreviewedInvoice, previewInvoice } from './preview-invoice.js';
import { type Beside, type PreviewClaims, signPreview } from './preview-token.js';

/** A change with what it costs, as Stripe works it out. */
export interface ShownChange {
  draft: ChangeDraft;
  token: string;
  expiresAt: number;
  /** The invoice made at once; null when the change makes none. */
  now: PreviewedInvoice | null;
  /** The next regular invoice, where the same answer of Stripe's shows it; else `readNextInvoice` asks. */
  next: NextInvoice | null;
}

export interface NextInvoice extends PreviewedInvoice {
  date: number;
}

/** Shows a change before it is made: one call to Stripe and one for a code, none for what is blocked or costs nothing. */
export async function previewChange(
  parts: Parts,
  loaders: Loaders,
  asked: ChangeAsked,
  promotionCode: string | null = null,
): Promise<ShownChange> {
  const draft = await withPromotion(parts, loaders, await draftChange(parts, loaders, asked), promotionCode);
  parts.metrics.count('billing_preview_total', { kind: draft.kind });
  const change = draft.blockers.length > 0 ? null : stripeChangeOf(draft);
  const seen = change && (await askStripe(parts, change, draft));
  const madeNow = change && seen && draft.timing === ChangeTiming.NOW && isMadeNow(change, seen);
  const now = madeNow ? seen : null;
  const next = seen && !madeNow ? atNextPeriod(draft, seen) : null;
  const claims = { ...claimsOf(draft, { ...asked, promotionCode }, now), shownAt: parts.billing.now() };
  return { draft, now, next, ...(await signPreview(parts, claims)) };
}

async function askStripe(parts: Parts, change: StripeChange, draft: ChangeDraft): Promise<PreviewedInvoice> {
  const params = draft.timing === ChangeTiming.NOW ? nowParams(change, null) : periodParams(change, 'next');
  try {
    return await previewInvoice(parts.stripe, params);
  } catch (thrown) {
    throw translateStripeError(await seenAnew(parts, attemptOf(draft), thrown), 'preview the change');
  }
}

const attemptOf = ({ account, subscription }: ChangeDraft): Attempt => ({
  ...{ verb: 'previewChange', accountId: account.id, revision: account.revision },
  ...{ customerId: subscription.customerId, subscriptionId: subscription.id },
});

/**
 * The first regular invoice after a change that is charged at once: one more call, made only when somebody looks. Null
 * where none follows, also because the subscription has changed since.
 */
export async function readNextInvoice(parts: Parts, { draft, now, next }: ShownChange): Promise<NextInvoice | null> {
  const change = stripeChangeOf(draft);
  if (next || !now || !change) return next;
  try {
    const seen = await previewInvoice(parts.stripe, periodParams(change, 'recurring'));
    // The invoice made now comes first: it uses credit up, or leaves some over.
    const credit = now.credit - now.creditApplied + now.creditGranted;
    const creditApplied = Math.max(0, Math.min(seen.total, credit));
    return { ...atNextPeriod(draft, seen), creditApplied, amountDue: Math.max(0, seen.total) - creditApplied };
  } catch (thrown) {
    const told = await seenAnew(parts, attemptOf(draft), thrown);
    if (told instanceof Refusal) return null;
    throw translateStripeError(told, 'preview the next invoice');
  }
}

/** Stripe was asked as if the period began now; its amounts stand, its dates are those of the period that will. */
function atNextPeriod(draft: ChangeDraft, seen: PreviewedInvoice): NextInvoice {
  const { toPrice, timing, subscription, resetsAnchor, effectiveAt } = draft;
  const later = (at: number) => (toPrice ? addInterval(at, toPrice.interval, toPrice.intervalCount) : at);
  const keepsPeriod = timing === ChangeTiming.NOW && !resetsAnchor;
  const date =
    timing === ChangeTiming.PERIOD_END
      ? effectiveAt
      : keepsPeriod
        ? (subscription.currentPeriodEnd ?? effectiveAt)
        : later(effectiveAt);
  const lines = seen.lines.map((line) =>
    line.proration ? line : { ...line, periodStart: date, periodEnd: later(date) },
  );
  return { ...seen, lines, date };
}

function claimsOf(draft: ChangeDraft, asked: Beside, now: PreviewedInvoice | null): Omit<PreviewClaims, 'shownAt'> {
  const { addOns, interval, seats, promotionCode } = asked;
  const { account, subscription, toPlan, toPrice, toSeats, timing, items, promotion } = draft;
  return {
    accountId: account.id,
    subscriptionId: subscription.id,
    subscriptionRevision: subscription.revision,
    plan: toPlan.key,
    interval: toPrice?.interval ?? null,
    currency: toPrice?.currency ?? subscription.currency,
    seats: toSeats,
    addOns: addOns && [...addOns],
    promotion,
    timing,
    asked: { interval, seats, timing: asked.timing, promotionCode },
    items: items.map(({ id, priceId, quantity }) => [id, priceId, quantity]),
    prorationDate: now?.prorationDate ?? null,
    amountDue: now?.amountDue ?? 0,
    linesHash: now?.linesHash ?? '',
  };
}
