/** How long a discount lasts. */
export enum DiscountDuration {
  ONCE = 'ONCE',
  REPEATING = 'REPEATING',
  FOREVER = 'FOREVER',
  UNRECOGNIZED = 'UNRECOGNIZED',
}

/** What a discount takes off. */
export interface DiscountState {
  /** The promotion code, or else the coupon's name. */
  label: string;
  promotionCode: string | null;
  /** Exact, as Stripe wrote it; null for a fixed amount. */
  percentOff: string | null;
  /** Minor units; null for a percentage. */
  amountOff: number | null;
  /** Upper case; null for a percentage. */
  currency: string | null;
  duration: DiscountDuration;
  /** Null when it does not end by itself, or ends with the next invoice. */
  endsAt: number | null;
}

/** A discount that a subscription or a customer has. */
export interface HeldDiscount extends DiscountState {
  /** Stripe's id (di_…): a list that replaces discounts names those that stay by it. */
  id: string;
}

/** A promotion code and its coupon, as Stripe shows them. */
export interface PromotionCodeState {
  id: string;
  code: string;
  active: boolean;
  expiresAt: number | null;
  maxRedemptions: number | null;
  timesRedeemed: number;
  /** Only for this customer; null for everybody. */
  customerId: string | null;
  firstTimeOnly: boolean;
  /** Least amount by upper-case currency; empty for none. */
  minimums: Readonly<Record<string, number>>;
  couponValid: boolean;
  redeemBy: number | null;
  /** Currencies that an amount can be taken off in; null for a percentage. */
  currencies: readonly string[] | null;
  /** Only for these products; null for all. */
  productIds: readonly string[] | null;
  discount: DiscountState;
}

/** Who wants to use it, and on what. What is not known yet is null and forbids nothing. */
export interface RedemptionAsked {
  now: number;
  customerId: string | null;
  hasPaidBefore: boolean;
  amount: number | null;
  paidIn: string | null;
  productIds: readonly string[] | null;
}

/** Why a code cannot be used, in one sentence fit to show; null when it can. */
export function refuseCode(promotion: PromotionCodeState | null, asked: RedemptionAsked): string | null {
  if (!promotion) return 'There is no such code.';
  const { code, maxRedemptions, timesRedeemed, expiresAt, redeemBy } = promotion;
  const over = [expiresAt, redeemBy].some((at) => at !== null && at <= asked.now);
  if (over) return `The code ${code} has expired.`;
  if (maxRedemptions !== null && timesRedeemed >= maxRedemptions) return `The code ${code} has been used up.`;
  if (!promotion.active || !promotion.couponValid) return `The code ${code} is no longer valid.`;
  return refuseCustomer(promotion, asked) ?? refusePurchase(promotion, asked);
}

function refuseCustomer(
  { code, customerId, firstTimeOnly }: PromotionCodeState,
  asked: RedemptionAsked,
): string | null {
  if (customerId !== null && customerId !== asked.customerId) return `The code ${code} is for another customer.`;
  return firstTimeOnly && asked.hasPaidBefore ? `The code ${code} is for new customers only.` : null;
}

function refusePurchase(
  { code, productIds, currencies, minimums }: PromotionCodeState,
  asked: RedemptionAsked,
): string | null {
  if (productIds !== null && asked.productIds !== null && !asked.productIds.some((id) => productIds.includes(id)))
    return `The code ${code} is not for this plan.`;
  if (asked.paidIn === null) return null;
  if (currencies !== null && !currencies.includes(asked.paidIn))
    return `The code ${code} is not for prices in ${asked.paidIn}.`;
  const least = minimums[asked.paidIn];
  if (Object.keys(minimums).length > 0 && least === undefined)
    return `The code ${code} is not for prices in ${asked.paidIn}.`;
  if (least !== undefined && asked.amount !== null && asked.amount < least)
    return `The code ${code} needs a larger purchase.`;
  return null;
}
