import type { SeenSubscription } from '../subscriptions/subscription.fetch.js';

/**
 * The item that carries the plan: the first whose price sells one. Add-ons may stand before it, because Stripe keeps
 * items in the order in which they were added. While no price is known, the first item stands for the plan.
 */
export function planItem(
  { items, priceId, seats }: Pick<SeenSubscription, 'items' | 'priceId' | 'seats'>,
  planOfPrice: ReadonlyMap<string, string>,
): Pick<SeenSubscription, 'priceId' | 'seats'> {
  const item = items.find((one) => planOfPrice.has(one.priceId));
  return item ? { priceId: item.priceId, seats: item.quantity ?? 1 } : { priceId, seats };
}
