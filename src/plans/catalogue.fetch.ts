import type Stripe from 'stripe';
import { expectObject, isMissing } from '../stripe/errors.js';
import { instant } from '../stripe/objects.js';
import type { CatalogueProblemState } from './catalogue-problem.entity.js';
import {
  APP,
  claimedKey,
  isAddOn,
  METADATA,
  type MetadataProblem,
  readAddOnMetadata,
  readMetadata,
} from './metadata.js';
import type { AddOnState, PlanState } from './plan.js';
import { configuredName, type CatalogueRules } from './rules.js';
import { problemsOfPrice, type SeenPrice, toPrice } from './price.fetch.js';

/** A product with all its prices as one look saw them. */
export interface SeenProduct {
  id: string;
  /** Null when the product is no plan, is gone, or cannot be read. */
  plan: PlanState | null;
  addOn: AddOnState | null;
  prices: SeenPrice[];
  problems: CatalogueProblemState[];
  /** It is ours but its metadata cannot be read: what was stored of it stays. */
  unreadable: boolean;
}

const nothing = (id: string): SeenProduct => ({
  id,
  plan: null,
  addOn: null,
  prices: [],
  problems: [],
  unreadable: false,
});

const PRICE_EXPANDS = ['data.tiers', 'data.currency_options'];

/** Three calls. A product that Stripe does not know is an answer: it has no plan and no prices. */
export async function fetchProduct(stripe: Stripe, id: string, rules: CatalogueRules): Promise<SeenProduct> {
  let product: Stripe.Product | Stripe.DeletedProduct;
  try {
    product = expectObject(await stripe.products.retrieve(id), 'product');
  } catch (thrown) {
    if (isMissing(thrown)) return nothing(id);
    throw thrown;
  }
  if ('deleted' in product && product.deleted) return nothing(id);
  const prices: Stripe.Price[] = [];
  for (const active of [true, false]) {
    const pages = stripe.prices.list({ product: id, active, limit: 100, expand: PRICE_EXPANDS });
    for await (const price of pages) prices.push(price);
  }
  return toSeenProduct(product as Stripe.Product, prices, rules);
}

/** Ids of every product, page by page to the end, archived ones included. */
export async function* listProductIds(stripe: Stripe): AsyncGenerator<string> {
  for (const active of [true, false]) {
    for await (const product of stripe.products.list({ active, limit: 100 })) yield product.id;
  }
}

export function toSeenProduct(
  product: Stripe.Product,
  raw: readonly Stripe.Price[],
  rules: CatalogueRules,
): SeenProduct {
  const ours = product.metadata[METADATA.app] === APP;
  const mine = raw.filter(({ id }) => ours || rules.prices.has(id));
  if (!ours && mine.length === 0) return nothing(product.id);
  const read = ours ? readProduct(product, rules) : { plan: null, addOn: null, problems: [] };
  const key = read.plan?.key ?? read.addOn?.key ?? (ours ? claimedKey(product.metadata) : null);
  const prices = mine.map((price) => toPrice(price, key, configuredName(rules, price.id)));
  return {
    id: product.id,
    plan: read.plan,
    addOn: read.addOn,
    prices,
    problems: [
      ...read.problems.map((problem) => problemOfProduct(product.id, problem)),
      ...prices.flatMap((price) => problemsOfPrice(price)),
    ],
    unreadable: read.problems.length > 0,
  };
}

interface ReadProduct {
  plan: PlanState | null;
  addOn: AddOnState | null;
  problems: MetadataProblem[];
}

function readProduct(product: Stripe.Product, rules: CatalogueRules): ReadProduct {
  const { id, name, description, metadata } = product;
  const made = { productId: id, productCreatedAt: instant(product.created) };
  const common = { ...made, name, description, metadata, archived: !product.active };
  if (isAddOn(metadata)) {
    const { addOn, problems } = readAddOnMetadata(metadata);
    return { plan: null, addOn: addOn && { ...addOn, ...common, id: `addon_${addOn.key}` }, problems };
  }
  const { plan, problems } = readMetadata(metadata, rules.ranks);
  const highlights = (product.marketing_features ?? []).flatMap(({ name: text }) => text ?? []);
  return { plan: plan && { ...plan, ...common, id: `plan_${plan.key}`, highlights }, addOn: null, problems };
}

const problemOfProduct = (objectId: string, { field, reason }: MetadataProblem): CatalogueProblemState => ({
  objectId,
  field,
  reason: `${field} ${reason}`,
  remedy: `Correct \`${field}\` in the metadata of the product; until then what was known of it stays.`,
  warning: false,
});
