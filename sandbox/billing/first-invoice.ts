import type { Account } from '../account.js';
import { boundaryAfter, boundaryAt, boundaryBefore, type Recurrence } from './calendar.js';
import { cycleLine, itemLine } from './cycle-line.js';
import { share, toStep } from './decimal.js';
import { stepOf } from './money.js';
import { addOneTimeItems, type OneTimeItem } from './invoice-items.js';
import type { Item, NewLine, Subscription } from './lines.js';
import { pendingLines } from './pending-items.js';
import { isMetered, recurringOf } from './price-amount.js';

interface Beginning {
  add_invoice_items?: OneTimeItem[];
  proration_behavior?: 'always_invoice' | 'create_prorations' | 'none';
}

/** What a new subscription charges at once: nothing in a trial, a part of a period that is cut short by the anchor. */
export function firstLines(account: Account, subscription: Subscription, given: Beginning): NewLine[] {
  const lines: NewLine[] = [];
  for (const item of subscription.items.data) {
    if (isMetered(item.price)) continue;
    if (given.proration_behavior !== 'none') lines.push(...backdatedLines(account, subscription, item));
    const line = firstLine(account, subscription, item, given.proration_behavior ?? 'create_prorations');
    if (line) lines.push(line);
  }
  addOneTimeItems(account, subscription, given.add_invoice_items ?? []);
  return [...lines, ...pendingLines(account, subscription)];
}

function firstLine(
  account: Account,
  subscription: Subscription,
  item: Item,
  proration: 'always_invoice' | 'create_prorations' | 'none',
): NewLine | null {
  const { rounding } = account.settings;
  const { current_period_start: start, current_period_end: end } = item;
  const whole = cycleLine(account, subscription, item);
  if (subscription.trial_end !== null) {
    const product = whole.price?.product ?? '';
    const name = account.store.get('product', product)?.name ?? product;
    return { ...whole, amount: 0, description: `Trial period for ${name}` };
  }
  const wholeStart = boundaryBefore(subscription.billing_cycle_anchor, recurringOf(item.price) as Recurrence, end);
  if (wholeStart >= start) return whole;
  if (proration === 'none') return null;
  const part = share(whole.amount, end - start, end - wholeStart, rounding);
  return { ...whole, amount: toStep(part, stepOf(subscription.currency)) };
}

/** The time since the start the subscription was backdated to: flexible billing charges each period of its cycle, classic billing one part of periods counted from that start. */
function backdatedLines(account: Account, subscription: Subscription, item: Item): NewLine[] {
  const { start_date: start, created: until, currency } = subscription;
  if (start >= until) return [];
  const recurrence = recurringOf(item.price) as Recurrence;
  const { amount: whole } = cycleLine(account, subscription, item);
  const part = (of: number, length: number): number =>
    toStep(share(whole, of, length, account.settings.rounding), stepOf(currency));
  const line = (period: NewLine['period'], amount: number): NewLine =>
    itemLine(account, subscription, item, { period, amount });
  if (subscription.billing_mode.type === 'classic') {
    let amount = 0;
    for (let count = 0, from = start; from < until; count++) {
      const to = boundaryAt(start, recurrence, count + 1);
      amount += part(Math.min(to, until) - from, to - from);
      from = to;
    }
    return [line({ start, end: until }, amount)];
  }
  const lines: NewLine[] = [];
  for (let end = until; end > start;) {
    const from = boundaryBefore(subscription.billing_cycle_anchor, recurrence, end);
    const begins = Math.max(from, start);
    const wholeEnd = boundaryAfter(subscription.billing_cycle_anchor, recurrence, from);
    lines.unshift(line({ start: begins, end }, part(end - begins, wholeEnd - from)));
    end = begins;
  }
  return lines;
}
