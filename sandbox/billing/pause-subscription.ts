import type { Account } from '../account.js';
import { notPossible } from '../http/errors.js';
import type { Debit, SubscriptionMemory } from '../store/tables.js';
import { rememberDebits } from './apply-change.js';
import { boundaryAfter, type Recurrence } from './calendar.js';
import { changeSubscription, withItems } from './change-subscription.js';
import { collectInvoice } from './collect-invoice.js';
import { cycleLine } from './cycle-line.js';
import { draftUpdate } from './draft-update.js';
import { finalizeInvoice } from './finalize-invoice.js';
import { createProrationItem } from './invoice-items.js';
import type { Item, NewLine, Subscription } from './lines.js';
import { paymentMethodFor } from './payment-method-for.js';
import { pendingLines } from './pending-items.js';
import { pendingUpdate } from './pending-update.js';
import { isMetered, recurringOf } from './price-amount.js';
import { chargeRemaining, creditUnused } from './prorations.js';
import { closeUsage } from './usage.js';

export interface Pausing {
  bill_for?: {
    outstanding_usage_through?: { type: 'now' | 'none' };
    unused_time_from?: { type: 'now' | 'item_current_period_start' | 'none' };
  };
  /** Its own schedule pauses it. */
  scheduled?: boolean;
  /** Stop at the draft: a preview looks no further. */
  previewOnly?: boolean;
  invoicing_behavior?: 'pending_invoice_item' | 'invoice';
}

/** Stops billing and service until it is resumed; the unused time is credited unless told otherwise. */
export function pauseSubscription(
  account: Account,
  id: string,
  { bill_for, invoicing_behavior = 'pending_invoice_item', scheduled = false, previewOnly = false }: Pausing,
): Subscription {
  const subscription = account.store.get('subscription', id) as Subscription;
  checkPausable(subscription, scheduled);
  const now = account.now(subscription.customer);
  const from = bill_for?.unused_time_from?.type ?? 'now';
  const memory = account.store.get('subscription_memory', id);
  const debits: Record<string, Debit[]> = { ...memory?.debits };
  for (const item of from === 'none' ? [] : subscription.items.data) {
    const at = from === 'now' ? now : item.current_period_start;
    const credit = creditUnused(account, subscription, item, debits[item.id] ?? [], at);
    debits[item.id] = credit.debits;
    for (const proration of credit.credits) createProrationItem(account, subscription, proration);
  }
  rememberDebits(account, id, debits);
  const bills = bill_for?.outstanding_usage_through?.type !== 'none';
  for (const item of subscription.items.data) closeUsage(account, subscription, item, bills);
  const items = subscription.items.data.map((item) => ({ ...item, current_period_end: now }));
  const paused = changeSubscription(account, id, {
    status: 'paused',
    items: withItems(subscription, items),
    status_details: {
      paused: { type: 'subscription', subscription: { type: 'pause_requested' }, transitioned_at: now },
    },
  } as Partial<Subscription>);
  account.emit('customer.subscription.paused', paused);
  if (invoicing_behavior === 'invoice') invoiceNow(account, paused, previewOnly);
  return account.store.get('subscription', id) as Subscription;
}

function checkPausable(subscription: Subscription, scheduled: boolean): void {
  const refuse = (why: string): never => {
    throw notPossible(`The subscription '${subscription.id}' cannot be paused: ${why}.`);
  };
  if (subscription.billing_mode.type !== 'flexible')
    refuse('its billing_mode is classic; only flexible subscriptions can');
  if (subscription.collection_method !== 'charge_automatically')
    refuse('its collection_method is not charge_automatically');
  if (subscription.schedule && !scheduled) refuse(`the schedule ${subscription.schedule} is attached`);
  if (subscription.status !== 'active' && subscription.status !== 'past_due')
    refuse(`its status is ${subscription.status}`);
}

export interface Resuming {
  billing_cycle_anchor?: { type: 'now' | 'unchanged' };
  payment_behavior?: 'resume_on_payment_attempt' | 'resume_on_payment_success';
  proration_behavior?: 'always_invoice' | 'create_prorations' | 'none';
  proration_date?: number;
  previewOnly?: boolean;
}

/** Begins again: the invoice is finalised at once, and its payment, or the attempt at it, lifts the pause. */
export function resumeSubscription(
  account: Account,
  id: string,
  given: Resuming,
): { subscription: Subscription; invoice: string | null } {
  const subscription = account.store.get('subscription', id) as Subscription;
  if (subscription.status !== 'paused')
    throw notPossible(`Only paused subscriptions can be resumed; '${id}' is ${subscription.status}.`);
  const now = given.proration_date ?? account.now(subscription.customer);
  const keeps = given.billing_cycle_anchor?.type === 'unchanged';
  const begun = begunAt(subscription, now, keeps);
  const lines: NewLine[] = [];
  for (const item of begun.items.data.filter(({ price }) => !isMetered(price))) {
    if (!keeps) lines.push(cycleLine(account, begun, item));
    else if (given.proration_behavior !== 'none') {
      const charge = chargeRemaining(account, begun, item, now);
      if (charge) createProrationItem(account, begun, charge);
    }
  }
  const due = [...lines, ...pendingLines(account, begun)];
  if (due.length === 0) {
    liftPause(account, id, 'active', begun);
    return { subscription: account.store.get('subscription', id) as Subscription, invoice: null };
  }
  const invoice = resumeByInvoice(account, begun, due, given);
  return { subscription: account.store.get('subscription', id) as Subscription, invoice };
}

