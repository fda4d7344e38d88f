import type { Account } from '../account.js';
import { notPossible } from '../http/errors.js';
import type { Debit } from '../store/tables.js';
import { rememberDebits } from './apply-change.js';
import { boundaryAfter, type Recurrence } from './calendar.js';
import { changeSubscription, withItems } from './change-subscription.js';
import { collectInvoice } from './collect-invoice.js';
import { cycleLine } from './cycle-line.js';
import { draftUpdate } from './draft-update.js';
import { finalizeInvoice } from './finalize-invoice.js';
import { createProrationItem } from './invoice-items.js';
import type { NewLine, Subscription } from './lines.js';
import { pendingLines } from './pending-items.js';
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
  if (invoicing_behavior === 'invoice')
    invoiceNow(account, paused, pendingLines(account, paused), previewOnly ? { previewOnly } : undefined);
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
  const anchor = keeps ? subscription.billing_cycle_anchor : now;
  const items = subscription.items.data.map((item) => ({
    ...item,
    current_period_start: now,
    current_period_end: boundaryAfter(anchor, recurringOf(item.price) as Recurrence, now),
  }));
  const begun: Subscription = { ...subscription, billing_cycle_anchor: anchor, items: withItems(subscription, items) };
  const lines: NewLine[] = [];
  for (const item of items.filter(({ price }) => !isMetered(price))) {
    if (!keeps) lines.push(cycleLine(account, begun, item));
    else if (given.proration_behavior !== 'none') {
      const charge = chargeRemaining(account, begun, item, now);
      if (charge) createProrationItem(account, begun, charge);
    }
  }
  const invoice = invoiceNow(account, begun, [...lines, ...pendingLines(account, begun)], given);
  if (invoice === null) liftPause(account, id, 'active', begun);
  return { subscription: account.store.get('subscription', id) as Subscription, invoice };
}

/** Drafts and finalises an invoice now; the subscription becomes what is handed over, told in one change. */
function invoiceNow(
  account: Account,
  subscription: Subscription,
  lines: NewLine[],
  resuming?: Resuming,
): string | null {
  if (lines.length === 0) return null;
  const now = account.now(subscription.customer);
  const draft = draftUpdate(account, subscription, lines, {});
  changeSubscription(account, subscription.id, { ...subscription, latest_invoice: draft.id });
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

/** Paused to active, or to past due where the attempt was enough and failed; `begun` is what changes with it. */
export function liftPause(
  account: Account,
  id: string,
  status: 'active' | 'past_due',
  begun: Partial<Subscription> = {},
): void {
  const memory = account.store.get('subscription_memory', id);
  if (memory) account.store.put('subscription_memory', { ...memory, resuming: null });
  const resumed = changeSubscription(account, id, { ...begun, status, status_details: {} } as Partial<Subscription>);
  account.emit('customer.subscription.resumed', resumed);
}
