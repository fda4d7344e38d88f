import type { Account } from '../account.js';
import { couponRule } from '../billing/discounts.js';
import { createLine, type Line } from '../billing/lines.js';
import { amountOf, fullPrice } from '../billing/price-amount.js';
import { discountLines, taxLines, totalsOf } from '../billing/price-lines.js';
import { automaticTaxes, ruleFor } from '../billing/tax.js';
import { find } from '../resources/find.js';
import type { Session } from '../resources/checkout-sessions.js';
import type { CheckoutPlan, Tables } from '../store/tables.js';

type Ordered = CheckoutPlan['line_items'][number];
type Totals = Pick<Session, 'amount_subtotal' | 'amount_total' | 'total_details'>;

interface Order {
  items: Ordered[];
  currency: string;
  discounts: CheckoutPlan['discounts'];
  automatic_tax: boolean;
  customer: Tables['customer'] | null;
}

/** What the items of an order come to, by item, with the discounts and taxes of the whole. */
function priceOrder(account: Account, order: Order, amountFor: (item: Ordered, whole: number) => number): Line[] {
  const { currency, customer } = order;
  const { rounding } = account.settings;
  const byLine = new Map<string, Ordered>();
  const lines = order.items.map((item) => {
    const price = fullPrice(account, item.price);
    const line = createLine(account, '', {
      amount: amountFor(item, amountOf(price, item.quantity, currency, rounding)),
      currency,
      description: account.store.get('product', price.product)?.name ?? price.product,
      period: { start: 0, end: 0 },
      quantity: item.quantity,
      price,
      discountable: true,
      parent: null,
      subscription: null,
    });
    byLine.set(line.id, item);
    return line;
  });
  const rules = order.discounts.map((one) => couponRule(account, couponOf(account, one), currency));
  const ownRates = (line: Line): Tables['tax_rate'][] =>
    (byLine.get(line.id)?.tax_rates ?? []).map((id) => find(account, 'tax_rate', id));
  const rulesFor = order.automatic_tax
    ? automaticTaxes(account, customer ?? undefined).rulesFor
    : (line: Line) => ownRates(line).map((rate) => ruleFor(customer ?? undefined, rate));
  return taxLines(discountLines(lines, rules, rounding), rulesFor, rounding);
}

/** The coupon that is named, or that stands behind a promotion code. */
function couponOf(account: Account, { coupon, promotion_code }: CheckoutPlan['discounts'][number]): string {
  const promotion = promotion_code ? find(account, 'promotion_code', promotion_code) : null;
  return find(account, 'coupon', String(promotion?.promotion.coupon ?? coupon)).id;
}

function totals(lines: Line[]): { subtotal: number; discount: number; tax: number; total: number } {
  const { subtotal, total, total_discount_amounts, total_taxes } = totalsOf(lines);
  const sum = (parts: { amount: number }[]): number => parts.reduce((all, { amount }) => all + amount, 0);
  return { subtotal, total, discount: sum(total_discount_amounts), tax: sum(total_taxes) };
}

/** What is due today: recurring items cost nothing yet where a trial goes before them. */
function sessionTotals(account: Account, order: Order, trial: boolean): Totals {
  const lines = priceOrder(account, order, ({ price }, whole) =>
    trial && account.store.get('price', price)?.recurring ? 0 : whole,
  );
  const { subtotal, total, discount, tax } = totals(lines);
  return {
    amount_subtotal: subtotal,
    amount_total: total,
    total_details: { amount_discount: discount, amount_shipping: 0, amount_tax: tax },
  };
}

/** The items as the session shows them, each with its part of the discounts and taxes. */
function shownItems(account: Account, order: Order): CheckoutPlan['shown_items'] {
  const lines = priceOrder(account, order, (_item, whole) => whole);
  return order.items.map((item, place) => {
    const line = lines[place] as Line;
    const { subtotal, total, discount, tax } = totals([line]);
    const { tiers: _tiers, currency_options: _options, ...price } = fullPrice(account, item.price);
    return {
      id: item.id,
      object: 'item',
      adjustable_quantity: item.adjustable_quantity ?? null,
      amount_discount: discount,
      amount_subtotal: subtotal,
      amount_tax: tax,
      amount_total: total,
      currency: order.currency,
      description: line.description,
      metadata: {},
      price,
      quantity: item.quantity,
    } as CheckoutPlan['shown_items'][number];
  });
}

/** The session with its items, discounts and totals worked out anew, for the customer it is for by then. */
export function repriceSession(account: Account, id: string, customerId?: string | null): Session {
  const session = find(account, 'checkout.session', id);
  const plan = account.store.get('checkout_plan', id);
  if (!plan || session.mode === 'setup') return session;
  const order: Order = {
    items: plan.line_items,
    currency: session.currency ?? 'usd',
    discounts: plan.discounts,
    automatic_tax: session.automatic_tax.enabled,
    customer: account.store.get('customer', customerId ?? session.customer ?? '') ?? null,
  };
  account.store.put('checkout_plan', { ...plan, shown_items: shownItems(account, order) });
  const discounts = plan.discounts.map((one) => ({
    coupon: couponOf(account, one),
    promotion_code: one.promotion_code ?? null,
  }));
  return account.update('checkout.session', id, {
    ...sessionTotals(account, order, plan.trial),
    ...(discounts.length > 0 ? { discounts } : {}),
  });
}
