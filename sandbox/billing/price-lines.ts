import { percentOf, share, toStep, type Rounding } from './decimal.js';
import type { Line } from './lines.js';
import { stepOf } from './money.js';

/** A discount as it bears on one invoice. */
export interface DiscountRule {
  id: string;
  percent_off: number | null;
  /** In the invoice's currency. */
  amount_off: number | null;
  /** Null: every product. */
  products: string[] | null;
  /** Null: every line; else only lines of this subscription item or invoice item. */
  item: string | null;
}

export interface TaxRule {
  rate: string;
  percent: number;
  inclusive: boolean;
  reason: NonNullable<Line['taxes']>[number]['taxability_reason'];
}

export interface Totals {
  subtotal: number;
  subtotal_excluding_tax: number;
  total: number;
  total_excluding_tax: number;
  total_discount_amounts: { amount: number; discount: string }[];
  total_pretax_credit_amounts: NonNullable<Line['pretax_credit_amounts']>;
  total_taxes: NonNullable<Line['taxes']>;
}

/** Takes the discounts off the lines, those of single items first. */
export function discountLines(lines: Line[], discounts: DiscountRule[], rounding: Rounding): Line[] {
  const off = lines.map((): { amount: number; discount: string }[] => []);
  const ordered = [...discounts.filter(({ item }) => item !== null), ...discounts.filter(({ item }) => item === null)];
  for (const rule of ordered) takeOff(lines, off, rule, rounding);
  return lines.map((line, place) => {
    const discount_amounts = line.discountable ? (off[place] ?? []) : (line.discount_amounts ?? []);
    const pretax_credit_amounts = discount_amounts.map((one) => ({ ...one, type: 'discount' as const }));
    return { ...line, discount_amounts, pretax_credit_amounts };
  });
}

/** What is left of a line once its discounts and credits are off. */
export function netOf(line: Line): number {
  return line.amount - sum(line.pretax_credit_amounts ?? []);
}

/** Adds the taxes of what discounts and credits left of each line. */
export function taxLines(lines: Line[], rulesFor: (line: Line) => TaxRule[], rounding: Rounding): Line[] {
  return lines.map((line) => ({ ...line, taxes: taxesOn(netOf(line), rulesFor(line), rounding, line.currency) }));
}

function takeOff(
  lines: Line[],
  off: { amount: number; discount: string }[][],
  rule: DiscountRule,
  rounding: Rounding,
): void {
  const remaining = lines.map((line, place) => (eligible(line, rule) ? line.amount - sum(off[place] ?? []) : 0));
  const whole = remaining.reduce((total, amount) => total + amount, 0);
  if (whole <= 0) return;
  let left = Math.min(rule.amount_off ?? 0, whole);
  let below = whole;
  remaining.forEach((amount, place) => {
    if (amount <= 0) return;
    const part =
      rule.percent_off !== null
        ? percentOf(amount, String(rule.percent_off), rounding)
        : share(left, amount, below, rounding);
    const taken = Math.min(amount, toStep(part, stepOf(lines[place]?.currency ?? '')));
    left -= taken;
    below -= amount;
    if (taken > 0) off[place]?.push({ amount: taken, discount: rule.id });
  });
}

function eligible(line: Line, { products, item }: DiscountRule): boolean {
  if (!line.discountable) return false;
  if (products && !products.includes(line.pricing?.price_details?.product ?? '')) return false;
  return (
    item === null || [line.parent?.subscription_item_details?.subscription_item, invoiceItemOf(line)].includes(item)
  );
}

/** The invoice item a line comes from; undefined where it bills a period of a subscription item. */
export function invoiceItemOf({ parent }: Pick<Line, 'parent'>): string | undefined {
  const id = parent?.subscription_item_details?.invoice_item ?? parent?.invoice_item_details?.invoice_item;
  return id ?? undefined;
}

/** Inclusive rates take their shares out of the amount; exclusive ones come on top of what then is left. */
export function taxesOn(
  net: number,
  rules: TaxRule[],
  rounding: Rounding,
  currency: string,
): NonNullable<Line['taxes']> {
  const charged = (amount: number): number => toStep(amount, stepOf(currency));
  const parts = rules.map(({ percent, inclusive }) => (inclusive ? Math.round(percent * 10_000) : 0));
  let below = parts.reduce((all, part) => all + part, 0);
  let left = charged(net - share(net, 1_000_000, 1_000_000 + below, rounding));
  const taxable_amount = net - left;
  return rules.map(({ rate, percent, inclusive, reason }, place) => {
    const part = parts[place] ?? 0;
    const amount = charged(
      inclusive ? share(left, part, below, rounding) : percentOf(taxable_amount, String(percent), rounding),
    );
    if (inclusive) left -= amount;
    below -= part;
    return {
      amount,
      tax_behavior: inclusive ? 'inclusive' : 'exclusive',
      tax_rate_details: { tax_rate: rate },
      taxability_reason: reason,
      taxable_amount,
      type: 'tax_rate_details',
    };
  });
}

function sum(amounts: { amount: number }[]): number {
  return amounts.reduce((total, { amount }) => total + amount, 0);
}

export function totalsOf(lines: Line[]): Totals {
  const subtotal = sum(lines);
  const discounts = new Map<string, number>();
  const taxes = new Map<string, NonNullable<Line['taxes']>[number]>();
  for (const line of lines) {
    for (const { amount, discount } of line.discount_amounts ?? [])
      discounts.set(discount, (discounts.get(discount) ?? 0) + amount);
    for (const tax of line.taxes ?? []) {
      const key = `${tax.tax_rate_details?.tax_rate} ${tax.tax_behavior}`;
      const held = taxes.get(key);
      taxes.set(
        key,
        held
          ? {
              ...held,
              amount: held.amount + tax.amount,
              taxable_amount: (held.taxable_amount ?? 0) + (tax.taxable_amount ?? 0),
            }
          : tax,
      );
    }
  }
  const total_taxes = [...taxes.values()];
  const total_discount_amounts = [...discounts].map(([discount, amount]) => ({ amount, discount }));
  const exclusive = sum(total_taxes.filter(({ tax_behavior }) => tax_behavior === 'exclusive'));
  const inclusive = sum(total_taxes.filter(({ tax_behavior }) => tax_behavior === 'inclusive'));
  const discounted = lines.reduce((all, line) => all + netOf(line), 0);
  return {
    subtotal,
    subtotal_excluding_tax: subtotal - inclusive,
    total: discounted + exclusive,
    total_excluding_tax: discounted - inclusive,
    total_discount_amounts,
    total_pretax_credit_amounts: [
      ...total_discount_amounts.map((one) => ({ ...one, type: 'discount' as const })),
      ...lines.flatMap((line) => (line.pretax_credit_amounts ?? []).filter(({ type }) => type !== 'discount')),
    ],
    total_taxes,
  };
}
