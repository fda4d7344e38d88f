import type { Tables } from '../store/tables.js';
import { mergeMetadata } from '../http/parameters.js';
import type { OneTimeItem } from './invoice-items.js';
import type { Item, Subscription } from './lines.js';
import type { ItemChange } from './swap-items.js';

type Phase = Tables['subscription_schedule']['phases'][number];

/** The ids of the discounts that a phase, or an item of it, brings. */
export function discountsIn({ discounts }: { discounts: Phase['discounts'] }): string[] {
  return discounts.flatMap(({ discount }) => (discount ? [String(discount)] : []));
}

/** What a phase bills once, when it begins. */
export function oneTimeItemsOf(phase: Phase): OneTimeItem[] {
  return phase.add_invoice_items.map((item) => ({
    price: String(item.price),
    quantity: item.quantity ?? 1,
    discounts: discountsIn(item).map((discount) => ({ discount })),
    metadata: item.metadata ?? {},
    tax_rates: item.tax_rates ?? [],
  }));
}

/** What a phase says of its subscription beside the items; what it leaves unsaid stays as it was. */
export function patchOfPhase(subscription: Subscription, phase: Phase): Partial<Subscription> {
  const { automatic_tax, collection_method, default_payment_method, default_tax_rates, description } = phase;
  const days_until_due = phase.invoice_settings?.days_until_due;
  return {
    metadata: mergeMetadata(subscription.metadata, phase.metadata ?? {}),
    ...(automatic_tax?.enabled
      ? { automatic_tax: { disabled_reason: null, enabled: true, liability: { type: 'self' } } }
      : {}),
    ...(collection_method ? { collection_method } : {}),
    ...(days_until_due ? { days_until_due } : {}),
    ...(default_payment_method ? { default_payment_method } : {}),
    ...(default_tax_rates?.length ? { default_tax_rates } : {}),
    ...(description ? { description } : {}),
  };
}

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
    return {
      ...(held ? { id: held.id } : {}),
      price: String(wanted.price),
      accepted: true,
      quantity: wanted.quantity ?? 1,
      metadata: wanted.metadata ?? {},
      discounts: discountsIn(wanted),
      ...(wanted.tax_rates?.length ? { tax_rates: wanted.tax_rates } : {}),
    };
  });
  return [...changes, ...left.map((item) => ({ id: item.id, deleted: true }))];
}

export function sameItems(subscription: Subscription, phase: Phase): boolean {
  const held = subscription.items.data.map(({ price, quantity }) => `${price.id} ${quantity ?? 1}`).sort();
  const wanted = phase.items.map(({ price, quantity }) => `${String(price)} ${quantity ?? 1}`).sort();
  return JSON.stringify(held) === JSON.stringify(wanted);
}
