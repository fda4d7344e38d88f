import type { Account } from '../account.js';
import { timesQuantity } from '../billing/decimal.js';
import { redeemDiscounts } from '../billing/discount-life.js';
import { invoiceItemFrom, type InvoiceItem, type NewInvoiceItem } from '../billing/invoice-items.js';
import { amountOf, fullPrice, sellsIn } from '../billing/price-amount.js';
import { parameterInvalid, parameterMissing } from '../http/errors.js';
import {
  clearableText,
  decimal,
  integer,
  mergeMetadata,
  metadata,
  record,
  text,
  timestamp,
  type Values,
  yesNo,
} from '../http/parameters.js';
import { findNamed } from './find.js';
import { oneTimePriceData, priceIn } from './inline-price.js';
import { discountList } from './subscription-params.js';
import { ratesNamed, taxRateList } from './tax-rates.js';

/** By what something is described that is billed once. */
export const describing = {
  amount: integer(),
  description: clearableText(),
  discountable: yesNo(),
  discounts: discountList.clearable(),
  metadata: metadata(),
  period: record({ start: timestamp().required(), end: timestamp().required() }),
  price_data: oneTimePriceData,
  pricing: record({ price: text().required() }),
  quantity: integer(0),
  tax_rates: taxRateList,
  unit_amount_decimal: decimal(),
};
export type Described = Values<typeof describing>;

export interface ItemOwner {
  customer: string;
  /** Where the description names none. */
  currency?: string | null;
  subscription?: string | null;
  /** What the description changes. */
  held?: InvoiceItem;
}

/** The invoice item that is described; `param` is the name the description came under. */
export function describedItem(account: Account, given: Described, owner: ItemOwner, param = ''): NewInvoiceItem {
  const nameOf = (key: string): string => (param ? `${param}[${key}]` : key);
  const { customer, held } = owner;
  const named = given.pricing?.price ?? priceIn(account, { price_data: given.price_data }, nameOf('pricing'));
  const said = given.amount !== undefined || given.unit_amount_decimal !== undefined;
  const priceId = named ?? (said ? undefined : held?.pricing?.price_details?.price);
  const price = priceId ? fullPrice(account, findNamed(account, 'price', priceId, nameOf('pricing')).id) : null;
  const currency = owner.currency ?? price?.currency;
  if (!currency) throw parameterMissing(nameOf('currency'));
  if (price && !sellsIn(price, currency))
    throw parameterInvalid(
      nameOf('pricing'),
      `The price ${price.id} is sold in ${price.currency}, not in ${currency}.`,
    );
  const quantity = given.quantity ?? held?.quantity ?? 1;
  const { rounding } = account.settings;
  const amount = price
    ? amountOf(price, quantity, currency, rounding)
    : given.unit_amount_decimal !== undefined
      ? timesQuantity(given.unit_amount_decimal, quantity, rounding)
      : (given.amount ?? held?.amount);
  if (amount === undefined) throw parameterMissing(nameOf('amount'));
  const now = account.now(customer);
  const { discounts } = given;
  return {
    customer,
    amount,
    currency,
    description: given.description === undefined ? (held?.description ?? null) : given.description,
    period: given.period ?? held?.period ?? { start: now, end: now },
    quantity,
    price,
    proration: held?.proration ?? false,
    subscription: owner.subscription ?? null,
    subscriptionItem: null,
    discountable: given.discountable ?? held?.discountable ?? true,
    discounts:
      discounts === undefined ? (held?.discounts ?? []) : redeemDiscounts(account, discounts ?? [], { customer }),
    metadata: mergeMetadata(held?.metadata ?? {}, given.metadata),
    tax_rates: ratesNamed(account, given.tax_rates, nameOf('tax_rates')) ?? held?.tax_rates ?? [],
  };
}

/** The item as the description changes it, wherever it stands. */
export function changeItem(account: Account, held: InvoiceItem, given: Described, param = ''): InvoiceItem {
  const { id, customer, currency, date, invoice, parent } = held;
  const subscription = parent?.subscription_details?.subscription;
  const described = describedItem(account, given, { customer: String(customer), currency, subscription, held }, param);
  return account.update('invoiceitem', id, { ...invoiceItemFrom(account, described), id, date, invoice, parent });
}
