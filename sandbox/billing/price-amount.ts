import type { PriceDetailsRow, Tables } from '../store/tables.js';
import type { Account } from '../account.js';
import { roundScaled, scaled, type Rounding } from './decimal.js';

/** A price with the parts that are usually not shown. */
export type FullPrice = Tables['price'] & Pick<PriceDetailsRow, 'tiers' | 'currency_options'>;
type Price = Tables['price'];
type Tier = { up_to: number | null; unit_amount_decimal: string | null; flat_amount_decimal: string | null };

export function fullPrice(account: Account, id: string): FullPrice {
  const price = account.store.get('price', id);
  if (!price) throw new Error(`The sandbox looked for price '${id}', which it does not hold.`);
  const { tiers, currency_options } = account.store.get('price_details', id) ?? { id };
  return { ...price, tiers, currency_options };
}

/** The recurring part of a price that must have one. */
export function recurringOf(price: Price): NonNullable<Price['recurring']> {
  if (!price.recurring) throw new Error(`Price '${price.id}' is not recurring.`);
  return price.recurring;
}

export function isMetered(price: Price): boolean {
  return price.recurring?.usage_type === 'metered';
}

/** What a quantity of the price costs in the currency, in minor units. */
export function amountOf(price: FullPrice, quantity: number, currency: string, rounding: Rounding): number {
  const units = transformed(price, quantity);
  const tiers = tiersIn(price, currency);
  if (tiers) {
    const total = price.tiers_mode === 'volume' ? volumeTotal(tiers, units) : graduatedTotal(tiers, units);
    return roundScaled(total, rounding);
  }
  return roundScaled(scaled(unitDecimal(price, currency)) * BigInt(units), rounding);
}

export function unitDecimal(price: FullPrice, currency: string): string {
  if (currency === price.currency) return price.unit_amount_decimal ?? '0';
  return price.currency_options?.[currency]?.unit_amount_decimal ?? '0';
}

export function sellsIn(price: FullPrice, currency: string): boolean {
  return price.currency === currency || price.currency_options?.[currency] !== undefined;
}

function tiersIn(price: FullPrice, currency: string): Tier[] | undefined {
  if (price.billing_scheme !== 'tiered') return undefined;
  return (currency === price.currency ? price.tiers : price.currency_options?.[currency]?.tiers) as Tier[] | undefined;
}

function transformed(price: Price, quantity: number): number {
  const rule = price.transform_quantity;
  if (!rule) return quantity;
  return rule.round === 'up' ? Math.ceil(quantity / rule.divide_by) : Math.floor(quantity / rule.divide_by);
}

function tierTotal(tier: Tier | undefined, units: number): bigint {
  if (!tier) return 0n;
  return scaled(tier.unit_amount_decimal ?? '0') * BigInt(units) + scaled(tier.flat_amount_decimal ?? '0');
}

function volumeTotal(tiers: Tier[], units: number): bigint {
  return tierTotal(tiers.find((tier) => tier.up_to === null || units <= tier.up_to) ?? tiers.at(-1), units);
}

/** Units fill the tiers from the bottom. Nothing used still enters the first tier, whose flat amount is due. */
function graduatedTotal(tiers: Tier[], units: number): bigint {
  let total = 0n;
  let below = 0;
  for (const tier of tiers) {
    if (below > 0 && units <= below) break;
    const top = tier.up_to ?? Infinity;
    total += tierTotal(tier, Math.max(0, Math.min(units, top) - below));
    below = top;
  }
  return total;
}
