import type { RawGroup } from '../../sandbox/http/form.js';
import { bill, endOf, finalize, held, isIn, type Place, settle, update } from './billing.js';
import type { Raw, StripeModel } from './stripe-model.js';
import { itemsOf, MONTH } from './stripe-objects.js';

interface PhaseItem {
  price: string;
  quantity: number;
  metadata: object;
  discounts: unknown[];
}

interface Phase {
  items: PhaseItem[];
  start_date: number;
  end_date: number;
  discounts: unknown[];
}

const phasesOf = (schedule: Raw) => schedule.phases as Phase[];
const wholePhase = (items: PhaseItem[], start_date: number, end_date: number): Phase => ({
  ...{ items, start_date, end_date },
  discounts: [],
});

/** A schedule over a subscription as it is, of one phase: the period that runs. */
export function book(stripe: StripeModel, raw: Raw, id: string, metadata: object): void {
  const { data } = raw.items as { data: { price: { id: string }; quantity: number; current_period_start: number }[] };
  const items = data.map(({ price, quantity }) => ({ price: price.id, quantity, metadata: {}, discounts: [] }));
  const running = wholePhase(items, data[0]?.current_period_start ?? 0, endOf(raw));
  const schedule: Raw = {
    id,
    object: 'subscription_schedule',
    customer: raw.customer,
    subscription: raw.id,
    released_subscription: null,
    status: 'active',
    metadata: { ...metadata },
    created: stripe.seconds(),
    end_behavior: 'release',
    current_phase: { start_date: running.start_date, end_date: running.end_date },
    phases: [running],
  };
  stripe.put(schedule, 'subscription_schedule.created');
  stripe.change(raw.id, { schedule: id }, 'customer.subscription.updated');
}

/** The phases as the API is told them. */
export function replacePhases(stripe: StripeModel, schedule: Raw, { phases }: RawGroup): void {
  let start = phasesOf(schedule)[0]?.start_date ?? 0;
  const next = Object.values(phases as RawGroup).map((phase) => {
    const { items, end_date } = phase as RawGroup;
    const end = end_date === undefined ? start + MONTH : Number(end_date);
    const asked = Object.values(items as RawGroup).map((item) => {
      const { price, quantity } = item as RawGroup;
      return { price: String(price), quantity: Number(quantity ?? 1), metadata: {}, discounts: [] };
    });
    const made = wholePhase(asked, start, end);
    start = end;
    return made;
  });
  stripe.change(schedule.id, { phases: next }, 'subscription_schedule.updated');
}

/** Books another price for the end of the period, in Stripe's own tools or as the gateway does. */
export function bookChange(place: Place): void {
  const { stripe, name, variant } = place;
  const raw = held(place);
  if (!isIn(raw, 'active') || raw.schedule !== null || raw.pending_update !== null || raw.cancel_at_period_end) return;
  const id = `sub_sched_${name}`;
  book(stripe, raw, id, variant % 2 ? { made_by: 'billing-gateway' } : {});
  const schedule = stripe.get(id) as Raw;
  const [running] = phasesOf(schedule) as [Phase];
  const [item] = running.items as [PhaseItem];
  const next = { ...item, price: variant % 3 ? 'price_team' : 'price_business', quantity: 1 + (variant % 4) };
  const phases = [running, wholePhase([next], running.end_date, running.end_date + MONTH)];
  stripe.change(id, { phases }, 'subscription_schedule.updated');
}

export const scheduleOf = (place: Place): Raw | null => {
  const raw = held(place);
  return typeof raw?.schedule === 'string' ? place.stripe.get(raw.schedule) : null;
};

/** The subscription goes on without its schedule. */
export function release(stripe: StripeModel, schedule: Raw, type: string): void {
  const subscription = String(schedule.subscription);
  const status = type.split('.')[1];
  stripe.change(schedule.id, { status, subscription: null, released_subscription: subscription }, type);
  stripe.change(subscription, { schedule: null }, 'customer.subscription.updated');
}

/** The next phase begins with its items, and is billed; after the last the schedule is over. */
export function reachPhase(place: Place): void {
  const { stripe, subscription, variant } = place;
  const [schedule, raw] = [scheduleOf(place), held(place)];
  if (!schedule || !isIn(raw, 'active') || raw.pending_update !== null) return;
  const current = schedule.current_phase as { end_date: number };
  const next = phasesOf(schedule).find(({ start_date }) => start_date >= current.end_date);
  place.jumpTo(current.end_date);
  const over = variant % 2 ? 'subscription_schedule.completed' : 'subscription_schedule.released';
  if (!next) return release(stripe, schedule, over);
  const { price, quantity } = next.items[0] as PhaseItem;
  const latest_invoice = bill(place, 'subscription_cycle');
  const current_phase = { start_date: next.start_date, end_date: next.end_date };
  stripe.change(schedule.id, { current_phase }, 'subscription_schedule.updated');
  update(place, { latest_invoice, items: itemsOf(subscription, price, quantity, next.start_date) });
  finalize(place, latest_invoice);
  settle(place, latest_invoice);
}

/** A change that waits for its payment is given up. */
export const dropPending = (place: Place): void =>
  update(place, { pending_update: null }, 'customer.subscription.pending_update_expired');

/** A change that waits for its payment is paid, or given up. */
export function endPending(place: Place): void {
  const { stripe, subscription, variant } = place;
  const raw = held(place);
  const invoice = raw && stripe.get(String(raw.latest_invoice));
  if (!raw || raw.pending_update === null || invoice?.status !== 'open') return;
  if (variant % 2) {
    stripe.change(invoice.id, { status: 'void' }, 'invoice.voided');
    return dropPending(place);
  }
  const { data } = raw.items as { data: { id: string }[] };
  const waiting = (raw.pending_update as { subscription_items: { id: string }[] }).subscription_items;
  const items = { object: 'list', data: data.map((item) => waiting.find(({ id }) => id === item.id) ?? item) };
  settle(place, invoice.id);
  stripe.change(
    subscription,
    { items, pending_update: null },
    'customer.subscription.updated',
    'customer.subscription.pending_update_applied',
  );
}
