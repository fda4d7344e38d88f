import type { Account } from '../account.js';
import { noSuch, notPossible, parameterInvalid } from '../http/errors.js';
import { findNamed } from '../resources/find.js';
import type { Tables } from '../store/tables.js';
import { addMonths } from './calendar.js';
import { discountRulesOf } from './discounts.js';
import type { Invoice } from './draft-invoice.js';
import { isProration } from './lines.js';

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

/** A `once` coupon is used up by the first finalised invoice it took something off, in a proration's amount as well. */
function usedUpBy(account: Account, invoice: Invoice, subscription: Discounted): string[] {
  const shown = (invoice.total_discount_amounts ?? []).map(({ discount }) => String(discount));
  return [...new Set([...shown, ...proratedIn(account, invoice, subscription)])].filter((id) => {
    const coupon = account.store.get('discount', id)?.source.coupon;
    return coupon ? account.store.get('coupon', coupon)?.duration === 'once' : false;
  });
}

/** The discounts that the amounts of what is charged for the rest of a period have in them. */
function proratedIn(account: Account, { currency, lines }: Invoice, { discounts, items }: Discounted): string[] {
  const charged = lines.data.filter((line) => isProration(line) && line.amount > 0);
  return charged.flatMap(({ parent, pricing }) => {
    const item = items.data.find(({ id }) => id === parent?.subscription_item_details?.subscription_item);
    const rules = discountRulesOf(account, [...discounts, ...(item?.discounts ?? [])], currency, null);
    const product = pricing?.price_details?.product;
    return rules.flatMap(({ id, products }) => (!products || (product && products.includes(product)) ? [id] : []));
  });
}

/** Takes what the finalised invoice used up off its subscription. */
export function dropUsedDiscounts(account: Account, invoice: Invoice): void {
  const subscription = account.store.get('subscription', invoice.parent?.subscription_details?.subscription ?? '');
  if (!subscription) return;
  const used = usedUpBy(account, invoice, subscription);
  const left = withoutDiscounts(subscription, used);
  if (!left) return;
  account.update('subscription', subscription.id, left, 'customer.subscription.updated');
  endDiscounts(account, used);
}

type Discounted = Pick<Tables['subscription'], 'discounts' | 'items'>;

/** The discounts of a subscription, and of its items, without these; null where it had none of them. */
function withoutDiscounts({ discounts, items }: Discounted, gone: string[]): Discounted | null {
  const kept = (held: string[]): string[] => held.filter((id) => !gone.includes(id));
  if (![...discounts, ...items.data.flatMap((item) => item.discounts)].some((id) => gone.includes(id))) return null;
  const data = items.data.map((item) => ({ ...item, discounts: kept(item.discounts) }));
  return { discounts: kept(discounts), items: { ...items, data } };
}

/** What a subscription holds once discounts that are over are off: the customer's endpoints hear of each. */
export function endOverdueDiscounts(account: Account, subscription: Discounted, now: number): Discounted {
  const held = [...subscription.discounts, ...subscription.items.data.flatMap((item) => item.discounts)];
  const over = held.filter((id) => (account.store.get('discount', id)?.end ?? Infinity) <= now);
  endDiscounts(account, over);
  return withoutDiscounts(subscription, over) ?? subscription;
}
