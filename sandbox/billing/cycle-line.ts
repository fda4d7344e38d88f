import type { Account } from '../account.js';
import { describeItem, itemParent, type Item, type NewLine, type Subscription } from './lines.js';
import { amountOf, fullPrice } from './price-amount.js';

/** What an item costs for its current period, paid in advance. */
export function cycleLine(account: Account, subscription: Subscription, item: Item): NewLine {
  return itemLine(account, subscription, item, {});
}

/** A line that bills an item: its whole price for its current period, where nothing else is said. */
export function itemLine(
  account: Account,
  subscription: Subscription,
  item: Item,
  {
    amount,
    period,
    quantity = item.quantity ?? 1,
  }: Partial<Pick<NewLine, 'amount' | 'period'>> & { quantity?: number },
): NewLine {
  const { currency } = subscription;
  const price = fullPrice(account, item.price.id);
  return {
    amount: amount ?? amountOf(price, quantity, currency, account.settings.rounding),
    currency,
    description: describeItem(account, price, quantity, currency),
    period: period ?? { start: item.current_period_start, end: item.current_period_end },
    quantity,
    price,
    discountable: true,
    metadata: subscription.metadata,
    parent: itemParent(subscription.id, item.id),
    subscription: subscription.id,
  };
}
