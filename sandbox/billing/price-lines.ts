import { percentOf, share, type Rounding } from './decimal.js';
import type { Line } from './lines.js';

/** A discount as it bears on one invoice. */
export interface DiscountRule {
  id: string;
  percent_off: number | null;
  /** In the invoice's currency. */
  amount_off: number | null;
  /** Null: every product. */
  products: string[] | null;
  /** Null: every line; else only lines of this subscription item. */
  item: string | null;
}

export interface TaxRule {
  rate: string;
  percent: number;
  inclusive(line: Line): boolean;
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

/** Takes the discounts off the lines, those of single items first, then what credits paid, and adds the tax of what is left. */
export function priceLines(
  lines: Line[],
  discounts: DiscountRule[],
  tax: TaxRule | null,
  rounding: Rounding,
): { lines: Line[]; totals: Totals } {
  const off = lines.map((): { amount: number; discount: string }[] => []);
  const ordered = [...discounts.filter(({ item }) => item !== null), ...discounts.filter(({ item }) => item === null)];
  for (const rule of ordered) takeOff(lines, off, rule, rounding);
  const priced = lines.map((line, place) => {
    const discount_amounts = line.discountable ? (off[place] ?? []) : (line.discount_amounts ?? []);
    return {
      ...line,
      discount_amounts,
      taxes: tax
        ? [taxOn(line, line.amount - sum(discount_amounts) - sum(line.pretax_credit_amounts ?? []), tax, rounding)]
        : [],
    };
  });
  return { lines: priced, totals: totalsOf(priced) };
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
    const taken =
      rule.percent_off !== null
        ? percentOf(amount, String(rule.percent_off), rounding)
        : share(left, amount, below, rounding);
    left -= taken;
    below -= amount;
    if (taken > 0) off[place]?.push({ amount: taken, discount: rule.id });
  });
}

function eligible(line: Line, { products, item }: DiscountRule): boolean {
  if (!line.discountable) return false;
  if (products && !products.includes(line.pricing?.price_details?.product ?? '')) return false;
  return item === null || line.parent?.subscription_item_details?.subscription_item === item;
}

function taxOn(line: Line, net: number, tax: TaxRule, rounding: Rounding): NonNullable<Line['taxes']>[number] {
  const inclusive = tax.inclusive(line);
  const percent = String(tax.percent);
  const amount = inclusive ? net - shareWithout(net, percent, rounding) : percentOf(net, percent, rounding);
  return {
    amount,
    tax_behavior: inclusive ? 'inclusive' : 'exclusive',
    tax_rate_details: { tax_rate: tax.rate },
    taxability_reason: tax.percent === 0 ? 'not_subject_to_tax' : 'standard_rated',
    taxable_amount: inclusive ? net - amount : net,
    type: 'tax_rate_details',
  };
}

/** `net / (1 + percent / 100)` */
function shareWithout(net: number, percent: string, rounding: Rounding): number {
  const thousandths = Math.round(Number(percent) * 10_000);
  return share(net, 1_000_000, 1_000_000 + thousandths, rounding);
}

function sum(amounts: { amount: number }[]): number {
  return amounts.reduce((total, { amount }) => total + amount, 0);
}

function totalsOf(lines: Line[]): Totals {
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
  const exclusive = sum(total_taxes.filter(({ tax_behavior }) => tax_behavior === 'exclusive'));
  const inclusive = sum(total_taxes.filter(({ tax_behavior }) => tax_behavior === 'inclusive'));
  const credits = lines.flatMap((line) => line.pretax_credit_amounts ?? []);
  const discounted = subtotal - [...discounts.values()].reduce((all, amount) => all + amount, 0) - sum(credits);
  return {
    subtotal,
    subtotal_excluding_tax: subtotal - inclusive,
    total: discounted + exclusive,
    total_excluding_tax: discounted - inclusive,
    total_discount_amounts: [...discounts].map(([discount, amount]) => ({ amount, discount })),
    total_pretax_credit_amounts: credits,
    total_taxes,
  };
}
