import type { Account } from '../account.js';
import { scaled } from '../billing/decimal.js';
import { previousAttributes } from '../events/previous-attributes.js';
import { byKey, choice, decimal, either, integer, list, record, type Values } from '../http/parameters.js';
import type { PriceDetailsRow, Tables } from '../store/tables.js';

const upTo = either(choice('inf'), integer(1), (raw) => raw === 'inf');
export const tiers = list(
  record({
    up_to: upTo.required(),
    unit_amount: integer(0),
    unit_amount_decimal: decimal(),
    flat_amount: integer(0),
    flat_amount_decimal: decimal(),
  }),
);
export const taxBehavior = choice('exclusive', 'inclusive', 'unspecified');
export const currencyOptions = byKey(
  record({ unit_amount: integer(0), unit_amount_decimal: decimal(), tax_behavior: taxBehavior, tiers }),
);

interface Detailed {
  currency: string;
  currency_options?: Record<string, CurrencyParams>;
  tax_behavior?: CurrencyParams['tax_behavior'];
  tiers?: TierParams;
}
type CurrencyParams = NonNullable<Values<{ options: typeof currencyOptions }>['options']>[string];
type TierParams = NonNullable<Values<{ tiers: typeof tiers }>['tiers']>;

interface Amounts {
  unit_amount: number | null;
  unit_amount_decimal: string | null;
}

/** `unit_amount` is null where the decimal is not a whole number. */
export function amountsOf(given: { unit_amount?: number; unit_amount_decimal?: string }): Amounts {
  const decimalAmount = given.unit_amount_decimal ?? String(given.unit_amount ?? 0);
  const whole = scaled(decimalAmount) % 10n ** 12n === 0n;
  const normal = whole ? String(scaled(decimalAmount) / 10n ** 12n) : decimalAmount.replace(/0+$/, '');
  return { unit_amount: whole ? Number(normal) : null, unit_amount_decimal: normal };
}

function tiersFrom(given: TierParams): NonNullable<PriceDetailsRow['tiers']> {
  return given.map((tier) => {
    const unit = amountsOf(tier);
    const flat = amountsOf({ unit_amount: tier.flat_amount, unit_amount_decimal: tier.flat_amount_decimal });
    const hasUnit = tier.unit_amount !== undefined || tier.unit_amount_decimal !== undefined;
    const hasFlat = tier.flat_amount !== undefined || tier.flat_amount_decimal !== undefined;
    return {
      up_to: tier.up_to === 'inf' ? null : tier.up_to,
      unit_amount: hasUnit ? unit.unit_amount : null,
      unit_amount_decimal: hasUnit ? unit.unit_amount_decimal : null,
      flat_amount: hasFlat ? flat.unit_amount : null,
      flat_amount_decimal: hasFlat ? flat.unit_amount_decimal : null,
    };
  });
}

export function detailsOf(id: string, params: Detailed, tiered: boolean, amounts: Amounts): PriceDetailsRow {
  const options: NonNullable<PriceDetailsRow['currency_options']> = {
    [params.currency]: { custom_unit_amount: null, tax_behavior: params.tax_behavior ?? 'unspecified', ...amounts },
  };
  for (const [code, option] of Object.entries(params.currency_options ?? {})) {
    options[code] = {
      custom_unit_amount: null,
      tax_behavior: option.tax_behavior ?? 'unspecified',
      ...(option.tiers
        ? { tiers: tiersFrom(option.tiers), unit_amount: null, unit_amount_decimal: null }
        : amountsOf(option)),
    };
  }
  return { id, currency_options: options, ...(tiered ? { tiers: tiersFrom(params.tiers ?? []) } : {}) };
}

/** Adds currencies and replaces the amounts of others; what is not named stays. False where that changes nothing. */
export function addCurrencies(
  account: Account,
  price: Tables['price'],
  options: NonNullable<Detailed['currency_options']>,
): boolean {
  const before = account.store.get('price_details', price.id) ?? { id: price.id };
  const params = { currency: price.currency, currency_options: options };
  const { [price.currency]: _own, ...others } = detailsOf(price.id, params, false, price).currency_options ?? {};
  for (const [code, other] of Object.entries(others)) {
    const held = before.currency_options?.[code];
    if (held && options[code]?.tax_behavior === undefined) other.tax_behavior = held.tax_behavior;
  }
  const after = { ...before, currency_options: { ...before.currency_options, ...others } };
  if (previousAttributes(before, after) === null) return false;
  account.store.put('price_details', after);
  return true;
}
