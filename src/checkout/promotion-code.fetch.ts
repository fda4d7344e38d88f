import type Stripe from 'stripe';
import { MoreThan } from 'typeorm';
import type { Account } from '../accounts/account.entity.js';
import { StripeCustomer } from '../accounts/stripe-customer.entity.js';
import { Invoice } from '../invoices/invoice.entity.js';
import { InvoiceStatus } from '../invoices/invoice.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { translateStripeError } from '../stripe/errors.js';
import { idOf, instantOrNull, toEnum } from '../stripe/objects.js';
import {
  DiscountDuration,
  type DiscountState,
  type PromotionCodeState,
  type RedemptionAsked,
  refuseCode,
} from './promotion-code.js';
import type { Purchase } from './purchase.js';

const COUPON = 'data.promotion.coupon';
/** Stripe's own limit; longer ones exist nowhere. */
const CODE = /^[A-Za-z0-9-]{1,500}$/;

/** One call. Of several codes of that name at most one is active; it comes before those that were. */
export async function fetchPromotionCode(stripe: Stripe, code: string): Promise<PromotionCodeState | null> {
  if (!CODE.test(code)) return null;
  const { data } = await stripe.promotionCodes.list({
    code,
    limit: 100,
    expand: [COUPON, `${COUPON}.applies_to`, `${COUPON}.currency_options`],
  });
  const found = data.find(({ active }) => active) ?? data[0];
  return found ? toPromotionCode(found) : null;
}

function toPromotionCode(raw: Stripe.PromotionCode): PromotionCodeState {
  const coupon = raw.promotion.coupon;
  if (coupon === null || typeof coupon === 'string')
    throw new Error(`Promotion code ${raw.id} came without its coupon.`);
  return {
    id: raw.id,
    code: raw.code,
    active: raw.active,
    expiresAt: instantOrNull(raw.expires_at),
    maxRedemptions: raw.max_redemptions,
    timesRedeemed: raw.times_redeemed,
    customerId: idOf(raw.customer),
    firstTimeOnly: raw.restrictions.first_time_transaction,
    minimums: minimumsOf(raw.restrictions),
    couponValid: coupon.valid,
    redeemBy: instantOrNull(coupon.redeem_by),
    currencies: coupon.currency
      ? [coupon.currency, ...Object.keys(coupon.currency_options ?? {})].map((word) => word.toUpperCase())
      : null,
    productIds: coupon.applies_to?.products ?? null,
    discount: toDiscount(coupon, raw.code, null),
  };
}

function minimumsOf(restrictions: Stripe.PromotionCode.Restrictions): Record<string, number> {
  const { minimum_amount: amount, minimum_amount_currency: currency, currency_options: options } = restrictions;
  const own = amount !== null && currency !== null ? [[currency.toUpperCase(), amount] as const] : [];
  const others = Object.entries(options ?? {}).map(
    ([code, { minimum_amount }]) => [code.toUpperCase(), minimum_amount] as const,
  );
  return Object.fromEntries([...own, ...others]);
}

export function toDiscount(coupon: Stripe.Coupon, code: string | null, endsAt: number | null): DiscountState {
  return {
    label: code ?? coupon.name ?? coupon.id,
    promotionCode: code,
    percentOff: coupon.percent_off === null ? null : String(coupon.percent_off),
    amountOff: coupon.amount_off,
    currency: coupon.currency?.toUpperCase() ?? null,
    duration: toEnum(DiscountDuration, coupon.duration) as DiscountDuration,
    endsAt,
  };
}

type Worth = Pick<Purchase, 'amount' | 'paidIn' | 'productIds'> | null;

/** Whether a code is good for an account, and why not. One call to Stripe; nothing is changed. */
export async function checkPromotionCode(
  { stripe, database, billing }: Parts,
  account: Account,
  code: string,
  worth: Worth,
): Promise<{ promotion: PromotionCodeState | null; reason: string | null }> {
  const { manager } = database.read;
  const customer = await manager.findOneBy(StripeCustomer, { liveFor: account.id });
  const paid = { accountId: account.id, status: InvoiceStatus.PAID, amountPaid: MoreThan(0) };
  const promotion = await fetchPromotionCode(stripe, code.trim()).catch((thrown: unknown) => {
    throw translateStripeError(thrown, 'check the promotion code');
  });
  const asked: RedemptionAsked = {
    now: billing.now(),
    customerId: customer?.id ?? null,
    hasPaidBefore: (await manager.countBy(Invoice, paid)) > 0,
    amount: worth?.amount ?? null,
    paidIn: worth?.paidIn ?? account.currency,
    productIds: worth?.productIds ?? null,
  };
  return { promotion, reason: refuseCode(promotion, asked) };
}

/** The code, checked before it is applied. Throws Refusal: PROMOTION_CODE_INVALID with the reason. */
export async function requirePromotionCode(
  parts: Parts,
  account: Account,
  code: string,
  worth: Worth,
  field = 'promotionCode',
): Promise<PromotionCodeState> {
  const { promotion, reason } = await checkPromotionCode(parts, account, code, worth);
  if (promotion && reason === null) return promotion;
  throw new Refusal(UserErrorCode.PROMOTION_CODE_INVALID, reason ?? 'There is no such code.', {
    field: ['input', field],
    hint: 'Correct the code, or go on without one.',
  });
}
