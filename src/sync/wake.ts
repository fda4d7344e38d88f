import { type AccessPolicy, graceEndsAt } from '../access/access.js';
import { CheckoutStatus, type CheckoutSessionState } from '../checkout/checkout-session.js';
import type { InvoiceState } from '../invoices/invoice.js';
import { cancellationAt, isLive, SubscriptionStatus, type SubscriptionState } from '../subscriptions/subscription.js';

const MINUTE = 60_000;

/** A moment at which something changes by time alone. Stripe's own must be looked up; ours need no call. */
export interface Wake {
  at: number;
  owner: 'stripe' | 'gateway';
}

export interface WakeState {
  subscriptions: readonly SubscriptionState[];
  /** The latest invoice of each subscription, by its id. */
  invoices: ReadonlyMap<string, InvoiceState>;
  sessions: readonly CheckoutSessionState[];
}

export function wakesOf(state: WakeState, policy: AccessPolicy): Wake[] {
  const wakes: Wake[] = [];
  const add = (owner: Wake['owner'], at: number | null) => at !== null && wakes.push({ at, owner });
  for (const subscription of state.subscriptions.filter(isLive)) {
    add('stripe', cancellationAt(subscription));
    if (subscription.status === SubscriptionStatus.TRIALING) add('stripe', subscription.trialEnd);
    add('stripe', subscription.pause?.resumesAt ?? null);
    add('stripe', subscription.pendingChange?.effectiveAt ?? subscription.pendingChange?.expiresAt ?? null);
    if (subscription.status === SubscriptionStatus.PAST_DUE) {
      const latest = state.invoices.get(subscription.latestInvoiceId ?? '') ?? null;
      add('gateway', graceEndsAt(subscription, latest, policy));
    }
  }
  for (const session of state.sessions) if (session.status === CheckoutStatus.OPEN) add('stripe', session.expiresAt);
  return wakes;
}

/** Whether anything that has come due is Stripe's to tell. */
export const needsFetch = (wakes: readonly Wake[], now: number): boolean =>
  wakes.some(({ at, owner }) => owner === 'stripe' && at < now);

/** The next moment to wake, strictly after now. What is due and has not moved at Stripe is tried 1, 5, 15, then every 60 minutes on. */
export function nextWakeAt(wakes: readonly Wake[], now: number): number | null {
  const moments = wakes.flatMap(({ at, owner }) => {
    if (at >= now) return [at + 1];
    return owner === 'gateway' ? [] : [now + patience(now - at)];
  });
  return moments.length > 0 ? Math.min(...moments) : null;
}

function patience(overdue: number): number {
  if (overdue < MINUTE) return MINUTE;
  if (overdue < 6 * MINUTE) return 5 * MINUTE;
  return overdue < 21 * MINUTE ? 15 * MINUTE : 60 * MINUTE;
}
