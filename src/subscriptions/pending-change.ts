import type { SubscriptionState } from './subscription.js';

/** `SCHEDULED` is booked for a moment; `AWAITING_PAYMENT` happens when its invoice is paid, or not at all. */
export type PendingChangeWord = 'SCHEDULED' | 'AWAITING_PAYMENT';

export interface PendingItem {
  priceId: string;
  /** Null for metered prices. */
  quantity: number | null;
}

/** A change that is booked or waits, as Stripe last showed it. */
export interface PendingChangeState {
  state: PendingChangeWord;
  /** What the subscription will consist of; the first carries the plan. */
  items: PendingItem[];
  /** Null while it waits for a payment. */
  effectiveAt: number | null;
  /** When an unpaid change is given up; null for a booked one. */
  expiresAt: number | null;
  requestedAt: number;
  /** The schedule that will make it; null for one that waits for a payment. */
  scheduleId: string | null;
  /** The invoice it waits for; null for a booked one. */
  invoiceId: string | null;
  /** Booked by this gateway, so it may also be taken back here. */
  ours: boolean;
}

/** A schedule that governs the subscription, whether or not it will still change anything. */
export interface ScheduleState {
  id: string;
  ours: boolean;
}

export type PauseCause =
  'REQUESTED' | 'TRIAL_ENDED_WITHOUT_CARD' | 'COLLECTION_ONLY' | 'PAYMENT_FAILURE' | 'UNRECOGNIZED';

export interface PauseState {
  /** `subscription` stops periods and service; `collection` only what is done with its invoices. */
  of: 'subscription' | 'collection';
  cause: PauseCause;
  /** When it began; the gateway's first look where Stripe does not keep it. */
  since: number | null;
  /** Null when it lasts until somebody resumes it. */
  resumesAt: number | null;
}

/** Whether service is withheld: by Stripe's own status, or because its invoices are voided for a while. */
export const isPaused = ({ pause }: Pick<SubscriptionState, 'pause'>): boolean =>
  pause !== null && pause.cause !== 'COLLECTION_ONLY';

export type TrialEndBehaviorWord = 'CHARGE' | 'PAUSE' | 'CANCEL' | 'UNRECOGNIZED';
