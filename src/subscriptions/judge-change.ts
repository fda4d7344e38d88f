import type { PlanFeatureState } from '../plans/plan.js';
import { ChangeTiming } from './classify-change.js';
import { isPaused } from './pending-change.js';
import { cancellationAt, CollectionMethod, SubscriptionStatus, type SubscriptionState } from './subscription.js';

export enum ChangeNoticeCode {
  FEATURE_LOST = 'FEATURE_LOST',
  PENDING_CHANGE_REPLACED = 'PENDING_CHANGE_REPLACED',
  CURRENCY_LOCKED = 'CURRENCY_LOCKED',
  PAYMENT_METHOD_REQUIRED = 'PAYMENT_METHOD_REQUIRED',
  PAYMENT_OVERDUE = 'PAYMENT_OVERDUE',
  UNMAPPED_PRICE = 'UNMAPPED_PRICE',
  CANCELLATION_PENDING = 'CANCELLATION_PENDING',
  OTHER = 'OTHER',
}

/** What would help; a word of the access decision's remedies. */
export type ChangeRemedy = 'NONE' | 'ADD_PAYMENT_METHOD' | 'PAY_INVOICE' | 'REACTIVATE' | 'RESUME' | 'CONTACT_SUPPORT';

export interface ChangeNotice {
  code: ChangeNoticeCode;
  message: string;
  /** Key of the feature that it is about; null when it is about none. */
  feature: string | null;
  remedy: ChangeRemedy;
}

export enum DiffDirection {
  GAINED = 'GAINED',
  RAISED = 'RAISED',
  SAME = 'SAME',
  LOWERED = 'LOWERED',
  LOST = 'LOST',
}

export interface FeatureDiffState {
  key: string;
  before: PlanFeatureState | null;
  after: PlanFeatureState | null;
  direction: DiffDirection;
}

const say = (
  code: ChangeNoticeCode,
  message: string,
  remedy: ChangeRemedy = 'NONE',
  feature: string | null = null,
) => ({
  code,
  message,
  remedy,
  feature,
});

export interface BlockerInput {
  subscription: SubscriptionState;
  /** Upper case. */
  currency: string;
  /** The change is to the free plan: nothing is charged any more. */
  toFree: boolean;
  timing: ChangeTiming;
  hasPaymentMethod: boolean;
  /** An operator may replace what was booked elsewhere. */
  operator: boolean;
}

/** Why a change cannot be made; empty when it can. */
export function blockersOf({ subscription, currency, toFree, timing, ...asked }: BlockerInput): ChangeNotice[] {
  const blockers: ChangeNotice[] = [];
  const { status, collection, schedule, unmapped } = subscription;
  if (overdue.includes(status)) {
    blockers.push(say(ChangeNoticeCode.PAYMENT_OVERDUE, 'A payment is overdue; pay it first.', 'PAY_INVOICE'));
  }
  if (status === SubscriptionStatus.PAUSED || isPaused(subscription)) {
    blockers.push(say(ChangeNoticeCode.OTHER, 'The subscription is paused; resume it first.', 'RESUME'));
  }
  if (unmapped) {
    const message = 'The price of this subscription is not in the catalogue, so a change cannot be compared with it.';
    blockers.push(say(ChangeNoticeCode.UNMAPPED_PRICE, message, 'CONTACT_SUPPORT'));
  }
  if (schedule && !schedule.ours && !asked.operator) {
    const message = "A change was booked in Stripe's own tools; only staff may replace it.";
    blockers.push(say(ChangeNoticeCode.OTHER, message, 'CONTACT_SUPPORT'));
  }
  if (currency !== subscription.currency) {
    const message = `This subscription is in ${subscription.currency}; its currency cannot change.`;
    blockers.push(say(ChangeNoticeCode.CURRENCY_LOCKED, message, 'CONTACT_SUPPORT'));
  }
  const charges = timing === ChangeTiming.NOW && !toFree && status === SubscriptionStatus.ACTIVE;
  if (charges && collection === CollectionMethod.AUTOMATIC && !asked.hasPaymentMethod) {
    const message = 'There is no payment method to charge.';
    blockers.push(say(ChangeNoticeCode.PAYMENT_METHOD_REQUIRED, message, 'ADD_PAYMENT_METHOD'));
  }
  return blockers;
}

const overdue: readonly SubscriptionStatus[] = [
  SubscriptionStatus.PAST_DUE,
  SubscriptionStatus.UNPAID,
  SubscriptionStatus.INCOMPLETE,
];

/** What the customer should be told before a change: what it replaces, takes back, and takes away. */
export function noticesOf(
  subscription: SubscriptionState,
  features: readonly FeatureDiffState[],
  toFree: boolean,
): ChangeNotice[] {
  const notices: ChangeNotice[] = [];
  const { pendingChange, schedule } = subscription;
  if (pendingChange?.state === 'AWAITING_PAYMENT') {
    const message = 'The change that waits for its payment is given up first, also if this one is not paid then.';
    notices.push(say(ChangeNoticeCode.PENDING_CHANGE_REPLACED, message));
  } else if (pendingChange || schedule) {
    const message = 'The booked change is taken back first, also if the payment then fails.';
    notices.push(say(ChangeNoticeCode.PENDING_CHANGE_REPLACED, message));
  }
  if (cancellationAt(subscription) !== null && !toFree) {
    const message = 'The subscription is set to end; that is taken back first, also if the payment then fails.';
    notices.push(say(ChangeNoticeCode.CANCELLATION_PENDING, message, 'REACTIVATE'));
  }
  for (const { key, direction, after } of features) {
    if (direction === DiffDirection.LOST)
      notices.push(say(ChangeNoticeCode.FEATURE_LOST, `${key} is not included any more.`, 'NONE', key));
    if (direction === DiffDirection.LOWERED)
      notices.push(say(ChangeNoticeCode.FEATURE_LOST, `${key} goes down to ${String(after?.limit)}.`, 'NONE', key));
  }
  return notices;
}

/** What every feature of either plan is before and after, in the order of the new plan and then of the old one. */
export function compareFeatures(
  before: readonly PlanFeatureState[],
  after: readonly PlanFeatureState[],
): FeatureDiffState[] {
  const keys = [...new Set([...after, ...before].map(({ key }) => key))];
  return keys.map((key) => {
    const [old, next] = [before.find((one) => one.key === key) ?? null, after.find((one) => one.key === key) ?? null];
    return { key, before: old, after: next, direction: directionOf(old, next) };
  });
}

function directionOf(before: PlanFeatureState | null, after: PlanFeatureState | null): DiffDirection {
  if (!before) return DiffDirection.GAINED;
  if (!after) return DiffDirection.LOST;
  // No limit is above every limit.
  const [old, next] = [before.limit ?? Infinity, after.limit ?? Infinity];
  if (old === next) return DiffDirection.SAME;
  return next > old ? DiffDirection.RAISED : DiffDirection.LOWERED;
}
