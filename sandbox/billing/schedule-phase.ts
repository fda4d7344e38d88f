import type { Tables } from '../store/tables.js';
import type { Item, Subscription } from './lines.js';
import type { ItemChange } from './plan-change.js';

type Phase = Tables['subscription_schedule']['phases'][number];

/** The item changes that make a subscription hold what the phase says: items keep their id where the price, else the place, agrees. */
export function itemsForPhase(subscription: Subscription, phase: Phase): ItemChange[] {
  const left = [...subscription.items.data];
  const take = (fits: (item: Item) => boolean): Item | undefined => {
    const place = left.findIndex(fits);
    return place < 0 ? undefined : left.splice(place, 1)[0];
  };
  const exact = phase.items.map((wanted) => take((item) => item.price.id === wanted.price));
  const changes = phase.items.map((wanted, place): ItemChange => {
    const held = exact[place] ?? take(() => true);
    const discounts = wanted.discounts.flatMap(({ discount }) => (discount ? [String(discount)] : []));
    return {
      ...(held ? { id: held.id } : {}),
      price: String(wanted.price),
      quantity: wanted.quantity ?? 1,
      metadata: wanted.metadata ?? {},
      discounts,
    };
  });
  return [...changes, ...left.map((item) => ({ id: item.id, deleted: true }))];
}

export function sameItems(subscription: Subscription, phase: Phase): boolean {
  const held = subscription.items.data.map(({ price, quantity }) => `${price.id} ${quantity ?? 1}`).sort();
  const wanted = phase.items.map(({ price, quantity }) => `${String(price)} ${quantity ?? 1}`).sort();
  return JSON.stringify(held) === JSON.stringify(wanted);
}
