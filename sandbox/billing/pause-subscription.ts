import type { Account } from '../account.js';
import { notPossible } from '../http/errors.js';
import type { Debit } from '../store/tables.js';
import { rememberDebits } from './apply-change.js';
import { boundaryAfter, type Recurrence } from './calendar.js';
import { changeSubscription, withItems } from './change-subscription.js';
import { collectInvoice } from './collect-invoice.js';
import { cycleLine } from './cycle-line.js';
import { draftInvoice } from './draft-invoice.js';
import { finalizeInvoice } from './finalize-invoice.js';
import { createProrationItem } from './invoice-items.js';
import type { NewLine, Subscription } from './lines.js';
import { pendingLines } from './pending-items.js';
import { isMetered, recurringOf } from './price-amount.js';
import { chargeRemaining, creditUnused } from './prorations.js';

export interface Pausing {
  bill_for?: { unused_time_from?: { type: 'now' | 'item_current_period_start' | 'none' } };
  invoicing_behavior?: 'pending_invoice_item' | 'invoice';
}

/** Stops billing and service until it is resumed; the unused time is credited unless told otherwise. */
export function pauseSubscription(
  account: Account,
  id: string,
  { bill_for, invoicing_behavior = 'pending_invoice_item' }: Pausing,
): Subscription {
  const subscription = account.store.get('subscription', id) as Subscription;
  checkPausable(subscription);
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
  const items = subscription.items.data.map((item) => ({ ...item, current_period_end: now }));
  const paused = changeSubscription(account, id, {
    status: 'paused',
    items: withItems(subscription, items),
    status_details: {
      paused: { type: 'subscription', subscription: { type: 'pause_requested' }, transitioned_at: now },
    },
  } as Partial<Subscription>);
  account.emit('customer.subscription.paused', paused);
  if (invoicing_behavior === 'invoice') invoiceNow(account, paused, pendingLines(account, paused));
  return account.store.get('subscription', id) as Subscription;
}

function checkPausable(subscription: Subscription): void {
  const refuse = (why: string): never => {
    throw notPossible(`The subscription '${subscription.id}' cannot be paused: ${why}.`);
  };
  if (subscription.billing_mode.type !== 'flexible')
    refuse('its billing_mode is classic; only flexible subscriptions can');
  if (subscription.collection_method !== 'charge_automatically')
    refuse('its collection_method is not charge_automatically');
  if (subscription.schedule) refuse(`the schedule ${subscription.schedule} is attached`);
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
  const anchor = keeps ? subscription.billing_cycle_anchor : now;
  const items = subscription.items.data.map((item) => ({
    ...item,
    current_period_start: now,
    current_period_end: boundaryAfter(anchor, recurringOf(item.price) as Recurrence, now),
  }));
  const begun: Subscription = { ...subscription, billing_cycle_anchor: anchor, items: withItems(subscription, items) };
  account.store.put('subscription', begun);
  const lines: NewLine[] = [];
  for (const item of items.filter(({ price }) => !isMetered(price))) {
    if (!keeps) lines.push(cycleLine(account, begun, item));
    else if (given.proration_behavior !== 'none') {
      const charge = chargeRemaining(account, begun, item, now);
      if (charge) createProrationItem(account, begun, charge);
    }
  }
  const invoice = invoiceNow(account, begun, [...lines, ...pendingLines(account, begun)], given);
  if (invoice === null) liftPause(account, id, 'active');
  return { subscription: account.store.get('subscription', id) as Subscription, invoice };
}

function invoiceNow(
  account: Account,
  subscription: Subscription,
  lines: NewLine[],
  resuming?: Resuming,
): string | null {
  if (lines.length === 0) return null;
  const now = account.now(subscription.customer);
  const draft = draftInvoice(account, {
    id: account.newId('in'),
    customer: subscription.customer,
    currency: subscription.currency,
    subscription,
    billing_reason: 'subscription_update',
    lines,
    period: { start: now, end: now },
  });
  changeSubscription(account, subscription.id, { latest_invoice: draft.id });
  account.emit('invoice.created', draft);
  if (resuming?.previewOnly) return draft.id;
  const mode = resuming ? (resuming.payment_behavior ?? 'resume_on_payment_attempt') : null;
  const memory = account.store.get('subscription_memory', subscription.id);
  if (memory && mode) account.store.put('subscription_memory', { ...memory, resuming: { invoice: draft.id, mode } });
  const open = finalizeInvoice(account, draft.id);
  if (open.status !== 'open') return draft.id;
  if (mode === 'resume_on_payment_attempt')
    account.plan(
      'invoice.void_unpaid_resume',
      draft.id,
      now + account.settings.incompleteHours * 3600,
      subscription.customer,
    );
  else collectInvoice(account, draft.id, { offSession: false });
  return draft.id;
}

/** Paused to active, or to past due where the attempt was enough and failed. */
export function liftPause(account: Account, id: string, status: 'active' | 'past_due'): void {
  const memory = account.store.get('subscription_memory', id);
  if (memory) account.store.put('subscription_memory', { ...memory, resuming: null });
  const resumed = changeSubscription(account, id, { status, status_details: {} } as Partial<Subscription>);
  account.emit('customer.subscription.resumed', resumed);
}
