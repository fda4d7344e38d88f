import type { Catalogue } from '../graphql/loaders.js';
import type { AddOn } from '../plans/add-on.entity.js';
import type { PlanFeatureState } from '../plans/plan.js';
import { addGrants } from '../plans/feature.js';
import type { Plan } from '../plans/plan.entity.js';
import type { Price } from '../plans/price.entity.js';
import type { PendingItem } from './pending-change.js';

/** The price as the catalogue shows it in that currency; null when it does not know it. */
export const priceIn = ({ priceById }: Catalogue, priceId: string, currency: string): Price | null =>
  priceById.get(`${priceId}:${currency.toLowerCase()}`) ?? priceById.get(priceId) ?? null;

/** What items cost per period beside the one that carries the plan; null where one has no one amount per unit. */
export function extrasAmount(items: readonly PendingItem[], currency: string, catalogue: Catalogue): number | null {
  return items.reduce<number | null>((sum, { priceId, quantity }) => {
    const unit = priceIn(catalogue, priceId, currency)?.unitAmount ?? null;
    return sum === null || unit === null ? null : sum + unit * (quantity ?? 0);
  }, 0);
}

/** Which add-on a price sells; undefined for another one. */
export const addOnOf = ({ priceById, addOns }: Catalogue, priceId: string): AddOn | undefined =>
  addOns.find(({ key }) => key === priceById.get(priceId)?.addOnKey);

/** What of those items is an add-on, by its key, and how many of it; null for a metered one. */
export const addOnsOf = (
  items: readonly PendingItem[],
  catalogue: Catalogue,
): { addOn: AddOn; quantity: number | null }[] =>
  items
    .flatMap(({ priceId, quantity }) => {
      const addOn = addOnOf(catalogue, priceId);
      return addOn ? [{ addOn, quantity }] : [];
    })
    .sort((left, right) => (left.addOn.key < right.addOn.key ? -1 : 1));

/** What a plan grants, and what add-ons grant on top, each as often as it is bought. */
export const grantedBy = (plan: Plan | null, items: readonly PendingItem[], catalogue: Catalogue): PlanFeatureState[] =>
  addGrants(
    plan?.features ?? [],
    addOnsOf(items, catalogue).map(({ addOn, quantity }) => ({ features: addOn.features, quantity: quantity ?? 1 })),
  );

/** What items cost per period before tax and discounts, in minor units; null where prices have no one amount per unit, or several periods. */
export function recurringAmount(items: readonly PendingItem[], currency: string, catalogue: Catalogue): number | null {
  const prices = items.map(({ priceId }) => priceIn(catalogue, priceId, currency));
  let sum = 0;
  for (const [place, price] of prices.entries()) {
    const { interval, intervalCount } = prices[0] ?? {};
    if (!price || price.unitAmount === null) return null;
    if (price.interval !== interval || price.intervalCount !== intervalCount) return null;
    sum += price.unitAmount * (items[place]?.quantity ?? 0);
  }
  return sum;
}
