import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';
import { type FullPrice, unitDecimal } from './price-amount.js';
import { formatAmount } from './money.js';

export type Line = Tables['invoice']['lines']['data'][number];
export type Subscription = Tables['subscription'];
export type Item = Subscription['items']['data'][number];

export interface NewLine {
  amount: number;
  currency: string;
  description: string;
  period: { start: number; end: number };
  quantity: number | null;
  price: FullPrice | null;
  discountable: boolean;
  discounts?: string[];
  metadata?: Record<string, string>;
  parent: Line['parent'];
  subscription: string | null;
}

export function createLine(account: Account, invoice: string, given: NewLine): Line {
  const { price, quantity } = given;
  return {
    id: account.newId('il'),
    object: 'line_item',
    amount: given.amount,
    currency: given.currency,
    description: given.description,
    discount_amounts: [],
    discountable: given.discountable,
    discounts: given.discounts ?? [],
    invoice,
    livemode: false,
    metadata: given.metadata ?? {},
    parent: given.parent,
    period: given.period,
    pretax_credit_amounts: [],
    pricing: price
      ? {
          type: 'price_details',
          price_details: { price: price.id, product: price.product },
          unit_amount_decimal:
            given.currency === price.currency
              ? price.unit_amount_decimal
              : (price.currency_options?.[given.currency]?.unit_amount_decimal ?? null),
        }
      : null,
    quantity,
    quantity_decimal: quantity === null ? null : String(quantity),
    subscription: given.subscription,
    subtotal: given.amount,
    taxes: [],
  };
}

export function itemParent(subscription: string, item: string): NonNullable<Line['parent']> {
  return {
    type: 'subscription_item_details',
    invoice_item_details: null,
    subscription_item_details: {
      invoice_item: null,
      proration: false,
      proration_details: null,
      subscription,
      subscription_item: item,
    },
  };
}

export function isProration(line: Line): boolean {
  return Boolean(line.parent?.subscription_item_details?.proration || line.parent?.invoice_item_details?.proration);
}

/** `2 × Team (at $20.00 / month)` */
export function describeItem(account: Account, price: FullPrice, quantity: number | null, currency: string): string {
  const name = account.store.get('product', price.product)?.name ?? price.product;
  const { interval = 'month', interval_count: every = 1 } = price.recurring ?? {};
  const each = price.billing_scheme === 'tiered' ? 'Tier 1' : formatAmount(unitDecimal(price, currency), currency);
  return `${quantity ?? 1} × ${name} (at ${each} / ${every === 1 ? interval : `every ${every} ${interval}s`})`;
}
