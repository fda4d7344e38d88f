import type { Catalogue } from '../graphql/loaders.js';
import type { Price } from '../plans/price.entity.js';
import type { PendingItem } from './pending-change.js';

/** The price as the catalogue shows it in that currency; null when it does not know it. */
export const priceIn = ({ priceById }: Catalogue, priceId: string, currency: string): Price | null =>
  priceById.get(`${priceId}:${currency.toLowerCase()}`) ?? priceById.get(priceId) ?? null;

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
