import type { Account } from '../account.js';
import type { AgendaKind } from '../clock/agenda.js';
import { followEntitlements } from './entitlements.js';
import type { Item, Subscription } from './lines.js';
import { cycles, isTerminal } from './subscription-status.js';

const DAY = 86_400;

/** Changes a subscription, tells the endpoints, and lets the clock know what comes next. */
export function changeSubscription(
  account: Account,
  id: string,
  patch: Partial<Subscription>,
  event: string | null = 'customer.subscription.updated',
): Subscription {
  const before = account.store.get('subscription', id) ?? null;
  const after = account.update('subscription', id, patch, event ?? undefined);
  planSubscription(account, after);
  followEntitlements(account, before, after);
  return after;
}

export function withItems(subscription: Subscription, data: Item[]): Subscription['items'] {
  return { ...subscription.items, data };
}

/** The end of the period that ends first. */
export function periodEnd(subscription: Pick<Subscription, 'items'>): number {
  return Math.min(...subscription.items.data.map((item) => item.current_period_end));
}

export function lastPeriodEnd(subscription: Pick<Subscription, 'items'>): number {
  return Math.max(...subscription.items.data.map((item) => item.current_period_end));
}

const steps: AgendaKind[] = [
  'subscription.cycle',
  'subscription.cancel',
  'invoice.upcoming',
  'subscription.trial_will_end',
  'subscription.incomplete_expire',
  'subscription.resume_collection',
  'subscription.pending_update_expire',
];

/** Writes the subscription's next steps into the agenda. */
export function planSubscription(account: Account, subscription: Subscription): void {
  const { id, customer, status } = subscription;
  if (isTerminal(status)) {
    for (const kind of steps) account.unplan(kind, id);
    return;
  }
  const now = account.now(customer);
  const planOrDrop = (kind: AgendaKind, at: number | null): void =>
    at === null ? account.unplan(kind, id) : account.plan(kind, id, at, customer);
  const end = cycles(status) ? periodEnd(subscription) : null;
  const cancelAt = subscription.cancel_at;
  planOrDrop('subscription.cycle', end);
  planOrDrop('subscription.cancel', cancelAt);
  const upcoming = end === null ? null : end - account.settings.upcomingDays * DAY;
  const renews = end !== null && (cancelAt === null || cancelAt > end);
  planOrDrop('invoice.upcoming', renews && upcoming !== null && upcoming > now ? upcoming : null);
  const warning = status === 'trialing' && subscription.trial_end !== null ? subscription.trial_end - 3 * DAY : null;
  planOrDrop('subscription.trial_will_end', warning !== null && warning > now ? warning : null);
}