/** The subscription with the period that begins when it goes on. */
function begunAt(subscription: Subscription, now: number, keepsAnchor: boolean): Subscription {
  const anchor = keepsAnchor ? subscription.billing_cycle_anchor : now;
  const items = subscription.items.data.map((item) => ({
    ...item,
    current_period_start: now,
    current_period_end: boundaryAfter(anchor, recurringOf(item.price) as Recurrence, now),
  }));
  return { ...subscription, billing_cycle_anchor: anchor, items: withItems(subscription, items) };
}

const YEAR = { interval: 'year', interval_count: 1 } as const;

/** What waits for the invoice of the resume shows as a pending update, for 23 hours, or a year where Stripe tries to collect it. */
function resumeByInvoice(account: Account, begun: Subscription, lines: NewLine[], resuming: Resuming): string {
  const { id, customer, billing_cycle_anchor } = begun;
  const now = account.now(customer);
  const mode = resuming.payment_behavior ?? 'resume_on_payment_attempt';
  const collects = mode === 'resume_on_payment_success';
  const draft = draftUpdate(account, begun, lines, {});
  const expires = collects ? boundaryAfter(now, YEAR, now) : now + account.settings.incompleteHours * 3600;
  const keepsAnchor = resuming.billing_cycle_anchor?.type === 'unchanged';
  changeSubscription(account, id, {
    latest_invoice: draft.id,
    pending_update: pendingUpdate(expires, keepsAnchor ? {} : { billing_cycle_anchor }),
  });
  account.emit('invoice.created', draft);
  if (resuming.previewOnly) return draft.id;
  const memory = account.store.get('subscription_memory', id);
  if (memory)
    account.store.put('subscription_memory', { ...memory, resuming: { invoice: draft.id, mode, keepsAnchor } });
  const open = finalizeInvoice(account, draft.id);
  if (open.status !== 'open') return draft.id;
  if (collects && paymentMethodFor(account, open) === null)
    throw notPossible('This customer has no attached payment source or default payment method.', 'resource_missing');
  account.plan('invoice.void_unpaid_resume', draft.id, expires, customer);
  if (collects) collectInvoice(account, draft.id, { offSession: false });
  return draft.id;
}

/** Drafts, finalises and collects what a pause bills at once. */
function invoiceNow(account: Account, paused: Subscription, previewOnly: boolean): void {
  const lines = pendingLines(account, paused);
  if (lines.length === 0) return;
  const draft = draftUpdate(account, paused, lines, {});
  changeSubscription(account, paused.id, { latest_invoice: draft.id });
  account.emit('invoice.created', draft);
  if (previewOnly || finalizeInvoice(account, draft.id).status !== 'open') return;
  collectInvoice(account, draft.id, { offSession: false });
}

/** Paused to active, or to past due where the attempt was enough and failed; its period begins with that. */
export function liftPause(
  account: Account,
  id: string,
  status: 'active' | 'past_due',
  begun: Partial<Subscription> = beginsNow(account, id),
): void {
  const { resuming } = giveUpResume(account, id) ?? {};
  const { items, billing_cycle_anchor } = begun;
  if (resuming && !resuming.keepsAnchor && items) moveDebits(account, id, resuming.invoice, items.data);
  const resumed = changeSubscription(account, id, {
    ...(items ? { items, billing_cycle_anchor } : {}),
    ...{ status, status_details: {}, pending_update: null },
  } as Partial<Subscription>);
  account.emit('customer.subscription.resumed', resumed);
}

function beginsNow(account: Account, id: string): Subscription {
  const subscription = account.store.get('subscription', id) as Subscription;
  const keepsAnchor = account.store.get('subscription_memory', id)?.resuming?.keepsAnchor ?? false;
  return begunAt(subscription, account.now(subscription.customer), keepsAnchor);
}

/** Nothing waits any more for the invoice of a resume; answers what was remembered while it did. */
export function giveUpResume(account: Account, id: string): SubscriptionMemory | undefined {
  const memory = account.store.get('subscription_memory', id);
  if (!memory?.resuming) return memory;
  account.unplan('invoice.void_unpaid_resume', memory.resuming.invoice);
  account.store.put('subscription_memory', { ...memory, resuming: null });
  return memory;
}

/** What was charged in advance counts for the period that begins with the payment, however late that came. */
function moveDebits(account: Account, id: string, invoice: string, items: Item[]): void {
  const memory = account.store.get('subscription_memory', id);
  if (!memory) return;
  const debits = { ...memory.debits };
  for (const { id: item, current_period_start: start, current_period_end: end } of items)
    debits[item] = (debits[item] ?? []).map((debit) =>
      debit.invoice === invoice ? { ...debit, start, end, until: end } : debit,
    );
  account.store.put('subscription_memory', { ...memory, debits });
}
