import type { Account } from '../account.js';
import type { MeterEventRow, Tables } from '../store/tables.js';
import { describeItem, itemParent, type Item, type NewLine, type Subscription } from './lines.js';
import { amountOf, fullPrice } from './price-amount.js';

/** What a meter counted for a customer from `start` up to `end`, by its formula. */
export function usageOf(
  account: Account,
  meter: Tables['billing.meter'],
  customer: string,
  start: number,
  end: number,
): number {
  const events = account.store
    .where('meter_event', 'customer', `${meter.event_name} ${customer}`)
    .filter((event) => !event.canceled && event.timestamp >= start && event.timestamp < end);
  return aggregate(meter.default_aggregation.formula, events);
}

function aggregate(formula: string, events: MeterEventRow[]): number {
  if (formula === 'count') return events.length;
  if (formula === 'last')
    return (
      events.reduce<MeterEventRow | null>(
        (last, event) => (last && last.timestamp > event.timestamp ? last : event),
        null,
      )?.value ?? 0
    );
  return events.reduce((sum, event) => sum + event.value, 0);
}

/** The line for a metered item's period that is over; none where nothing was used, as flexible billing does. */
export function usageLine(account: Account, subscription: Subscription, item: Item): NewLine | null {
  const meter = account.store.get('billing.meter', item.price.recurring?.meter ?? '');
  if (!meter) return null;
  const { current_period_start: start, current_period_end: end } = item;
  const quantity = usageOf(account, meter, subscription.customer, start, end);
  if (quantity === 0 && subscription.billing_mode.type === 'flexible') return null;
  const price = fullPrice(account, item.price.id);
  return {
    amount: amountOf(price, quantity, subscription.currency, account.settings.rounding),
    currency: subscription.currency,
    description: describeItem(account, price, quantity, subscription.currency),
    period: { start, end },
    quantity,
    price,
    discountable: true,
    metadata: subscription.metadata,
    parent: itemParent(subscription.id, item.id),
    subscription: subscription.id,
  };
}
