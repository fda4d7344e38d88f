import type { Account } from '../account.js';
import type { Invoice } from './draft-invoice.js';
import type { Line } from './lines.js';
import type { DiscountRule } from './price-lines.js';

/** The discounts that bear on an invoice: those of its items, then those of its subscription or itself. */
export function discountRulesFor(account: Account, invoice: Invoice, lines: Line[]): DiscountRule[] {
  const ofItems = itemsOf(account, lines).flatMap(({ id, discounts }) =>
    discountRulesOf(account, discounts, invoice.currency, id, true),
  );
  return [...ofItems, ...discountRulesOf(account, invoice.discounts, invoice.currency, null)];
}

function itemsOf(account: Account, lines: Line[]): { id: string; discounts: string[] }[] {
  const ids = new Set(lines.map((line) => line.parent?.subscription_item_details?.subscription_item));
  const subscription = account.store.get('subscription', lines.find((line) => line.subscription)?.subscription ?? '');
  return (subscription?.items.data ?? []).filter(({ id }) => ids.has(id));
}

/** Discounts as rules in a currency. `bound`: they bear on the item's own lines only. */
export function discountRulesOf(
  account: Account,
  ids: string[],
  currency: string,
  item: string | null,
  bound = false,
): DiscountRule[] {
  return ids.flatMap((id) => {
    const discount = account.store.get('discount', id);
    const named = discount?.source.coupon ?? '';
    const coupon = account.store.get('coupon', named) ?? account.store.get('deleted_coupon', named);
    if (!discount || !coupon) return [];
    const held = account.store.get('coupon_details', coupon.id);
    const off =
      coupon.amount_off === null
        ? null
        : coupon.currency === currency
          ? coupon.amount_off
          : (held?.currency_options?.[currency]?.amount_off ?? 0);
    return [
      {
        id,
        percent_off: coupon.percent_off,
        amount_off: off,
        products: held?.products ?? null,
        item: bound ? item : null,
      },
    ];
  });
}
