import type Stripe from 'stripe';
import { instantOrNull } from '../stripe/objects.js';
import type { HeldDiscount } from './promotion-code.js';
import { toDiscount } from './promotion-code.fetch.js';

/** What must be expanded below a discount to show it. */
export const DISCOUNT_EXPANDS = ['source.coupon', 'promotion_code'];

/** Discounts as an answer of Stripe's shows them, null for none; one that came without its coupon cannot be shown. */
export function toHeldDiscounts(discounts: readonly (string | Stripe.Discount | null)[]): HeldDiscount[] | null {
  const held = discounts.flatMap((discount) => {
    if (discount === null || typeof discount === 'string') return [];
    const { id, source, promotion_code: code, end } = discount;
    if (source.coupon === null || typeof source.coupon === 'string') return [];
    const written = code !== null && typeof code === 'object' ? code.code : null;
    return [{ id, ...toDiscount(source.coupon, written, instantOrNull(end)) }];
  });
  return held.length > 0 ? held : null;
}
