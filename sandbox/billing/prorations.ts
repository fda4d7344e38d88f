import type { Account } from '../account.js';
import type { Debit } from '../store/tables.js';
import { boundaryBefore, type Recurrence } from './calendar.js';
import { share, toStep } from './decimal.js';
import { stepOf } from './money.js';
import { discountRulesOf } from './discounts.js';
import { itemLine } from './cycle-line.js';
import { createLine, type Item, type Subscription } from './lines.js';
import { amountOf, fullPrice, isMetered, recurringOf, type FullPrice } from './price-amount.js';
import { discountLines } from './price-lines.js';

/** A part of a period that is given back, or charged, because an item changed within it. */
export interface Proration {
  item: string;
  amount: number;
  description: string;
  period: { start: number; end: number };
  price: FullPrice;
  quantity: number;
  /** The lines a credit gives back; null for a charge. */
  credited: { invoice: string; invoice_line_items: string[] } | null;
}

/** What an item costs for one whole period, with the subscription's discounts already off. */
export function netPeriodAmount(account: Account, subscription: Subscription, item: Item): number {
  const price = fullPrice(account, item.price.id);
  const amount = amountOf(price, item.quantity ?? 1, subscription.currency, account.settings.rounding);
  const discounts = discountRulesOf(
    account,
    [...subscription.discounts, ...item.discounts],
    subscription.currency,
    item.id,
  );
  if (discounts.length === 0) return amount;
  const lines = subscription.items.data.map((one) => wholeLine(account, subscription, one.id === item.id ? item : one));
  if (!lines.some((line) => line.parent?.subscription_item_details?.subscription_item === item.id))
    lines.push(wholeLine(account, subscription, item));
  const priced = discountLines(lines, discounts, account.settings.rounding).find(
    (line) => line.parent?.subscription_item_details?.subscription_item === item.id,
  );
  const off = (priced?.discount_amounts ?? []).reduce((total, taken) => total + taken.amount, 0);
  return amount - off;
}

function wholeLine(account: Account, subscription: Subscription, item: Item): ReturnType<typeof createLine> {
  return createLine(account, '', itemLine(account, subscription, item, isMetered(item.price) ? { amount: 0 } : {}));
}

function part(account: Account, { currency }: Subscription, amount: number, of: number, whole: number): number {
  return toStep(share(amount, of, whole, account.settings.rounding), stepOf(currency));
}

/** Gives back the unused rest of what the item was charged in advance, and the debits that are left. */
export function creditUnused(
  account: Account,
  subscription: Subscription,
  item: Item,
  debits: Debit[],
  at: number,
): { credits: Proration[]; debits: Debit[] } {
  if (isMetered(item.price)) return { credits: [], debits };
  if (subscription.billing_mode.type === 'classic') return creditCurrentPrice(account, subscription, item, debits, at);
  const credits: Proration[] = [];
  const left = debits.map((debit) => {
    if (debit.until <= at) return debit;
    const from = Math.max(at, debit.start);
    const amount = -part(account, subscription, debit.amount, debit.until - from, debit.end - debit.start);
    if (amount !== 0) credits.push(creditFor(account, item, amount, { start: at, end: debit.until }, [debit]));
    return { ...debit, until: from };
  });
  return { credits, debits: left.filter((debit) => debit.until > debit.start) };
}

/** Classic billing credits what the item costs now, whatever was really charged. */
function creditCurrentPrice(
  account: Account,
  subscription: Subscription,
  item: Item,
  debits: Debit[],
  at: number,
): { credits: Proration[]; debits: Debit[] } {
  const { current_period_start: start, current_period_end: end } = item;
  const whole = wholePeriodStart(subscription, item);
  const amount = -part(
    account,
    subscription,
    netPeriodAmount(account, subscription, item),
    end - at,
    end - Math.min(whole, start),
  );
  const covered = debits.filter((debit) => debit.until > at);
  const left = debits.map((debit) => ({ ...debit, until: Math.min(debit.until, Math.max(at, debit.start)) }));
  return {
    credits: amount === 0 ? [] : [creditFor(account, item, amount, { start: at, end }, covered)],
    debits: left.filter((debit) => debit.until > debit.start),
  };
}

function creditFor(
  account: Account,
  item: Item,
  amount: number,
  period: { start: number; end: number },
  debits: Debit[],
): Proration {
  const price = fullPrice(account, item.price.id);
  const lines = debits.filter((debit) => debit.invoice !== null);
  const [first] = lines;
  return {
    item: item.id,
    amount,
    description: `Unused time on ${named(account, price, item)} after ${dayOf(period.start)}`,
    period,
    price,
    quantity: item.quantity ?? 1,
    credited: first?.invoice ? { invoice: first.invoice, invoice_line_items: lines.map(({ line }) => line) } : null,
  };
}

/** Charges the item for the rest of its period. */
export function chargeRemaining(
  account: Account,
  subscription: Subscription,
  item: Item,
  at: number,
): Proration | null {
  if (isMetered(item.price)) return null;
  const end = item.current_period_end;
  const start = wholePeriodStart(subscription, item);
  const amount = part(account, subscription, netPeriodAmount(account, subscription, item), end - at, end - start);
  const price = fullPrice(account, item.price.id);
  return {
    item: item.id,
    amount,
    description: `Remaining time on ${named(account, price, item)} after ${dayOf(at)}`,
    period: { start: at, end },
    price,
    quantity: item.quantity ?? 1,
    credited: null,
  };
}

/** Where the whole period begins that ends with the item's: a period that was cut short counts as a part of it. */
function wholePeriodStart(subscription: Subscription, item: Item): number {
  return boundaryBefore(
    subscription.billing_cycle_anchor,
    recurringOf(item.price) as Recurrence,
    item.current_period_end,
  );
}

function named(account: Account, price: FullPrice, item: Item): string {
  const name = account.store.get('product', price.product)?.name ?? price.product;
  return (item.quantity ?? 1) === 1 ? name : `${item.quantity} × ${name}`;
}

function dayOf(moment: number): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(
    moment * 1000,
  );
}
