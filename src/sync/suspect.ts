import { CheckoutStatus } from '../checkout/checkout-session.js';
import { InvoiceStatus } from '../invoices/invoice.js';
import { isTerminal } from '../subscriptions/subscription.js';
import type { HandledType } from '../webhooks/handlers.js';
import { idIn, type StripeEvent } from '../webhooks/stripe-event.js';
import type { CustomerDemand, Look, Seen } from './seen.js';

/** How old an answer of Stripe's can be: replicas lag. */
export const OLDEST_READ_MS = 10_000;

const kinds: Record<string, CustomerDemand> = {
  customer: 'customer',
  subscription: 'subscription',
  invoice: 'invoice',
  'checkout.session': 'checkoutSession',
};

/** What Stripe answered about the object that an event is about; undefined when it was not looked at. */
export function lookAtObject(event: StripeEvent, seen: Seen): Look<unknown> | undefined {
  const kind = kinds[String(event.object.object)];
  return kind && seen[kind].get(String(event.object.id));
}

const isPaid = (seen: Seen, id: string) =>
  holdsFor(seen.invoice.get(id), ({ status }) => status === InvoiceStatus.PAID);

const asFarAs: Partial<Record<HandledType, (seen: Seen, id: string) => boolean>> = {
  'customer.deleted': (seen, id) => seen.customer.get(id)?.state?.deleted === true,
  'customer.subscription.deleted': (seen, id) => holdsFor(seen.subscription.get(id), isTerminal),
  'invoice.paid': isPaid,
  'invoice.payment_succeeded': isPaid,
  'invoice.voided': (seen, id) => holdsFor(seen.invoice.get(id), ({ status }) => status === InvoiceStatus.VOID),
  'invoice.deleted': () => false,
  'invoice.marked_uncollectible': (seen, id) =>
    holdsFor(seen.invoice.get(id), ({ status }) => status !== InvoiceStatus.DRAFT && status !== InvoiceStatus.OPEN),
  'invoice.finalized': (seen, id) => holdsFor(seen.invoice.get(id), ({ status }) => status !== InvoiceStatus.DRAFT),
  'checkout.session.completed': (seen, id) =>
    holdsFor(seen.checkoutSession.get(id), ({ status }) => status === CheckoutStatus.COMPLETE),
  'checkout.session.expired': (seen, id) =>
    holdsFor(seen.checkoutSession.get(id), ({ status }) => status === CheckoutStatus.EXPIRED),
};

const holdsFor = <State>(look: Look<State> | undefined, test: (state: State) => boolean): boolean =>
  look?.state !== null && look?.state !== undefined && test(look.state);

/**
 * Whether Stripe's answer denies what the event says, as a read that is older than the event does: the object is not
 * there yet, has not ended or been paid yet, or still looks as it did before the event. Events that are `finished`
 * explain an answer only when they are of a later second: then what they said came after this event for certain.
 */
export function denies(
  event: StripeEvent,
  seen: Seen,
  listed: readonly StripeEvent[],
  finished: readonly StripeEvent[] = [],
): boolean {
  const others = [...listed, ...finished.filter(({ created }) => created > event.created)];
  if (MEMBERS.includes(String(event.object.object))) return deniesMember(event, listOf(event, seen), others);
  const look = lookAtObject(event, seen);
  if (!look) return false;
  // Of what is deleted, only a draft is gone: customers and subscriptions stay, and say that they have ended.
  if (look.state === null) return event.type !== 'invoice.deleted';
  const reached = asFarAs[event.type as HandledType];
  if (reached) return !reached(seen, String(event.object.id));
  return looksAsBefore(event, look.raw as Record<string, unknown>, others);
}

/** What a customer has several of, and what is always seen as a whole list. */
const MEMBERS = ['payment_method', 'tax_id'];

/** Whether the answer shows what the event is about, so that it can be told when it is older. */
export const isShown = (event: StripeEvent, seen: Seen): boolean =>
  MEMBERS.includes(String(event.object.object))
    ? listOf(event, seen) !== null
    : lookAtObject(event, seen) !== undefined;

/** False where the answer shows what the event changed as somebody has changed it since. */
export function stillHolds(event: StripeEvent, seen: Seen): boolean {
  const raw = lookAtObject(event, seen)?.raw as Record<string, unknown> | null | undefined;
  return !raw || Object.keys(event.previousAttributes ?? {}).every((field) => matches(raw[field], event.object[field]));
}

/** The objects of that list as Stripe answered; null when it was not looked at. */
function listOf({ object }: StripeEvent, seen: Seen): readonly object[] | null {
  if (object.object === 'payment_method')
    return seen.paymentMethods && [...seen.paymentMethods.values()].flatMap(({ raw }) => raw ?? []);
  const customer = seen.customer.get(idIn(object, 'customer') ?? '')?.raw as { tax_ids?: { data?: object[] } } | null;
  return customer?.tax_ids?.data ?? null;
}

/** An event says whether something is in its list, and sometimes how it looks. */
function deniesMember(event: StripeEvent, list: readonly object[] | null, others: readonly StripeEvent[]): boolean {
  if (list === null) return false;
  const leaves = ({ type }: StripeEvent) => type === 'payment_method.detached' || type === 'customer.tax_id.deleted';
  const raw = (list as Record<string, unknown>[]).find(({ id }) => id === event.object.id);
  if (leaves(event)) return raw !== undefined;
  if (raw) return looksAsBefore(event, raw, others);
  return !others.some((other) => leaves(other) && other.object.id === event.object.id);
}

/** A later event of the same list may have set the object back; then the answer is new and not old. */
const looksAsBefore = (event: StripeEvent, raw: Record<string, unknown>, others: readonly StripeEvent[]): boolean =>
  Object.keys(event.previousAttributes ?? {}).length > 0 &&
  matches(raw, event.previousAttributes) &&
  !others.some((other) => other !== event && explains(other, event, raw));

function explains(other: StripeEvent, event: StripeEvent, raw: Record<string, unknown>): boolean {
  if (other.object.id !== event.object.id || other.created < event.created || !other.previousAttributes) return false;
  const fields = Object.keys(event.previousAttributes ?? {});
  const setBack = Object.fromEntries(fields.map((field) => [field, other.object[field]]));
  return fields.some((field) => field in (other.previousAttributes ?? {})) && matches(raw, setBack);
}

/** Whether every field of `part` stands in `whole`; an expanded object equals its id. */
export function matches(whole: unknown, part: unknown): boolean {
  if (Array.isArray(part)) {
    return Array.isArray(whole) && whole.length === part.length && part.every((item, at) => matches(whole[at], item));
  }
  if (typeof part === 'object' && part !== null) {
    if (typeof whole === 'string') return (part as { id?: unknown }).id === whole;
    if (typeof whole !== 'object' || whole === null) return false;
    return Object.entries(part).every(([field, value]) => matches((whole as Record<string, unknown>)[field], value));
  }
  if (typeof part === 'string' && typeof whole === 'object' && whole !== null && 'id' in whole) {
    return (whole as { id: unknown }).id === part;
  }
  return String(whole ?? null) === String(part ?? null);
}
