import type { Account } from '../account.js';
import { notPossible } from '../http/errors.js';
import { find } from '../resources/find.js';
import type { Tables } from '../store/tables.js';

/** The customer enters a code on the page: it takes off what its coupon says. */
export function redeemOnSession(account: Account, id: string, code: string): void {
  const session = find(account, 'checkout.session', id);
  const plan = account.store.get('checkout_plan', id);
  if (!session.allow_promotion_codes)
    throw notPossible('This checkout takes no promotion codes.', 'promotion_code_invalid');
  const promotion = account.store.where('promotion_code', 'code', code.toLowerCase()).find(({ active }) => active);
  if (!promotion) throw notPossible(`The code '${code}' is not valid.`, 'promotion_code_invalid');
  const { minimum_amount: minimum } = promotion.restrictions;
  if (minimum !== null && (session.amount_subtotal ?? 0) < minimum)
    throw notPossible(`The code '${code}' needs an order of at least ${minimum}.`, 'promotion_code_invalid');
  if (!plan) return;
  const discounts = [{ promotion_code: promotion.id }];
  account.store.put('checkout_plan', { ...plan, discounts });
  account.store.put('checkout.session', { ...session, ...discounted(account, session, discounts) });
}

/** What the session shows once its discounts are off. */
export function discounted(
  account: Account,
  session: Tables['checkout.session'],
  discounts: { coupon?: string; promotion_code?: string }[],
): Partial<Tables['checkout.session']> {
  const [first] = discounts;
  if (!first || session.amount_subtotal === null) return {};
  const promotion = first.promotion_code ? find(account, 'promotion_code', first.promotion_code) : null;
  const coupon = find(account, 'coupon', String(promotion?.promotion.coupon ?? first.coupon));
  const off = Math.min(
    session.amount_subtotal,
    coupon.amount_off ?? Math.round((session.amount_subtotal * (coupon.percent_off ?? 0)) / 100),
  );
  return {
    amount_total: session.amount_subtotal - off,
    discounts: [{ coupon: coupon.id, promotion_code: promotion?.id ?? null }],
    total_details: { amount_discount: off, amount_shipping: 0, amount_tax: 0 },
  };
}
