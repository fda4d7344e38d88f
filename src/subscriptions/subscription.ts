import type { HeldDiscount } from '../checkout/promotion-code.js';
import type { LastPaymentState } from '../payments/invoice-payment.js';
import {
  isPaused,
  type PauseState,
  type PendingChangeState,
  type ScheduleState,
  type TrialEndBehaviorWord,
} from './pending-change.js';

/** The gateway's own list. A word of Stripe's that is not here becomes UNRECOGNIZED and stays readable beside it. */
export enum SubscriptionStatus {
  INCOMPLETE = 'INCOMPLETE',
  INCOMPLETE_EXPIRED = 'INCOMPLETE_EXPIRED',
  TRIALING = 'TRIALING',
  ACTIVE = 'ACTIVE',
  PAST_DUE = 'PAST_DUE',
  UNPAID = 'UNPAID',
  PAUSED = 'PAUSED',
  CANCELED = 'CANCELED',
  UNRECOGNIZED = 'UNRECOGNIZED',
}

export enum CollectionMethod {
  AUTOMATIC = 'AUTOMATIC',
  SEND_INVOICE = 'SEND_INVOICE',
  UNRECOGNIZED = 'UNRECOGNIZED',
}

export interface SubscriptionItemState {
  id: string;
  subscriptionId: string;
  priceId: string;
  /** Null for metered prices. */
  quantity: number | null;
}

/** A subscription as Stripe last showed it. */
export interface SubscriptionState extends LastPaymentState {
  id: string;
  customerId: string;
  /** Null while nobody is known to own the customer. */
  accountId: string | null;
  status: SubscriptionStatus;
  statusRaw: string;
  /** Price of the first item: the one that carries the plan. */
  priceId: string;
  /** What the catalogue made of the price; the last known plan stays while the price is unknown. Null if never known. */
  planKey: string | null;
  /** The price is not in the catalogue. */
  unmapped: boolean;
  seats: number;
  currency: string;
  /** The earliest start and the earliest end of all items; null for a subscription without items. */
  currentPeriodStart: number | null;
  currentPeriodEnd: number | null;
  startedAt: number;
  endedAt: number | null;
  trialStart: number | null;
  trialEnd: number | null;
  /** Flexible billing mode and the portal set this moment instead of the flag; or the end of a schedule that ends with it. */
  cancelAt: number | null;
  cancelAtPeriodEnd: boolean;
  canceledAt: number | null;
  cancellationReason: string | null;
  cancellationFeedback: string | null;
  cancellationComment: string | null;
  latestInvoiceId: string | null;
  /** Invoice of a change that is made and not paid yet; until it or a later one is paid, what was before is in force. */
  unpaidChangeId: string | null;
  /** Charged before the customer's default; null when it has none of its own. */
  defaultPaymentMethodId: string | null;
  collection: CollectionMethod;
  /** Stripe's billing mode; some verbs work in flexible mode only. Null until it was looked at. */
  billingMode: string | null;
  /** Null when no schedule governs it. */
  schedule: ScheduleState | null;
  pendingChange: PendingChangeState | null;
  pause: PauseState | null;
  /** Its own; those of its customer and of single items are not here. Null for none. */
  discounts: HeldDiscount[] | null;
  /** What happens at the end of the trial without a card; null without a trial. */
  trialEndBehavior: TrialEndBehaviorWord | null;
  createdAt: number;
}

const live: readonly SubscriptionStatus[] = [
  SubscriptionStatus.TRIALING,
  SubscriptionStatus.ACTIVE,
  SubscriptionStatus.PAST_DUE,
  SubscriptionStatus.UNPAID,
  SubscriptionStatus.PAUSED,
  SubscriptionStatus.UNRECOGNIZED,
];

/** A live subscription may still charge: it is neither waiting for its first payment nor over, as far as is known. */
export const isLive = ({ status }: Pick<SubscriptionState, 'status'>): boolean => live.includes(status);

/** Stripe never takes these back. */
export const isTerminal = ({ status }: Pick<SubscriptionState, 'status'>): boolean =>
  status === SubscriptionStatus.CANCELED || status === SubscriptionStatus.INCOMPLETE_EXPIRED;

/** When it will end by a cancellation already asked for; null when none is. Both of Stripe's ways count. */
export function cancellationAt(
  subscription: Pick<SubscriptionState, 'status' | 'cancelAt' | 'cancelAtPeriodEnd' | 'currentPeriodEnd'>,
): number | null {
  if (isTerminal(subscription)) return null;
  return subscription.cancelAt ?? (subscription.cancelAtPeriodEnd ? subscription.currentPeriodEnd : null);
}

const overdue: readonly SubscriptionStatus[] = [
  SubscriptionStatus.PAST_DUE,
  SubscriptionStatus.UNPAID,
  SubscriptionStatus.INCOMPLETE,
];

export const isOverdue = ({ status }: Pick<SubscriptionState, 'status'>): boolean => overdue.includes(status);

/** Whether a cancellation ends it at once: overdue it has no paid period to use up, and paused it has no period at all. */
export const endsAtOnce = (subscription: Pick<SubscriptionState, 'status'>): boolean =>
  isOverdue(subscription) || subscription.status === SubscriptionStatus.PAUSED;

const giving: readonly SubscriptionStatus[] = [
  SubscriptionStatus.TRIALING,
  SubscriptionStatus.ACTIVE,
  SubscriptionStatus.PAST_DUE,
];

/** A bank debit is active before its first money has come, if it comes at all. */
const waitsForFirstPayment = ({
  status,
  lastPaymentAt,
  lastPaymentAttemptAt,
}: Pick<SubscriptionState, 'status' | 'lastPaymentAt' | 'lastPaymentAttemptAt'>): boolean =>
  status !== SubscriptionStatus.TRIALING && lastPaymentAt === null && lastPaymentAttemptAt !== null;

/** Neither paused, by Stripe's status or by voided invoices, nor unpaid for good or until now: what it is for may be used. */
const gives = (subscription: SubscriptionState): boolean =>
  giving.includes(subscription.status) && !isPaused(subscription) && !waitsForFirstPayment(subscription);

/** The one that decides what the account has: live, rather one that gives something, of the highest rank, then the oldest. */
export function mainSubscription<Held extends SubscriptionState>(
  subscriptions: readonly Held[],
  rankOf: (planKey: string | null) => number,
): Held | null {
  const candidates = subscriptions.filter(isLive);
  candidates.sort(
    (left, right) =>
      Number(gives(right)) - Number(gives(left)) ||
      rankOf(right.planKey) - rankOf(left.planKey) ||
      left.createdAt - right.createdAt ||
      (left.id < right.id ? -1 : 1),
  );
  return candidates[0] ?? null;
}
