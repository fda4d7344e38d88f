import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';
import type { Invoice } from './draft-invoice.js';
import type { Line } from './lines.js';
import { invoiceItemOf, type DiscountRule } from './price-lines.js';

/** The discounts that bear on an invoice: those of its subscription and invoice items, then those of its subscription or itself. */
export function discountRulesFor(account: Account, invoice: Invoice, lines: Line[]): DiscountRule[] {
  const ofItems = itemsOf(account, lines).flatMap(({ id, discounts }) =>
    discountRulesOf(account, discounts, invoice.currency, id, true),
  );
  const ofInvoiceItems = lines.flatMap((line) => {
    const item = account.store.get('invoiceitem', invoiceItemOf(line) ?? '');
    return item ? discountRulesOf(account, item.discounts ?? [], invoice.currency, item.id, true) : [];
  });
  return [...ofItems, ...ofInvoiceItems, ...discountRulesOf(account, invoice.discounts, invoice.currency, null)];
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
    const coupon = discount?.source.coupon;
    if (!discount || !coupon || !couponNamed(account, coupon)) return [];
    return [{ ...couponRule(account, coupon, currency), id, item: bound ? item : null }];
  });
}

function couponNamed(account: Account, id: string): Tables['coupon'] | undefined {
  return account.store.get('coupon', id) ?? account.store.get('deleted_coupon', id);
}

/** What a coupon takes off in a currency, of every line that holds one of its products. */
export function couponRule(account: Account, id: string, currency: string): DiscountRule {
  const coupon = couponNamed(account, id);
  const held = account.store.get('coupon_details', id);
  const elsewhere = held?.currency_options[currency]?.amount_off ?? 0;
  const whole = coupon?.amount_off ?? null;
  return {
    id,
    percent_off: coupon?.percent_off ?? null,
    amount_off: whole === null || coupon?.currency === currency ? whole : elsewhere,
    products: held?.products ?? null,
    item: null,
  };
}
