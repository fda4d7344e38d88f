import type { Account } from '../account.js';
import { describeItem, itemParent, type Item, type NewLine, type Subscription } from './lines.js';
import { amountOf, fullPrice } from './price-amount.js';

/** What an item costs for its current period, paid in advance. */
export function cycleLine(account: Account, subscription: Subscription, item: Item): NewLine {
  const price = fullPrice(account, item.price.id);
  const quantity = item.quantity ?? 1;
  return {
    amount: amountOf(price, quantity, subscription.currency, account.settings.rounding),
    currency: subscription.currency,
    description: describeItem(account, price, quantity, subscription.currency),
    period: { start: item.current_period_start, end: item.current_period_end },
    quantity,
    price,
    discountable: true,
    metadata: subscription.metadata,
    parent: itemParent(subscription.id, item.id),
    subscription: subscription.id,
  };
}
