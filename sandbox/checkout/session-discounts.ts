import type { Account } from '../account.js';
import { notPossible } from '../http/errors.js';
import { find } from '../resources/find.js';
import { repriceSession } from './session-totals.js';

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
  account.store.put('checkout_plan', { ...plan, discounts: [{ promotion_code: promotion.id }] });
  repriceSession(account, id);
}
