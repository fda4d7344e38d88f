import { stringify } from 'yaml';
import { keyOf, sellersOf, type SoldPrice, type SoldProduct } from './catalogue-diff.js';
import { isAddOn, isRecommended, METADATA, readAddOnMetadata, readMetadata, seatsOf, trialDaysOf } from './metadata.js';
import { FeatureKind, type PlanFeatureState } from './plan.js';
import { parseLookupKey } from './price-seller.js';
import type { CatalogueRules } from './rules.js';

/** The text of a plans.yaml that says what Stripe sells now: pushing it changes nothing. */
export function writePlansFile(sold: readonly SoldProduct[], rules: CatalogueRules): string {
  const currency = mostUsedCurrency(sold);
  const plans: Record<string, object> = {};
  const addOns: Record<string, object> = {};
  const sellers = sellersOf(sold);
  const selling = (product: SoldProduct) => product.active && sellers.get(keyOf(product) ?? '') === product;
  for (const product of sold.filter(selling)) {
    const common = commonOf(product, pricesOf(product, sold), currency);
    if (isAddOn(product.metadata)) {
      const { addOn } = readAddOnMetadata(product.metadata);
      if (addOn)
        addOns[addOn.key] = {
          ...common,
          ...featuresOf(addOn.features),
          ...(addOn.forPlans && { plans: addOn.forPlans }),
        };
      continue;
    }
    const { plan } = readMetadata(product.metadata, rules.ranks);
    if (!plan) continue;
    const tier = product.metadata[METADATA.tier] ?? '';
    const { region, tenancy } = plan;
    plans[plan.key] = {
      ...common,
      rank: plan.rank,
      ...(tier !== String(plan.rank) && { tier }),
      ...(product.highlights.length > 0 && { highlights: product.highlights }),
      ...(isRecommended(product.metadata) && { recommended: true }),
      ...(trialDaysOf(product.metadata) !== null && { trialDays: trialDaysOf(product.metadata) }),
      ...(region !== null && { region }),
      ...(tenancy !== null && { tenancy }),
      ...featuresOf(plan.features),
    };
  }
  const features = Object.fromEntries([...rules.features].map(([key, texts]) => [key, present(texts)]));
  return stringify({
    currency,
    plans,
    ...(Object.keys(addOns).length > 0 && { addOns }),
    ...(Object.keys(features).length > 0 && { features }),
  });
}

const present = (texts: object) => Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== null));

/** One for each interval and currency, as the gateway sells it: the one with the name, wherever it is, or else the oldest without. */
function pricesOf(product: SoldProduct, sold: readonly SoldProduct[]): SoldPrice[] {
  const key = keyOf(product);
  const named = sold.flatMap(({ prices }) => prices).filter(({ lookupKey }) => parseLookupKey(lookupKey)?.key === key);
  const slots = new Map<string, SoldPrice>();
  for (const price of [...named, ...product.prices.filter(({ lookupKey }) => parseLookupKey(lookupKey) === null)]) {
    const slot = `${price.interval} ${price.currency}`;
    if (!slots.has(slot)) slots.set(slot, price);
  }
  return [...slots.values()];
}

function commonOf(product: SoldProduct, prices: readonly SoldPrice[], currency: string): object {
  const seats = seatsOf(product.metadata);
  return {
    name: product.name,
    ...(product.description !== null && { description: product.description }),
    ...(seats && { seats: present(seats) }),
    ...(prices.length > 0 && { prices: prices.map((price) => priceOf(price, currency)) }),
  };
}

const priceOf = (price: SoldPrice, currency: string): object => ({
  interval: price.interval,
  amount: price.amount,
  ...(price.currency !== currency && { currency: price.currency }),
  ...(Object.keys(price.currencies).length > 0 && { currencies: price.currencies }),
  ...((price.taxBehavior === 'inclusive' || price.taxBehavior === 'exclusive') && { taxBehavior: price.taxBehavior }),
});

function featuresOf(features: readonly PlanFeatureState[]): object {
  const switches = features.filter(({ kind }) => kind === FeatureKind.SWITCH).map(({ key }) => key);
  const limitsOf = (wanted: FeatureKind) =>
    Object.fromEntries(
      features.filter(({ kind }) => kind === wanted).map(({ key, limit }) => [key, limit ?? 'unlimited']),
    );
  const [limits, metered] = [limitsOf(FeatureKind.LIMIT), limitsOf(FeatureKind.METERED)];
  const soft = features.filter((feature) => feature.soft).map(({ key }) => key);
  return {
    ...(switches.length > 0 && { capabilities: switches }),
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(Object.keys(metered).length > 0 && { metered }),
    ...(soft.length > 0 && { softLimits: soft }),
  };
}

function mostUsedCurrency(sold: readonly SoldProduct[]): string {
  const counts = new Map<string, number>();
  for (const { currency } of sold.flatMap(({ prices }) => prices))
    counts.set(currency, (counts.get(currency) ?? 0) + 1);
  return [...counts].sort(([left, less], [right, more]) => more - less || (left < right ? -1 : 1))[0]?.[0] ?? 'usd';
}
