import type { RawGroup } from '../../sandbox/http/form.js';
import { bill, finalize, isIn, type Place, refuse, settle, update } from './billing.js';
import type { Raw, StripeModel } from './stripe-model.js';
import { AMOUNTS, anInvoice, itemsOf } from './stripe-objects.js';
import { type Answer, found, refused } from './stripe-answers.js';

interface Item {
  id: string;
  price: { id: string };
  quantity: number;
  current_period_start: number;
  current_period_end: number;
}

const heldItem = (raw: Raw): Item => (raw.items as { data: [Item] }).data[0];
const costs = ({ price, quantity }: Pick<Item, 'price' | 'quantity'>) =>
  (AMOUNTS[price.id as keyof typeof AMOUNTS] ?? 0) * quantity;

/** The one item as it is asked for; null when the call names another one. */
function askedItem(raw: Raw, items: RawGroup): Item | null {
  const item = heldItem(raw);
  const { id, price, quantity } = Object.values(items)[0] as RawGroup;
  if (id !== item.id) return null;
  return {
    ...item,
    price: { ...item.price, id: String(price ?? item.price.id) },
    quantity: Number(quantity ?? item.quantity),
  };
}

/** What is left of the period is given back at the old price and charged at the new one. */
function prorate(before: Item, after: Item, at: number) {
  const share = (before.current_period_end - at) / (before.current_period_end - before.current_period_start);
  const line = (item: Item, sign: 1 | -1) => aLine(item, sign * Math.round(costs(item) * share), true, at);
  return costs(before) === costs(after) && before.price.id === after.price.id ? [] : [line(before, -1), line(after, 1)];
}

const aLine = (item: Item, amount: number, proration: boolean, start: number) => ({
  id: `il_${item.price.id}_${amount}`,
  object: 'line_item',
  description: null,
  amount,
  quantity: item.quantity,
  period: { start, end: item.current_period_end },
  parent: { subscription_item_details: { proration } },
  pricing: { price_details: { price: item.price.id } },
});

type Line = ReturnType<typeof aLine>;
const totalOf = (lines: readonly Line[]) => lines.reduce((sum, { amount }) => sum + amount, 0);

function amountsOf(lines: Line[], subscription: string, proration: number | null) {
  const total = totalOf(lines);
  return {
    ...{ subtotal: total, total, amount_due: Math.max(0, total), starting_balance: 0 },
    lines: { object: 'list', data: lines, has_more: false },
    parent: {
      type: 'subscription_details',
      subscription_details: { subscription, subscription_proration_date: proration },
    },
  };
}

const prorates = (raw: Raw, behavior: unknown) => behavior === 'always_invoice' && isIn(raw, 'active');

/** The moment of the proration, now where none is asked for; null when it lies outside the period that runs. */
function momentOf(item: Item, asked: unknown, now: number): number | null {
  const { current_period_start: start, current_period_end: end } = item;
  if (typeof asked !== 'string') return Math.min(end, Math.max(start, now));
  const moment = Number(asked);
  return moment < start || moment > end ? null : moment;
}

/** The invoice that a change would make, or the next regular one. */
export function previewOf(stripe: StripeModel, raw: Raw, { subscription_details: asked }: RawGroup): Answer {
  const details = asked as RawGroup;
  const [before, after] = [heldItem(raw), askedItem(raw, details.items as RawGroup)];
  if (!after) return refused('There is no such item.');
  const proration = prorates(raw, details.proration_behavior);
  const moment = momentOf(before, details.proration_date, stripe.seconds());
  if (proration && moment === null) return refused('The moment lies outside the period.');
  const charged = proration ? prorate(before, after, moment as number) : [];
  const lines = charged.length > 0 ? charged : [aLine(after, costs(after), false, before.current_period_end)];
  const invoice = anInvoice('upcoming_in_1', String(raw.customer), raw.id, stripe.seconds(), 'upcoming');
  return found({ ...invoice, ...amountsOf(lines, raw.id, charged.length > 0 ? moment : null) });
}

/** Changes price or seats, billed at once where that was asked for; two cards in three pay. Null, or why not. */
export function changeItems(place: Place, raw: Raw, form: RawGroup): Answer | null {
  const { stripe, variant, subscription } = place;
  const [before, after] = [heldItem(raw), askedItem(raw, form.items as RawGroup)];
  if (!after) return refused('There is no such item.');
  const moment = momentOf(before, form.proration_date, stripe.seconds());
  if (moment === null) return refused('The moment lies outside the period.');
  const lines = prorates(raw, form.proration_behavior) ? prorate(before, after, moment) : [];
  const items = itemsOf(subscription, after.price.id, after.quantity, before.current_period_start);
  const changed = { ...items, data: [{ ...items.data[0], current_period_end: before.current_period_end }] };
  if (lines.length === 0) {
    update(place, { items: changed });
    return null;
  }
  const latest_invoice = bill(place, 'subscription_update', amountsOf(lines, subscription, moment));
  finalize(place, latest_invoice);
  if (totalOf(lines) <= 0 || variant % 3 > 0) {
    settle(place, latest_invoice);
    update(place, { items: changed, latest_invoice });
  } else if (form.payment_behavior === 'pending_if_incomplete') {
    refuse(place, latest_invoice);
    const pending_update = { expires_at: stripe.seconds() + 82_800, subscription_items: changed.data };
    update(place, { latest_invoice, pending_update });
  } else {
    refuse(place, latest_invoice);
    update(place, { items: changed, latest_invoice, status: 'past_due' });
  }
  return null;
}
