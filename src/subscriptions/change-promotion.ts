import { requirePromotionCode } from '../checkout/promotion-code.fetch.js';
import type { Catalogue, Loaders } from '../graphql/loaders.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { type ChangeDraft, stripeChangeOf } from './change-draft.js';
import { priceIn, recurringAmount } from './recurring-amount.js';

/**
 * The change with the code that comes with it, checked at Stripe by one call. A code that the subscription has already
 * is no second discount. Throws Refusal: PROMOTION_CODE_INVALID, also where nothing is bought that it could be for.
 */
export async function withPromotion(
  parts: Parts,
  loaders: Loaders,
  draft: ChangeDraft,
  code: string | null,
): Promise<ChangeDraft> {
  if (code === null || draft.blockers.length > 0) return draft;
  if (stripeChangeOf(draft) === null) throw nothingToDiscount();
  const written = code.trim().toUpperCase();
  const held = draft.subscription.discounts ?? [];
  if (held.some(({ promotionCode }) => promotionCode?.toUpperCase() === written)) return draft;
  const worth = worthOf(draft, await loaders.catalogue());
  const promotion = await requirePromotionCode(parts, draft.account, code, worth);
  return { ...draft, promotion: { id: promotion.id, code: promotion.code, duration: promotion.discount.duration } };
}

function worthOf({ targets, subscription: { currency } }: ChangeDraft, catalogue: Catalogue) {
  const products = targets.flatMap(({ priceId }) => priceIn(catalogue, priceId, currency)?.productId ?? []);
  return { amount: recurringAmount(targets, currency, catalogue), paidIn: currency, productIds: products };
}

const nothingToDiscount = () =>
  new Refusal(UserErrorCode.PROMOTION_CODE_INVALID, 'Nothing changes that the code could be taken off.', {
    field: ['input', 'promotionCode'],
    hint: 'Apply it to the subscription as it is with applyPromotionCode.',
  });
