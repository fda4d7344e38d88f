import type Stripe from 'stripe';
import { expectObject, isMissing } from '../stripe/errors.js';
import { idOf, instant } from '../stripe/objects.js';
import { type MetadataProblem, readMetadata, METADATA, APP } from './metadata.js';
import { BillingInterval, type PlanState, PriceModel, type PriceState } from './plan.js';

/** A product with all its prices as one look saw them. */
export interface SeenProduct {
  id: string;
  /** Null when the product is not ours, is gone, or cannot be a plan. */
  plan: PlanState | null;
  prices: PriceState[];
  problems: MetadataProblem[];
}

/** Two calls. A product that Stripe does not know is an answer: it has no plan and no prices. */
export async function fetchProduct(stripe: Stripe, id: string): Promise<SeenProduct> {
  let product: Stripe.Product | Stripe.DeletedProduct;
  try {
    product = expectObject(await stripe.products.retrieve(id), 'product');
  } catch (thrown) {
    if (isMissing(thrown)) return { id, plan: null, prices: [], problems: [] };
    throw thrown;
  }
  if ('deleted' in product && product.deleted) return { id, plan: null, prices: [], problems: [] };
  const prices: Stripe.Price[] = [];
  for (const active of [true, false]) {
    for await (const price of stripe.prices.list({ product: id, active, limit: 100 })) prices.push(price);
  }
  return toSeenProduct(product as Stripe.Product, prices);
}

/** Ids of every product, page by page to the end, archived ones included. */
export async function* listProductIds(stripe: Stripe): AsyncGenerator<string> {
  for (const active of [true, false]) {
    for await (const product of stripe.products.list({ active, limit: 100 })) yield product.id;
  }
}

export function toSeenProduct(product: Stripe.Product, prices: readonly Stripe.Price[]): SeenProduct {
  if (product.metadata[METADATA.app] !== APP) return { id: product.id, plan: null, prices: [], problems: [] };
  const { plan: read, problems } = readMetadata(product.metadata);
  const plan: PlanState | null = read && {
    ...read,
    id: `plan_${read.key}`,
    productId: product.id,
    name: product.name,
    description: product.description,
    highlights: (product.marketing_features ?? []).flatMap(({ name }) => name ?? []),
    archived: !product.active,
    metadata: product.metadata,
  };
  return { id: product.id, plan, prices: prices.map((price) => toPrice(price, plan?.key ?? null)), problems };
}

const intervals: Record<string, BillingInterval> = {
  day: BillingInterval.DAY,
  week: BillingInterval.WEEK,
  month: BillingInterval.MONTH,
  year: BillingInterval.YEAR,
};

export function toPrice(raw: Stripe.Price, planKey: string | null): PriceState {
  return {
    id: raw.id,
    productId: idOf(raw.product) ?? '',
    planKey,
    lookupKey: raw.lookup_key,
    active: raw.active,
    interval: raw.recurring
      ? (intervals[raw.recurring.interval] ?? BillingInterval.ONE_TIME)
      : BillingInterval.ONE_TIME,
    intervalCount: raw.recurring?.interval_count ?? 1,
    model: toModel(raw),
    currency: raw.currency.toUpperCase(),
    unitAmount: raw.unit_amount,
    unitDecimal:
      raw.unit_amount_decimal === null || raw.unit_amount_decimal === undefined
        ? null
        : String(raw.unit_amount_decimal),
    taxInclusive: raw.tax_behavior === 'inclusive' ? true : raw.tax_behavior === 'exclusive' ? false : null,
    createdAt: instant(raw.created),
  };
}

function toModel(raw: Stripe.Price): PriceModel {
  if (raw.recurring?.usage_type === 'metered') return PriceModel.METERED;
  if (raw.billing_scheme === 'tiered') {
    if (raw.tiers_mode === 'graduated') return PriceModel.TIERED_GRADUATED;
    return raw.tiers_mode === 'volume' ? PriceModel.TIERED_VOLUME : PriceModel.UNRECOGNIZED;
  }
  return raw.transform_quantity ? PriceModel.PACKAGE : PriceModel.PER_UNIT;
}
