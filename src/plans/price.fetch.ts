import type Stripe from 'stripe';
import { idOf, instant } from '../stripe/objects.js';
import type { CatalogueProblemState } from './catalogue-problem.entity.js';
import { METADATA } from './metadata.js';
import { BillingInterval, type PriceAmounts, PriceModel, type PriceState, type PriceTierState } from './plan.js';
import { FoundBy, keepsItsName, parseLookupKey, type SellerClaims } from './price-seller.js';

/** What Stripe says of a price; what it sells is decided when it is stored, from all the plans that are known then. */
export type SeenPrice = Omit<PriceState, 'planKey' | 'addOnKey' | 'foundBy'> & { claims: SellerClaims };

const intervals: Record<string, BillingInterval> = {
  day: BillingInterval.DAY,
  week: BillingInterval.WEEK,
  month: BillingInterval.MONTH,
  year: BillingInterval.YEAR,
};

export function toPrice(raw: Stripe.Price, productKey: string | null, configuredKey: string | null): SeenPrice {
  const price = {
    id: raw.id,
    productId: idOf(raw.product) ?? '',
    lookupKey: raw.lookup_key,
    active: raw.active,
    interval: raw.recurring
      ? (intervals[raw.recurring.interval] ?? BillingInterval.ONE_TIME)
      : BillingInterval.ONE_TIME,
    intervalCount: raw.recurring?.interval_count ?? 1,
    model: toModel(raw),
    currency: raw.currency.toUpperCase(),
    ...toAmounts(raw),
    currencyOptions: toOptions(raw),
    createdAt: instant(raw.created),
  };
  const named = parseLookupKey(price.lookupKey);
  const metadata = raw.metadata ?? {};
  return {
    ...price,
    claims: {
      [FoundBy.LOOKUP_KEY]: named && keepsItsName(named, price) ? named.key : null,
      [FoundBy.PRICE_METADATA]: metadata[METADATA.addOnId] ?? metadata[METADATA.planId] ?? null,
      [FoundBy.PRODUCT_METADATA]: productKey,
      [FoundBy.CONFIGURED]: configuredKey,
    },
  };
}

/** What is odd about a price although it may be sold. */
export function problemsOfPrice(price: SeenPrice): CatalogueProblemState[] {
  const named = parseLookupKey(price.lookupKey);
  if (!price.active || named === null || keepsItsName(named, price)) return [];
  const found = `${price.intervalCount} ${price.interval.toLowerCase()} in ${price.currency}`;
  return [
    {
      objectId: price.id,
      field: 'lookup_key',
      reason: `lookup_key is '${price.lookupKey}', but the price is for ${found}`,
      remedy: 'Move the lookup key to the price that it describes.',
      warning: true,
    },
  ];
}

type RawAmounts = Pick<Stripe.Price.CurrencyOptions, 'unit_amount' | 'unit_amount_decimal' | 'tax_behavior'> & {
  tiers?: Stripe.Price.Tier[] | Stripe.Price.CurrencyOptions.Tier[];
};

function toAmounts(raw: RawAmounts): PriceAmounts {
  return {
    unitAmount: raw.unit_amount,
    unitDecimal: decimal(raw.unit_amount_decimal),
    taxInclusive: raw.tax_behavior === 'inclusive' ? true : raw.tax_behavior === 'exclusive' ? false : null,
    tiers: raw.tiers ? raw.tiers.map(toTier) : null,
  };
}

const toTier = (raw: Stripe.Price.Tier | Stripe.Price.CurrencyOptions.Tier): PriceTierState => ({
  upTo: raw.up_to,
  unitAmount: raw.unit_amount,
  unitDecimal: decimal(raw.unit_amount_decimal),
  flatAmount: raw.flat_amount,
});

/** A Decimal of the SDK, or a plain string inside `currency_options`. */
const decimal = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value as string);

function toOptions({ currency, currency_options: options }: Stripe.Price): PriceState['currencyOptions'] {
  const others = Object.entries(options ?? {}).filter(([code]) => code !== currency);
  if (others.length === 0) return null;
  others.sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(others.map(([code, amounts]) => [code.toUpperCase(), toAmounts(amounts)]));
}

function toModel(raw: Stripe.Price): PriceModel {
  if (raw.recurring?.usage_type === 'metered') return PriceModel.METERED;
  if (raw.billing_scheme === 'tiered') {
    if (raw.tiers_mode === 'graduated') return PriceModel.TIERED_GRADUATED;
    return raw.tiers_mode === 'volume' ? PriceModel.TIERED_VOLUME : PriceModel.UNRECOGNIZED;
  }
  return raw.transform_quantity ? PriceModel.PACKAGE : PriceModel.PER_UNIT;
}
