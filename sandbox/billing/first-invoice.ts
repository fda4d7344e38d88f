import type { Account } from '../account.js';
import { boundaryBefore, type Recurrence } from './calendar.js';
import { share, toStep } from './decimal.js';
import { stepOf } from './money.js';
import { describeItem, itemParent, type Item, type NewLine, type Subscription } from './lines.js';
import { pendingLines } from './pending-items.js';
import { amountOf, fullPrice, isMetered, recurringOf } from './price-amount.js';

interface Beginning {
  add_invoice_items?: { price: string; quantity?: number }[];
  proration_behavior?: 'always_invoice' | 'create_prorations' | 'none';
}

/** What a new subscription charges at once: nothing in a trial, a part of a period that is cut short by the anchor. */
export function firstLines(account: Account, subscription: Subscription, given: Beginning): NewLine[] {
  const lines: NewLine[] = [];
  for (const item of subscription.items.data) {
    if (isMetered(item.price)) continue;
    const line = firstLine(account, subscription, item, given.proration_behavior ?? 'create_prorations');
    if (line) lines.push(line);
  }
  for (const { price, quantity = 1 } of given.add_invoice_items ?? [])
    lines.push(oneTimeLine(account, subscription, price, quantity));
  return [...lines, ...pendingLines(account, subscription)];
}

function firstLine(
  account: Account,
  subscription: Subscription,
  item: Item,
  proration: 'always_invoice' | 'create_prorations' | 'none',
): NewLine | null {
  const { currency } = subscription;
  const { rounding } = account.settings;
  const price = fullPrice(account, item.price.id);
  const quantity = item.quantity ?? 1;
  const whole = amountOf(price, quantity, currency, rounding);
  const { current_period_start: start, current_period_end: end } = item;
  const base = {
    currency,
    description: describeItem(account, price, quantity, currency),
    period: { start, end },
    quantity,
    price,
    discountable: true,
    metadata: subscription.metadata,
    parent: itemParent(subscription.id, item.id),
    subscription: subscription.id,
  };
  if (subscription.trial_end !== null) {
    const name = account.store.get('product', price.product)?.name ?? price.product;
    return { ...base, amount: 0, description: `Trial period for ${name}` };
  }
  const wholeStart = boundaryBefore(subscription.billing_cycle_anchor, recurringOf(item.price) as Recurrence, end);
  if (wholeStart >= start) return { ...base, amount: whole };
  if (proration === 'none') return null;
  return { ...base, amount: toStep(share(whole, end - start, end - wholeStart, rounding), stepOf(currency)) };
}

function oneTimeLine(account: Account, subscription: Subscription, priceId: string, quantity: number): NewLine {
  const price = fullPrice(account, priceId);
  const now = account.now(subscription.customer);
  return {
    amount: amountOf(price, quantity, subscription.currency, account.settings.rounding),
    currency: subscription.currency,
    description: account.store.get('product', price.product)?.name ?? price.product,
    period: { start: now, end: now },
    quantity,
    price,
    discountable: true,
    parent: {
      type: 'invoice_item_details',
      subscription_item_details: null,
      invoice_item_details: {
        invoice_item: account.newId('ii'),
        proration: false,
        proration_details: null,
        subscription: subscription.id,
      },
    },
    subscription: subscription.id,
  };
}
