import type { Raw as Form, RawGroup } from '../../sandbox/http/form.js';
import { changeItems, previewOf } from './item-changes.js';
import { bill, end, finalize, isIn, refuse, settle, update, type Place } from './billing.js';
import type { Chance } from './chance.js';
import { book, dropPending, release, replacePhases } from './schedules.js';
import type { Raw, StripeModel } from './stripe-model.js';
import { type Answer, expanded, found, missing, refused } from './stripe-answers.js';

export interface Write {
  path: string;
  method: string;
  form: RawGroup;
}

/** What Stripe does and answers when it is asked to change something: as far as the verbs of the gateway ask. */
export function writeAnswer(stripe: StripeModel, chance: Chance, { path, method, form }: Write): Answer {
  const [kind, id, action] = path.split('?')[0]?.split('/').slice(2) ?? [];
  if (kind === 'subscription_schedules' && id === undefined) return bookAnswer(stripe, form);
  if (kind === 'checkout') return expireSession(stripe, String(action));
  const raw = stripe.get(String(id));
  if (!raw) return missing(id);
  const place = placeOf(stripe, chance, raw);
  if (kind === 'subscription_schedules') return scheduleAnswer(place, raw, action, form);
  if (kind === 'invoices' && action === 'void') return voidInvoice(place, raw);
  if (kind !== 'subscriptions') throw new Error(`The simulated Stripe does not know ${method} ${path}.`);
  const refusal = subscriptionAnswer(place, raw, method === 'DELETE' ? 'cancel' : action, form);
  return refusal ?? found(expanded(stripe, stripe.get(raw.id) as Raw));
}

/** What a call makes is named after the number of calls before it. */
function placeOf(stripe: StripeModel, chance: Chance, raw: Raw): Place {
  const subscription = String(raw.object === 'subscription' ? raw.id : (raw.subscription ?? ''));
  const name = `by_call_${stripe.effects.length}`;
  const customer = String(raw.customer);
  return { stripe, customer, subscription, name, account: '', variant: chance.whole(0, 11), jumpTo: () => {} };
}

const hasEnded = (raw: Raw): boolean => isIn(raw, 'canceled', 'incomplete_expired');

/** Does it, or answers why not. */
function subscriptionAnswer(place: Place, raw: Raw, action: string | undefined, form: RawGroup): Answer | null {
  if (hasEnded(raw)) return action === 'cancel' ? missing(raw.id) : refused('It has ended.');
  if (action === 'cancel') {
    end(place, raw, place.stripe.seconds());
    return null;
  }
  if (action === 'pause') return pause(place, raw);
  if (action === 'resume') return resume(place, raw);
  if ('items' in form) return changeItems(place, raw, form);
  const touchesEnd = 'cancel_at_period_end' in form || 'cancel_at' in form;
  if (touchesEnd && raw.schedule !== null) return refused('Change its schedule instead.');
  const now = place.stripe.seconds();
  if ('cancel_at_period_end' in form) {
    const cancels = form.cancel_at_period_end === 'true';
    update(place, { cancel_at_period_end: cancels, canceled_at: cancels ? now : null });
  } else if (touchesEnd) update(place, { cancel_at: null, canceled_at: null });
  if ('pause_collection' in form) update(place, { pause_collection: collectionOf(form.pause_collection as Form) });
  return null;
}

const collectionOf = (asked: Form) =>
  typeof asked === 'string' ? null : { behavior: asked.behavior, resumes_at: Number(asked.resumes_at) };

function pause(place: Place, raw: Raw): Answer | null {
  if (!isIn(raw, 'active') || raw.schedule !== null)
    return refused('Only what is active and not booked can be paused.');
  const now = place.stripe.seconds();
  const paused = { subscription: { type: 'pause_requested' }, transitioned_at: now };
  const { data } = raw.items as { data: object[] };
  const items = { object: 'list', data: data.map((item) => ({ ...item, current_period_end: now })) };
  update(place, { status: 'paused', status_details: { paused }, items }, 'customer.subscription.paused');
  return null;
}

/** Its invoice is paid at once in most cases. */
function resume(place: Place, raw: Raw): Answer | null {
  if (!isIn(raw, 'paused')) return refused('It is not paused.');
  const latest_invoice = bill(place, 'subscription_cycle');
  update(place, { latest_invoice });
  finalize(place, latest_invoice);
  if (place.variant % 4 === 0) {
    refuse(place, latest_invoice);
    return null;
  }
  settle(place, latest_invoice);
  update(place, { status: 'active', status_details: {} }, 'customer.subscription.resumed');
  return null;
}

function voidInvoice(place: Place, invoice: Raw): Answer {
  if (invoice.status !== 'open') return refused(`It is ${String(invoice.status)}.`);
  place.stripe.change(invoice.id, { status: 'void' }, 'invoice.voided');
  const subscription = invoiceOwner(invoice);
  const raw = place.stripe.get(subscription);
  if (raw && raw.pending_update !== null && raw.latest_invoice === invoice.id) dropPending({ ...place, subscription });
  return found(place.stripe.get(invoice.id));
}

function expireSession(stripe: StripeModel, id: string): Answer {
  const session = stripe.get(id);
  if (session?.status !== 'open') return refused(`The session is ${String(session?.status)}.`);
  stripe.change(id, { status: 'expired', url: null }, 'checkout.session.expired');
  return found(stripe.get(id));
}

const invoiceOwner = ({ parent }: Raw): string =>
  (parent as { subscription_details: { subscription: string } }).subscription_details.subscription;

function bookAnswer(stripe: StripeModel, form: RawGroup): Answer {
  const raw = stripe.get(String(form.from_subscription));
  if (!raw) return missing(form.from_subscription);
  if (!isIn(raw, 'active', 'trialing', 'past_due') || raw.schedule !== null) return refused('It cannot be booked.');
  const id = `sub_sched_by_call_${stripe.effects.length}`;
  book(stripe, raw, id, (form.metadata ?? {}) as RawGroup);
  return found(stripe.get(id));
}

function scheduleAnswer(place: Place, schedule: Raw, action: string | undefined, form: RawGroup): Answer {
  if (schedule.status !== 'active') return refused(`The schedule is ${String(schedule.status)}.`);
  if (action === 'release') release(place.stripe, schedule, 'subscription_schedule.released');
  else replacePhases(place.stripe, schedule, form);
  return found(place.stripe.get(schedule.id));
}

/** A preview changes nothing, so it may come from an old answer like any read. */
export function previewAnswer(stripe: StripeModel, form: RawGroup, at: number): Answer {
  const raw = stripe.asOf(String(form.subscription), at);
  if (!raw) return missing(form.subscription);
  if (hasEnded(raw)) return refused('It has ended.');
  return previewOf(stripe, raw, form);
}
