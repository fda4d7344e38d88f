import type { Account } from '../account.js';
import type { MeterEventRow, Tables } from '../store/tables.js';
import { createInvoiceItem } from './invoice-items.js';
import { itemLine } from './cycle-line.js';
import { describeItem, type Item, type NewLine, type Subscription } from './lines.js';
import { amountOf, fullPrice, isMetered } from './price-amount.js';

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
  const from = unbilledFrom(account, subscription, item);
  const quantity = usageOf(account, meter, subscription.customer, from, item.current_period_end);
  if (quantity === 0 && subscription.billing_mode.type === 'flexible') return null;
  return itemLine(account, subscription, item, { quantity });
}

function unbilledFrom(account: Account, { id }: Subscription, item: Item): number {
  const until = account.store.get('subscription_memory', id)?.usage_until?.[item.id] ?? 0;
  return Math.max(item.current_period_start, until);
}

/** The metered items that go, or change their price. */
export function replacedItems(subscription: Subscription, after: Item[]): Item[] {
  return subscription.items.data.filter(
    (item) => isMetered(item.price) && after.find(({ id }) => id === item.id)?.price.id !== item.price.id,
  );
}

/** What was used in the period so far counts no more in its line; with `bills` it waits, at the price it had, for the next invoice. */
export function closeUsage(account: Account, subscription: Subscription, item: Item, bills: boolean): void {
  const meter = account.store.get('billing.meter', item.price.recurring?.meter ?? '');
  const memory = account.store.get('subscription_memory', subscription.id);
  if (!meter || !memory) return;
  const now = account.now(subscription.customer);
  const start = unbilledFrom(account, subscription, item);
  account.store.put('subscription_memory', { ...memory, usage_until: { ...memory.usage_until, [item.id]: now } });
  const quantity = usageOf(account, meter, subscription.customer, start, now);
  if (!bills || quantity === 0) return;
  const price = fullPrice(account, item.price.id);
  createInvoiceItem(account, {
    customer: subscription.customer,
    amount: amountOf(price, quantity, subscription.currency, account.settings.rounding),
    currency: subscription.currency,
    description: describeItem(account, price, quantity, subscription.currency),
    period: { start, end: now },
    quantity,
    price,
    proration: false,
    subscription: subscription.id,
    subscriptionItem: item.id,
    discountable: true,
    metadata: subscription.metadata,
  });
}
