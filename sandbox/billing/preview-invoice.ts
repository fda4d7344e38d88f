import type { Account } from '../account.js';
import { notPossible } from '../http/errors.js';
import type { Invoice } from './draft-invoice.js';
import { cycleSubscription } from './cycle.js';
import { periodEnd } from './change-subscription.js';
import { enterPhase } from './run-schedule.js';
import { cycles } from './subscription-status.js';

/** Rehearses `change` on the subscription and answers the draft that it, or else the next renewal, brings. Nothing of it stays. */
export function previewInvoice(account: Account, subscription: string, change: () => Invoice | null): Invoice {
  return account.store.rehearse(() => {
    const now = change();
    const draft = now ?? nextInvoice(account, subscription);
    if (!draft) throw nothingUpcoming(subscription);
    return draft;
  });
}

/** The renewal invoice as it would be drafted at the end of the period; null if none will be. */
function nextInvoice(account: Account, id: string): Invoice | null {
  const subscription = account.store.get('subscription', id);
  const end = subscription ? periodEnd(subscription) : 0;
  const ends =
    subscription?.cancel_at !== undefined && subscription.cancel_at !== null && subscription.cancel_at <= end;
  if (!subscription || !cycles(subscription.status) || ends) return null;
  const before = subscription.latest_invoice;
  atMoment(account, subscription.customer, end, () => endPeriod(account, id, subscription.schedule, end));
  const latest = account.store.get('subscription', id)?.latest_invoice;
  return latest && latest !== before ? (account.store.get('invoice', latest) ?? null) : null;
}

/** A schedule's phase that begins with the period goes first, and brings the renewal itself. */
function endPeriod(account: Account, id: string, schedule: string | null, end: number): void {
  const phase = schedule ? account.store.get('agenda', `subscription_schedule.phase ${schedule}`) : undefined;
  if (schedule && phase?.at === end) enterPhase(account, schedule);
  const subscription = account.store.get('subscription', id);
  if (subscription && subscription.ended_at === null && periodEnd(subscription) <= end) cycleSubscription(account, id);
}

export function nothingUpcoming(id: string): Error {
  const error = notPossible(`No upcoming invoices for subscription: ${id}`, 'invoice_upcoming_none');
  return Object.assign(error, { status: 404 });
}

/** Runs `work` as if it were `at`, on the clock the customer lives by. */
export function atMoment<R>(account: Account, customer: string, at: number, work: () => R): R {
  const testClock = account.testClockOf(customer);
  if (testClock === null) return account.clock.during(at * 1000, work);
  account.store.put('clock_time', { id: testClock, now: at });
  return work();
}

/** The draft as a preview shows it: not to be paid, not to be found. Called when nothing is rehearsed, for an id of its own. */
export function asUpcoming(account: Account, draft: Invoice): Invoice {
  const id = `upcoming_in_${account.newWord(24)}`;
  return {
    ...draft,
    id,
    billing_reason: 'upcoming',
    automatically_finalizes_at: null,
    next_payment_attempt:
      draft.collection_method === 'charge_automatically' ? draft.created + account.settings.draftHours * 3600 : null,
    lines: {
      ...draft.lines,
      url: `/v1/invoices/${id}/lines`,
      data: draft.lines.data.map((line) => ({ ...line, id: line.id.replace(/^il_/, 'il_tmp_'), invoice: id })),
    },
  };
}

/** Some days before a renewal, tells what it will be: an invoice without an id. */
export function sendUpcoming(account: Account, id: string): void {
  const subscription = account.store.get('subscription', id);
  if (!subscription || !cycles(subscription.status)) return;
  const draft = account.store.rehearse(() => nextInvoice(account, id));
  if (!draft) return;
  const { id: _id, ...invoice } = asUpcoming(account, draft);
  account.emit('invoice.upcoming', invoice);
}
