import type { Account } from '../account.js';
import { parameterInvalid, parameterMissing } from '../http/errors.js';
import { choice, currency, decimal, integer, record, text } from '../http/parameters.js';
import { createPrice, inlineRecurring, type NewPrice } from './prices.js';

const amounts = {
  currency: currency().required(),
  product: text().required(),
  tax_behavior: choice('exclusive', 'inclusive', 'unspecified'),
  unit_amount: integer(0),
  unit_amount_decimal: decimal(),
};

/** A recurring price made for one use, which no list of prices shows. */
export const recurringPriceData = record({ ...amounts, recurring: inlineRecurring.required() });

/** A one-time price made for one use. */
export const oneTimePriceData = record(amounts);

interface Priced {
  price?: string;
  price_data?: Omit<NewPrice, 'product_data'>;
}

/** The id of the price that is named, or made from the data; undefined where neither is given. */
export function priceIn(account: Account, { price, price_data }: Priced, param: string): string | undefined {
  if (!price_data) return price;
  if (price !== undefined)
    throw parameterInvalid(param, 'You may only specify one of these parameters: price, price_data.');
  return createPrice(account, price_data, true).id;
}

export function neededPrice(account: Account, given: Priced, param: string): string {
  const id = priceIn(account, given, param);
  if (id === undefined) throw parameterMissing(`${param}[price]`);
  return id;
}
