import type { Raw, StripeModel } from './stripe-model.js';
import { anInvoice, aSubscription, itemsOf } from './stripe-objects.js';

/** Where a change happens: one of the run's customers and one of her subscriptions. */
export interface Place {
  stripe: StripeModel;
  /** Jumps billing time to this second. */
  jumpTo: (second: number) => void;
  customer: string;
  account: string;
  subscription: string;
  /** Makes names for what the change creates. */
  name: string;
  /** One way of several that the change can take. */
  variant: number;
}

export type Status =
  'incomplete' | 'trialing' | 'active' | 'past_due' | 'unpaid' | 'paused' | 'canceled' | 'incomplete_expired';

export const held = ({ stripe, subscription }: Place): Raw | null => stripe.get(subscription);
export const isIn = (raw: Raw | null, ...statuses: Status[]): raw is Raw =>
  raw !== null && statuses.includes(raw.status as Status);
export const endOf = (raw: Raw) =>
  (raw.items as { data: { current_period_end: number }[] }).data[0]?.current_period_end as number;
export const customerLives = ({ stripe, customer }: Place) => stripe.get(customer)?.deleted !== true;

const moments = (raw: Raw, patch: object) => ({ ...(raw.status_transitions as object), ...patch });

export function bill(place: Place, reason: string, differs: object = {}): string {
  const { stripe, customer, subscription, name } = place;
  const id = `in_${name}`;
  stripe.put({ ...anInvoice(id, customer, subscription, stripe.seconds(), reason), ...differs }, 'invoice.created');
  return id;
}

export function finalize({ stripe, name }: Place, id: string): void {
  const raw = stripe.get(id) as Raw;
  const patch = { status: 'open', number: name, status_transitions: moments(raw, { finalized_at: stripe.seconds() }) };
  stripe.change(id, patch, 'invoice.finalized');
}

export function settle({ stripe }: Place, id: string): void {
  const raw = stripe.get(id) as Raw;
  const paid = { paid_at: stripe.seconds() };
  const amounts = { amount_paid: raw.amount_due, attempt_count: Number(raw.attempt_count) + 1 };
  const patch = { ...amounts, status: 'paid', next_payment_attempt: null, status_transitions: moments(raw, paid) };
  stripe.change(id, patch, 'invoice.paid', 'invoice.updated');
}

export function refuse({ stripe }: Place, id: string): void {
  const attempts = Number(stripe.get(id)?.attempt_count) + 1;
  const next = stripe.seconds() + 259_200;
  stripe.change(
    id,
    { attempt_count: attempts, next_payment_attempt: next },
    'invoice.payment_failed',
    'invoice.updated',
  );
}

export const update = ({ stripe, subscription }: Place, patch: object, ...more: string[]) =>
  stripe.change(subscription, patch, 'customer.subscription.updated', ...more);

export function create(place: Place): void {
  const { stripe, customer, subscription, variant } = place;
  if (held(place) || !customerLives(place)) return;
  const now = stripe.seconds();
  const trial = { status: 'trialing', trial_start: now, trial_end: now + 1_209_600 };
  const begins = [{ status: 'active' }, trial, { status: 'incomplete' }][variant % 3] as { status: Status };
  const invoice = begins.status === 'trialing' ? null : bill(place, 'subscription_create');
  const made = aSubscription(subscription, customer, now, { ...begins, latest_invoice: invoice });
  stripe.put(made, 'customer.subscription.created');
  if (!invoice) return;
  finalize(place, invoice);
  if (begins.status === 'active') settle(place, invoice);
  else refuse(place, invoice);
}

export function renew(place: Place, paid: boolean): void {
  const { stripe, subscription, jumpTo } = place;
  const raw = held(place);
  if (!isIn(raw, 'active') || raw.cancel_at_period_end || raw.schedule !== null || raw.pending_update !== null) return;
  jumpTo(endOf(raw));
  const latest_invoice = bill(place, 'subscription_cycle');
  const { price, quantity } = (raw.items as { data: { price: { id: string }; quantity: number }[] }).data[0] ?? {};
  update(place, { latest_invoice, items: itemsOf(subscription, price?.id ?? '', quantity ?? 1, stripe.seconds()) });
  finalize(place, latest_invoice);
  if (paid) return settle(place, latest_invoice);
  refuse(place, latest_invoice);
  update(place, { status: 'past_due' });
}

export function pay(place: Place): void {
  const raw = held(place);
  if (!isIn(raw, 'incomplete', 'past_due', 'unpaid', 'paused')) return;
  const invoice = String(raw.latest_invoice);
  if (place.stripe.get(invoice)?.status !== 'open') return;
  settle(place, invoice);
  update(place, { status: 'active', status_details: {} });
}

/** What was booked falls with it. */
export function end({ stripe }: Place, raw: Raw, ended: number): void {
  const patch = { status: 'canceled', ended_at: ended, canceled_at: raw.canceled_at ?? ended };
  if (typeof raw.schedule === 'string') {
    const [status, canceled_at] = ['canceled', ended];
    stripe.change(raw.schedule, { status, canceled_at }, 'subscription_schedule.canceled');
  }
  stripe.change(raw.id, { ...patch, schedule: null, pending_update: null }, 'customer.subscription.deleted');
}

export function endTrial(place: Place): void {
  const raw = held(place);
  if (!isIn(raw, 'trialing')) return;
  place.jumpTo(Number(raw.trial_end));
  if (place.variant % 2 === 0) {
    const type = { type: 'trial_end_without_payment_method' };
    const paused = { subscription: type, transitioned_at: place.stripe.seconds() };
    return update(place, { status: 'paused', status_details: { paused } }, 'customer.subscription.paused');
  }
  const latest_invoice = bill(place, 'subscription_cycle');
  update(place, { status: 'active', latest_invoice });
  finalize(place, latest_invoice);
  settle(place, latest_invoice);
}
