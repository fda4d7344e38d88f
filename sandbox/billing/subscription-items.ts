import type { Account } from '../account.js';
import { parameterInvalid, parameterMissing } from '../http/errors.js';
import type { Tables } from '../store/tables.js';
import { fullPrice, isMetered, sellsIn } from './price-amount.js';
import type { Item } from './lines.js';

export interface NewItem {
  price: string;
  quantity?: number;
  metadata?: Record<string, string>;
  discounts?: string[];
  tax_rates?: Tables['tax_rate'][];
  /** Said by a phase that was taken when the price was sold: whatever became of it since, the phase is entered. */
  accepted?: boolean;
}

export interface ItemContext {
  subscription: string;
  item: NewItem;
  period: { start: number; end: number };
  currency: string;
  customer: string;
}

export function createItem(account: Account, { subscription, item, period, currency, customer }: ItemContext): Item {
  const price = checkedPrice(account, item.price, currency, item.accepted);
  return {
    id: account.newId('si', 14),
    object: 'subscription_item',
    billing_thresholds: null,
    created: account.now(customer),
    current_period_end: period.end,
    current_period_start: period.start,
    current_trial: null,
    discounts: item.discounts ?? [],
    metadata: item.metadata ?? {},
    plan: planOf(price),
    price,
    ...(isMetered(price) ? {} : { quantity: item.quantity ?? 1 }),
    subscription,
    tax_rates: item.tax_rates ?? [],
  };
}

/** A price that can be subscribed to in the currency. One that is held, or accepted already, may be sold no more. */
export function checkedPrice(account: Account, id: string, currency: string, held = false): Tables['price'] {
  const price = account.store.get('price', id);
  if (!price) throw parameterMissing('items[0][price]');
  if (!price.active && !held)
    throw parameterInvalid(
      'items[0][price]',
      `The price specified is inactive. This field only accepts active prices. (${id})`,
    );
  if (!price.recurring) {
    throw parameterInvalid(
      'items[0][price]',
      `The price specified is set to \`type=one_time\` but this field only accepts prices with \`type=recurring\`. (${id})`,
    );
  }
  if (!sellsIn(fullPrice(account, id), currency)) {
    throw parameterInvalid(
      'items[0][price]',
      `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${currency}\`.`,
    );
  }
  return price;
}

/** The legacy mirror of a price. */
export function planOf(price: Tables['price']): Item['plan'] {
  const { recurring } = price;
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: (recurring?.interval ?? 'month') as Item['plan']['interval'],
    interval_count: recurring?.interval_count ?? 1,
    livemode: false,
    metadata: price.metadata,
    meter: recurring?.meter ?? null,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: price.tiers_mode as Item['plan']['tiers_mode'],
    transform_usage: price.transform_quantity as Item['plan']['transform_usage'],
    trial_period_days: recurring?.trial_period_days ?? null,
    usage_type: (recurring?.usage_type ?? 'licensed') as Item['plan']['usage_type'],
  };
}
