import type { Account } from '../account.js';
import { previousAttributes } from '../events/previous-attributes.js';
import { hardDeclineOf } from '../payments/hard-declines.js';
import { attemptPayment } from '../payments/attempt-payment.js';
import type { ChargeDecision } from '../payments/decide-charge.js';
import { countAttached } from './attach-payment.js';
import { changeSubscription } from './change-subscription.js';
import type { Invoice } from './draft-invoice.js';
import { followFailedInvoice } from './follow-invoice.js';
import { paymentMethodFor } from './payment-method-for.js';
import { settlePaid } from './settle-invoice.js';

export interface Collection {
  offSession: boolean;
  /** True for the clock's own retries: only they move the count on after the first attempt. */
  automatic?: boolean;
  paymentMethod?: string | null;
}

export type Collected = ChargeDecision | { kind: 'no_method' };
/** What the caller must hear of at once. */
export type Uncollected = Exclude<Collected, { kind: 'succeeds' | 'processing' }>;

/** Whether nothing went wrong: the money has come, or is on its way. */
export const isGoing = (collected: Collected): collected is Exclude<Collected, Uncollected> =>
  collected.kind === 'succeeds' || collected.kind === 'processing';

/** Tries to collect an open invoice, and lets invoice and subscription follow what came of it. */
export function collectInvoice(account: Account, id: string, collection: Collection): Collected {
  const invoice = account.store.get('invoice', id) as Invoice;
  const intent = intentOf(account, id);
  const method = collection.paymentMethod ?? paymentMethodFor(account, invoice);
  countAttempt(account, invoice, collection.automatic ?? false);
  if (!intent || !method) {
    recordFailure(account, invoice, false);
    return { kind: 'no_method' };
  }
  const hopeless = collection.automatic ? hardDeclineOf(account, intent, method) : null;
  if (hopeless) {
    passOver(account, invoice);
    return { kind: 'declined', decline: hopeless };
  }
  if (intent.payment_method !== method || intent.status !== 'requires_confirmation') {
    account.update('payment_intent', intent.id, {
      payment_method: method,
      status: 'requires_confirmation',
      next_action: null,
    });
  }
  const decision = attemptPayment(account, intent.id, { offSession: collection.offSession });
  follow(account, invoice, decision, collection.offSession);
  return decision;
}

/** Lets the invoice follow a payment that went on outside of a collection: its holder authenticated, or confirmed it. */
export function followIntent(account: Account, intentId: string, decision: ChargeDecision, offSession = false): void {
  const [payment] = account.store.where('invoice_payment', 'payment_intent', intentId);
  const invoice = payment ? account.store.get('invoice', payment.invoice) : undefined;
  if (!payment || !invoice || invoice.status !== 'open') return;
  if (!payment.is_default) {
    if (decision.kind === 'succeeds') countAttached(account, intentId);
    return;
  }
  if (!invoice.attempted) countAttempt(account, invoice, false);
  follow(account, invoice, decision, offSession);
  if (decision.kind === 'succeeds') saveMethod(account, invoice, intentId);
}

/** Where the subscription asks for it, the method that paid becomes its default. */
function saveMethod(account: Account, invoice: Invoice, intentId: string): void {
  const subscription = account.store.get('subscription', invoice.parent?.subscription_details?.subscription ?? '');
  const method = account.store.get('payment_intent', intentId)?.payment_method;
  if (subscription?.payment_settings?.save_default_payment_method !== 'on_subscription' || !method) return;
  changeSubscription(account, subscription.id, { default_payment_method: method });
}

function follow(account: Account, before: Invoice, decision: ChargeDecision, offSession: boolean): void {
  if (decision.kind === 'succeeds') settlePaid(account, before.id, { charged: true });
  else if (decision.kind === 'processing') followPending(account, before);
  else recordFailure(account, before, decision.kind === 'requires_action', offSession);
}

/** Stripe counts on a debit that is under way: a subscription begins with it. */
function followPending(account: Account, before: Invoice): void {
  const after = account.store.get('invoice', before.id) as Invoice;
  account.emit('invoice.updated', after, previousAttributes(before, after) ?? {});
  const subscription = account.store.get('subscription', before.parent?.subscription_details?.subscription ?? '');
  if (subscription?.status !== 'incomplete') return;
  account.unplan('subscription.incomplete_expire', subscription.id);
  changeSubscription(account, subscription.id, { status: 'active' });
}

export function intentOf(account: Account, invoice: string): ReturnType<typeof account.store.get<'payment_intent'>> {
  const payment = account.store
    .where('invoice_payment', 'invoice', invoice)
    .find(({ status, is_default }) => status === 'open' && is_default);
  return payment?.payment.payment_intent
    ? account.store.get('payment_intent', payment.payment.payment_intent)
    : undefined;
}

function countAttempt(account: Account, invoice: Invoice, automatic: boolean): void {
  const counts = automatic || invoice.attempt_count === 0;
  account.update('invoice', invoice.id, { attempted: true, attempt_count: invoice.attempt_count + (counts ? 1 : 0) });
}

/** `before` is the invoice as it was when nothing of the attempt had been written on it. */
function recordFailure(account: Account, before: Invoice, needsAction: boolean, offSession = true): void {
  const { after, last } = writeFailure(account, before);
  if (needsAction) account.emit('invoice.payment_action_required', after);
  if (!needsAction || (offSession && account.settings.actionRequiredAlsoFails))
    account.emit('invoice.payment_failed', after);
  followFailedInvoice(account, after, last);
}

/** A scheduled attempt that was not made: it counts, the next one is planned, and only the last one has a consequence. */
function passOver(account: Account, before: Invoice): void {
  const { after, last } = writeFailure(account, before);
  if (last) followFailedInvoice(account, after, true);
}

function writeFailure(account: Account, before: Invoice): { after: Invoice; last: boolean } {
  const { next, last } = planRetry(account, before);
  const after = account.update('invoice', before.id, { next_payment_attempt: next });
  const previous = previousAttributes(before, after);
  if (previous) account.emit('invoice.updated', after, previous);
  return { after, last };
}

/** The next automatic attempt by the schedule. A first invoice has none: it waits for the customer, then expires. */
function planRetry(account: Account, invoice: Invoice): { next: number | null; last: boolean } {
  const id = invoice.parent?.subscription_details?.subscription;
  const memory = id ? account.store.get('subscription_memory', id) : undefined;
  const first = invoice.billing_reason === 'subscription_create';
  const parked = id !== undefined && account.store.get('parked_change', id)?.invoice === invoice.id;
  const attempted = memory?.resuming?.invoice === invoice.id && memory.resuming.mode === 'resume_on_payment_attempt';
  if (!memory || first || parked || attempted || !invoice.auto_advance) return { next: null, last: false };
  const now = account.now(invoice.customer);
  const since = memory.failing[invoice.id] ?? now;
  const days = account.settings.retryDays.map((day) => since + day * 86_400);
  const next = days.find((at) => at > now) ?? null;
  account.store.put('subscription_memory', { ...memory, failing: { ...memory.failing, [invoice.id]: since } });
  if (next === null) {
    account.unplan('invoice.retry', invoice.id);
    return { next, last: true };
  }
  account.plan('invoice.retry', invoice.id, next, invoice.customer);
  return { next, last: false };
}
