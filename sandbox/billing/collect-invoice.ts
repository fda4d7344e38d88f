import type { Account } from '../account.js';
import { previousAttributes } from '../events/previous-attributes.js';
import { hardDeclineOf } from '../payments/hard-declines.js';
import { attemptPayment } from '../payments/attempt-payment.js';
import type { ChargeDecision } from '../payments/decide-charge.js';
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

/** Tries to collect an open invoice, and lets invoice and subscription follow what came of it. */
export function collectInvoice(account: Account, id: string, collection: Collection): Collected {
  const invoice = account.store.get('invoice', id) as Invoice;
  const intent = intentOf(account, id);
  const method = collection.paymentMethod ?? paymentMethodFor(account, invoice);
  countAttempt(account, invoice, collection.automatic ?? false);
  if (!intent || !method) {
    recordFailure(account, id, false);
    return { kind: 'no_method' };
  }
  const hopeless = collection.automatic ? hardDeclineOf(account, intent, method) : null;
  if (hopeless) {
    passOver(account, id);
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
  follow(account, id, decision, collection.offSession);
  return decision;
}

/** Lets the invoice follow a payment that went on outside of a collection: its holder authenticated, or confirmed it. */
export function followIntent(account: Account, intentId: string, decision: ChargeDecision, offSession = false): void {
  const [payment] = account.store.where('invoice_payment', 'payment_intent', intentId);
  const invoice = payment ? account.store.get('invoice', payment.invoice) : undefined;
  if (!invoice || invoice.status !== 'open') return;
  if (!invoice.attempted) countAttempt(account, invoice, false);
  follow(account, invoice.id, decision, offSession);
  if (decision.kind === 'succeeds') saveMethod(account, invoice, intentId);
}

/** Where the subscription asks for it, the method that paid becomes its default. */
function saveMethod(account: Account, invoice: Invoice, intentId: string): void {
  const subscription = account.store.get('subscription', invoice.parent?.subscription_details?.subscription ?? '');
  const method = account.store.get('payment_intent', intentId)?.payment_method;
  if (subscription?.payment_settings?.save_default_payment_method !== 'on_subscription' || !method) return;
  changeSubscription(account, subscription.id, { default_payment_method: method });
}

function follow(account: Account, id: string, decision: ChargeDecision, offSession: boolean): void {
  if (decision.kind === 'succeeds') settlePaid(account, id, { charged: true });
  else recordFailure(account, id, decision.kind === 'requires_action', offSession);
}

export function intentOf(account: Account, invoice: string): ReturnType<typeof account.store.get<'payment_intent'>> {
  const payment = account.store.where('invoice_payment', 'invoice', invoice).find(({ status }) => status === 'open');
  return payment?.payment.payment_intent
    ? account.store.get('payment_intent', payment.payment.payment_intent)
    : undefined;
}

function countAttempt(account: Account, invoice: Invoice, automatic: boolean): void {
  const counts = automatic || invoice.attempt_count === 0;
  account.update('invoice', invoice.id, { attempted: true, attempt_count: invoice.attempt_count + (counts ? 1 : 0) });
}

function recordFailure(account: Account, id: string, needsAction: boolean, offSession = true): void {
  const before = account.store.get('invoice', id) as Invoice;
  const { next, last } = planRetry(account, before);
  const after = account.update('invoice', id, { next_payment_attempt: next });
  if (needsAction) account.emit('invoice.payment_action_required', after);
  if (!needsAction || (offSession && account.settings.actionRequiredAlsoFails))
    account.emit('invoice.payment_failed', after);
  const previous = previousAttributes(before, after) ?? {};
  account.emit('invoice.updated', after, { ...previous, attempt_count: Math.max(0, after.attempt_count - 1) });
  followFailedInvoice(account, after, last);
}

/** A scheduled attempt that was not made: it counts, the next one is planned, and only the last one has a consequence. */
function passOver(account: Account, id: string): void {
  const before = account.store.get('invoice', id) as Invoice;
  const { next, last } = planRetry(account, before);
  const after = account.update('invoice', id, { next_payment_attempt: next });
  const previous = previousAttributes(before, after) ?? {};
  account.emit('invoice.updated', after, { ...previous, attempt_count: after.attempt_count - 1 });
  if (last) followFailedInvoice(account, after, true);
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
