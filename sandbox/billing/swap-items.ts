import type { Account } from '../account.js';
import { notPossible, parameterInvalid } from '../http/errors.js';
import { boundaryAfter, type Recurrence } from './calendar.js';
import type { Item, Subscription } from './lines.js';
import { isMetered, recurringOf } from './price-amount.js';
import { checkedPrice, createItem, planOf } from './subscription-items.js';

export interface ItemChange {
  id?: string;
  price?: string;
  quantity?: number;
  deleted?: boolean;
  /** What was used of an item that goes is not billed. */
  clear_usage?: boolean;
  metadata?: Record<string, string>;
  discounts?: string[];
  tax_rates?: Item['tax_rates'];
  /** Said by a phase that was taken when the price was sold. */
  accepted?: boolean;
}

/** The items after these changes, each still in the period it is in. */
export function swapItems(account: Account, subscription: Subscription, changes: ItemChange[], at: number): Item[] {
  let items = subscription.items.data;
  changes.forEach((change, place) => {
    if (change.id === undefined) {
      if (!change.price)
        throw parameterInvalid(
          `items[${place}][price]`,
          'A new subscription item needs a price; pass the id of an item to change it instead.',
          'parameter_missing',
        );
      const price = checkedPrice(account, change.price, subscription.currency, change.accepted);
      const end = boundaryAfter(subscription.billing_cycle_anchor, recurringOf(price) as Recurrence, at);
      const period = { start: at, end: subscription.status === 'trialing' ? (subscription.trial_end ?? end) : end };
      items = [
        ...items,
        createItem(account, {
          subscription: subscription.id,
          item: { ...change, price: change.price, tax_rates: change.tax_rates ?? [] },
          period,
          currency: subscription.currency,
          customer: subscription.customer,
        }),
      ];
      return;
    }
    const held = items.find((item) => item.id === change.id);
    if (!held)
      throw parameterInvalid(
        `items[${place}][id]`,
        `No such subscription item: '${change.id}' on subscription '${subscription.id}'.`,
        'resource_missing',
      );
    if (change.clear_usage && !isMetered(held.price))
      throw parameterInvalid(
        `items[${place}][clear_usage]`,
        `Only metered items have use to clear; '${change.id}' is licensed.`,
      );
    items = change.deleted
      ? items.filter((item) => item !== held)
      : items.map((item) => (item === held ? changedItem(account, subscription, held, change) : item));
  });
  if (items.length === 0)
    throw notPossible(
      'A subscription must have at least one active item; cancel the subscription instead of removing its last one.',
    );
  return items;
}

function changedItem(account: Account, subscription: Subscription, item: Item, change: ItemChange): Item {
  const price =
    change.price === undefined
      ? item.price
      : checkedPrice(account, change.price, subscription.currency, change.accepted);
  const { quantity: _held, ...rest } = item;
  return {
    ...rest,
    price,
    plan: planOf(price),
    ...(isMetered(price) ? {} : { quantity: change.quantity ?? item.quantity ?? 1 }),
    ...(change.metadata ? { metadata: change.metadata } : {}),
    ...(change.discounts ? { discounts: change.discounts } : {}),
    ...(change.tax_rates ? { tax_rates: change.tax_rates } : {}),
  };
}
