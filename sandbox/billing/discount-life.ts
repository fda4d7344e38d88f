import type { Account } from '../account.js';
import { noSuch, notPossible, parameterInvalid } from '../http/errors.js';
import { findNamed } from '../resources/find.js';
import type { Tables } from '../store/tables.js';
import { addMonths } from './calendar.js';
import type { Invoice } from './draft-invoice.js';

export interface DiscountParam {
  coupon?: string;
  promotion_code?: string;
  discount?: string;
}

export interface DiscountHolder {
  customer: string | null;
  subscription?: string | null;
  item?: string | null;
  session?: string | null;
}

/** Redeems coupons and promotion codes for their holder; the answer is the ids of its discounts. */
export function redeemDiscounts(account: Account, given: DiscountParam[], holder: DiscountHolder): string[] {
  return given.map((one, place) => {
    if (one.discount) return findNamed(account, 'discount', one.discount, `discounts[${place}][discount]`).id;
    const promotion = one.promotion_code
      ? findNamed(account, 'promotion_code', one.promotion_code, `discounts[${place}][promotion_code]`)
      : null;
    if (promotion) checkPromotion(account, promotion, holder);
    const coupon = promotion ? String(promotion.promotion.coupon) : one.coupon;
    if (!coupon)
      throw parameterInvalid(
        `discounts[${place}]`,
        'A discount needs a coupon, a promotion_code or a discount.',
        'parameter_missing',
      );
    return createDiscount(account, coupon, promotion, holder).id;
  });
}

function createDiscount(
  account: Account,
  couponId: string,
  promotion: Tables['promotion_code'] | null,
  holder: DiscountHolder,
): Tables['discount'] {
  const coupon = account.store.get('coupon', couponId);
  if (!coupon) throw noSuch('coupon', couponId, 'discounts', 400);
  const now = account.now(holder.customer);
  if (!coupon.valid || (coupon.redeem_by !== null && coupon.redeem_by <= now))
    throw notPossible(`Coupon expired: ${couponId}`, 'coupon_expired', 'coupon');
  const times = coupon.times_redeemed + 1;
  account.update('coupon', couponId, {
    times_redeemed: times,
    valid: coupon.max_redemptions === null || times < coupon.max_redemptions,
  });
  if (promotion) {
    const used = promotion.times_redeemed + 1;
    account.update('promotion_code', promotion.id, {
      times_redeemed: used,
      active: promotion.max_redemptions === null || used < promotion.max_redemptions,
    });
  }
  return account.create(
    'discount',
    {
      id: account.newId('di'),
      object: 'discount',
      checkout_session: holder.session ?? null,
      customer: holder.customer,
      customer_account: null,
      end: coupon.duration === 'repeating' ? addMonths(now, coupon.duration_in_months ?? 1) : null,
      invoice: null,
      invoice_item: null,
      promotion_code: promotion?.id ?? null,
      source: { coupon: couponId, type: 'coupon' },
      start: now,
      subscription: holder.subscription ?? null,
      subscription_item: holder.item ?? null,
    } as Tables['discount'],
    holder.customer ? 'customer.discount.created' : undefined,
  );
}

function checkPromotion(account: Account, promotion: Tables['promotion_code'], holder: DiscountHolder): void {
  const now = account.now(holder.customer);
  const refuse = (why: string): never => {
    throw notPossible(
      `The promotion code '${promotion.code}' cannot be redeemed: ${why}.`,
      'promotion_code_invalid',
      'promotion_code',
    );
  };
  if (!promotion.active) refuse('it is inactive');
  if (promotion.expires_at !== null && promotion.expires_at <= now) refuse('it has expired');
  if (promotion.customer !== null && promotion.customer !== holder.customer) refuse('it is meant for another customer');
  const paidBefore = account.store.where('charge', 'customer', holder.customer ?? '').some(({ paid }) => paid);
  if (promotion.restrictions.first_time_transaction && paidBefore)
    refuse('it is for a first purchase, and this customer has paid before');
}

/** Takes discounts off their holder: the customer's endpoints hear of each. */
export function endDiscounts(account: Account, ids: string[]): void {
  for (const id of ids) {
    const discount = account.store.get('discount', id);
    if (!discount) continue;
    const now = account.now(discount.customer as string | null);
    const ended = account.update('discount', id, { end: discount.end ?? now });
    account.emit('customer.discount.deleted', ended);
  }
}

/** The discounts of a subscription that still bear on what is billed now. */
export function livingDiscounts(account: Account, ids: string[], now: number): string[] {
  return ids.filter((id) => {
    const end = account.store.get('discount', id)?.end;
    return end === undefined || end === null || end > now;
  });
}

/** A `once` coupon is used up by the first finalised invoice it took something off. */
function usedUpBy(account: Account, invoice: Invoice): string[] {
  return (invoice.total_discount_amounts ?? [])
    .map(({ discount }) => String(discount))
    .filter((id) => {
      const coupon = account.store.get('discount', id)?.source.coupon;
      return coupon ? account.store.get('coupon', coupon)?.duration === 'once' : false;
    });
}

/** Takes what the finalised invoice used up off its subscription. */
export function dropUsedDiscounts(account: Account, invoice: Invoice): void {
  const used = usedUpBy(account, invoice);
  const subscription = account.store.get('subscription', invoice.parent?.subscription_details?.subscription ?? '');
  if (!subscription || !subscription.discounts.some((id) => used.includes(id))) return;
  account.update(
    'subscription',
    subscription.id,
    { discounts: subscription.discounts.filter((id) => !used.includes(id)) },
    'customer.subscription.updated',
  );
  endDiscounts(account, used);
}
