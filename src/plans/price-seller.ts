import { BillingInterval, type PriceState } from './plan.js';

/** What says which plan or add-on a price sells, strongest first. */
export enum FoundBy {
  LOOKUP_KEY = 'LOOKUP_KEY',
  PRICE_METADATA = 'PRICE_METADATA',
  PRODUCT_METADATA = 'PRODUCT_METADATA',
  /** By its id in the settings: a fallback that warns. */
  CONFIGURED = 'CONFIGURED',
}

/** Every name that is said of a price, in the order in which they count. */
export type SellerClaims = Record<FoundBy, string | null>;

export interface Seller {
  planKey: string | null;
  addOnKey: string | null;
  foundBy: FoundBy | null;
}

export interface KnownSellers {
  plans: ReadonlySet<string>;
  addOns: ReadonlySet<string>;
}

const ORDER = [FoundBy.LOOKUP_KEY, FoundBy.PRICE_METADATA, FoundBy.PRODUCT_METADATA, FoundBy.CONFIGURED];
const LOOKUP_KEY = /^(.+)_(day|week|month|year)(?:_([a-z]{3}))?$/;

/** What a price sells: the first claim that names a plan or an add-on of the catalogue. */
export function sellerOf(claims: SellerClaims, known: KnownSellers): Seller {
  for (const foundBy of ORDER) {
    const key = claims[foundBy];
    if (key === null) continue;
    if (known.plans.has(key)) return { planKey: key, addOnKey: null, foundBy };
    if (known.addOns.has(key)) return { planKey: null, addOnKey: key, foundBy };
  }
  return { planKey: null, addOnKey: null, foundBy: null };
}

/**
 * Who names a plan or add-on that is not there, and would count more than what was found. Lookup keys are left out: they
 * may follow the same form for a purpose of their own.
 */
export function unknownSellers(claims: SellerClaims, known: KnownSellers): { foundBy: FoundBy; key: string }[] {
  const { foundBy: found } = sellerOf(claims, known);
  const stronger = found === null ? ORDER : ORDER.slice(0, ORDER.indexOf(found));
  return stronger.flatMap((foundBy) => {
    const key = claims[foundBy];
    const counts = foundBy === FoundBy.PRICE_METADATA || foundBy === FoundBy.CONFIGURED;
    return counts && key !== null ? [{ foundBy, key }] : [];
  });
}

export interface LookupName {
  key: string;
  interval: BillingInterval;
  /** Upper case; null when the key names none. */
  currency: string | null;
}

/** Reads `<plan>_<interval>[_<currency>]`; null for a lookup key of another form. */
export function parseLookupKey(lookupKey: string | null): LookupName | null {
  const [, key, interval, currency] = LOOKUP_KEY.exec(lookupKey ?? '') ?? [];
  if (key === undefined || interval === undefined) return null;
  return {
    key,
    interval: BillingInterval[interval.toUpperCase() as keyof typeof BillingInterval],
    currency: currency?.toUpperCase() ?? null,
  };
}

/** Whether a price is what its lookup key says; one that is not is found by its other names only. */
export function keepsItsName(
  { key: _key, interval, currency }: LookupName,
  price: Pick<PriceState, 'interval' | 'intervalCount' | 'currency' | 'currencyOptions'>,
): boolean {
  const sold = currency === null || currency === price.currency || Object.hasOwn(price.currencyOptions ?? {}, currency);
  return price.interval === interval && price.intervalCount === 1 && sold;
}
