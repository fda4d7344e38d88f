import type { Loaders } from '../graphql/loaders.js';
import type { Parts } from '../parts.js';
import { seenAnew } from '../intents/seen-anew.js';
import { translateStripeError } from '../stripe/errors.js';
import { isMadeNow, nowParams, periodParams, type StripeChange } from './change-at-stripe.js';
import { withPromotion } from './change-promotion.js';
import { type ChangeAsked, type ChangeDraft, draftChange, stripeChangeOf } from './change-draft.js';
import { ChangeTiming } from './classify-change.js';
import { atNextPeriod, attemptOf, type NextInvoice } from './next-invoice.js';
import { previewChanged, type PreviewedInvoice } from './preview-invoice.js';
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

async function askStripe(parts: Parts, change: StripeChange, draft: ChangeDraft): Promise<PreviewedInvoice | null> {
  const params = draft.timing === ChangeTiming.NOW ? nowParams(change, null) : periodParams(change, 'next');
  try {
    return await previewChanged(parts.stripe, params);
  } catch (thrown) {
    throw translateStripeError(await seenAnew(parts, attemptOf(draft), thrown), 'preview the change');
  }
}

function claimsOf(
  draft: ChangeDraft,
  asked: Beside & Pick<ChangeAsked, 'currency'>,
  now: PreviewedInvoice | null,
): Omit<PreviewClaims, 'shownAt'> {
  const { addOns, interval, currency, seats, promotionCode } = asked;
  const { account, subscription, toPlan, toPrice, toSeats, timing, items, targets, promotion } = draft;
  return {
    accountId: account.id,
    subscriptionId: subscription.id,
    subscriptionRevision: subscription.revision,
    plan: toPlan.key,
    interval: toPrice?.interval ?? null,
    seats: toSeats,
    addOns: addOns && [...addOns],
    promotion: promotion && { id: promotion.id, code: promotion.code },
    timing,
    asked: { interval, currency, seats, timing: asked.timing, promotionCode },
    items: items.map(({ id, priceId, quantity }) => [id, priceId, quantity]),
    targets: targets.map(({ priceId, quantity }) => [priceId, quantity]),
    prorationDate: now?.prorationDate ?? null,
    amountDue: now?.amountDue ?? 0,
    linesHash: now?.linesHash ?? '',
  };
}
