import { DiscountDuration } from '../checkout/promotion-code.js';
import { untilFree } from '../plans/feature.js';
import { FeatureKind, type PlanFeatureState } from '../plans/plan.js';
import { ChangeTiming } from './classify-change.js';
import { isPaused } from './pending-change.js';
import {
  cancellationAt,
  CollectionMethod,
  isOverdue,
  SubscriptionStatus,
  type SubscriptionState,
} from './subscription.js';

export enum ChangeNoticeCode {
  FEATURE_LOST = 'FEATURE_LOST',
  USAGE_ABOVE_NEW_LIMIT = 'USAGE_ABOVE_NEW_LIMIT',
  SEATS_ABOVE_NEW_LIMIT = 'SEATS_ABOVE_NEW_LIMIT',
  SEATS_DO_NOT_FIT = 'SEATS_DO_NOT_FIT',
  TRIAL_WILL_END = 'TRIAL_WILL_END',
  PENDING_CHANGE_REPLACED = 'PENDING_CHANGE_REPLACED',
  CURRENCY_LOCKED = 'CURRENCY_LOCKED',
  PAYMENT_METHOD_REQUIRED = 'PAYMENT_METHOD_REQUIRED',
  PAYMENT_OVERDUE = 'PAYMENT_OVERDUE',
  SUBSCRIPTION_PAUSED = 'SUBSCRIPTION_PAUSED',
  UNMAPPED_PRICE = 'UNMAPPED_PRICE',
  DISCOUNT_WILL_END = 'DISCOUNT_WILL_END',
  PLAN_NOT_ON_SALE = 'PLAN_NOT_ON_SALE',
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

/** Name of a feature, by its key. */
type NameOf = (key: string) => string;

/** `UNDER_WAY`: a bank debit takes some days, and may fail. `WAIVED`: its invoice was voided or given up. */
export type UnpaidPeriod = 'UNDER_WAY' | 'WAIVED';

export interface BlockerInput {
  nameOf: NameOf;
  subscription: SubscriptionState;
  /** Upper case. */
  currency: string;
  /** The change is to the free plan: nothing is charged any more. */
  toFree: boolean;
  timing: ChangeTiming;
  hasPaymentMethod: boolean;
  /** What a change gives back of the period that runs was not paid; null where it was. */
  unpaid: UnpaidPeriod | null;
  /** An operator may replace what was booked elsewhere. */
  operator: boolean;
  /** Why the seats that are there do not fit the new plan; null when they do, or others were asked for. */
  seatsProblem: string | null;
  /** They are more than the new plan is sold with. */
  tooManySeats: boolean;
  /** What is used above the new limits, where that is in the way of a smaller plan. */
  overflow: readonly Overflow[];
}

/** A feature of which more is used than the new plan grants. */
export interface Overflow {
  key: string;
  /** Counted by the month, so that nothing can be given back. */
  metered: boolean;
  used: number;
  limit: number;
}

/** What would be above its limit after a change. `used` tells how much counts by then. */
export const overflowOf = (features: readonly FeatureDiffState[], used: (key: string) => number): Overflow[] =>
  features.flatMap(({ key, direction, before, after }) => {
    const smaller = direction === DiffDirection.LOST || direction === DiffDirection.LOWERED;
    const limit = after ? after.limit : 0;
    const isMetered = before?.kind === FeatureKind.METERED;
    return smaller && limit !== null && !after?.soft && used(key) > limit
      ? [{ key, metered: isMetered, used: used(key), limit }]
      : [];
  });

const aboutOverflow = ({ key, metered, used, limit }: Overflow, nameOf: NameOf): ChangeNotice =>
  say(
    ChangeNoticeCode.USAGE_ABOVE_NEW_LIMIT,
    `${nameOf(key)}: ${used} are used, and the new plan grants ${limit}; what is used stays, ${untilFree(metered, used - limit)}`,
    'NONE',
    key,
  );

const refusedForOverflow = ({ key, metered, used, limit }: Overflow, nameOf: NameOf): ChangeNotice => {
  const more = `or choose one that grants at least ${used}`;
  const way = metered ? `Change when the new month has begun, ${more}` : `Give ${used - limit} back first, ${more}`;
  const message = `${nameOf(key)}: ${used} are used, and the new plan grants ${limit}. ${way}.`;
  return say(ChangeNoticeCode.USAGE_ABOVE_NEW_LIMIT, message, 'NONE', key);
};

/** Why a change cannot be made; empty when it can. Leaving is blocked only by what was booked in Stripe's own tools. */
export function blockersOf(input: BlockerInput): ChangeNotice[] {
  const { schedule } = input.subscription;
  const blockers = input.toFree ? [] : blockersOfPurchase(input);
  if (schedule && !schedule.ours && !input.operator) {
    const message = "A change was booked in Stripe's portal or by staff; only staff may replace it.";
    blockers.push(say(ChangeNoticeCode.OTHER, message, 'CONTACT_SUPPORT'));
  }
  return blockers;
}

function blockersOfPurchase({ subscription, currency, timing, ...asked }: BlockerInput): ChangeNotice[] {
  const blockers: ChangeNotice[] = [];
  const { status, collection, unmapped } = subscription;
  if (isOverdue(subscription)) {
    const message = 'A payment is overdue; pay the newest invoice first.';
    blockers.push(say(ChangeNoticeCode.PAYMENT_OVERDUE, message, 'PAY_INVOICE'));
  }
  if (status === SubscriptionStatus.PAUSED || isPaused(subscription)) {
    const message = 'The subscription is paused; resume it first.';
    blockers.push(say(ChangeNoticeCode.SUBSCRIPTION_PAUSED, message, 'RESUME'));
  }
  if (unmapped) {
    const message = 'The price of this subscription is not in the catalogue, so a change cannot be compared with it.';
    blockers.push(say(ChangeNoticeCode.UNMAPPED_PRICE, message, 'CONTACT_SUPPORT'));
  }
  if (currency !== subscription.currency) {
    const message = `This subscription is in ${subscription.currency}; its currency cannot change.`;
    blockers.push(say(ChangeNoticeCode.CURRENCY_LOCKED, message, 'CONTACT_SUPPORT'));
  }
  if (asked.seatsProblem !== null) {
    const message = `The new plan is not sold with the seats that are there: seats ${asked.seatsProblem}. Choose a number that fits with the change.`;
    const { SEATS_ABOVE_NEW_LIMIT, SEATS_DO_NOT_FIT } = ChangeNoticeCode;
    blockers.push(say(asked.tooManySeats ? SEATS_ABOVE_NEW_LIMIT : SEATS_DO_NOT_FIT, message));
  }
  blockers.push(...asked.overflow.map((one) => refusedForOverflow(one, asked.nameOf)));
  const charges = timing === ChangeTiming.NOW && status === SubscriptionStatus.ACTIVE;
  if (charges && asked.unpaid === 'UNDER_WAY') {
    const message =
      'The last payment is still under way; a bank takes some days. Change when it has come, or pay the open invoice in another way.';
    blockers.push(say(ChangeNoticeCode.PAYMENT_OVERDUE, message, 'PAY_INVOICE'));
  }
  if (charges && asked.unpaid === 'WAIVED') {
    const message =
      'The period that runs was not paid, so nothing of it can be given back. Change at the end of the period, or cancel now and begin anew.';
    blockers.push(say(ChangeNoticeCode.OTHER, message, 'CONTACT_SUPPORT'));
  }
  if (charges && collection === CollectionMethod.AUTOMATIC && !asked.hasPaymentMethod) {
    const message = 'There is no payment method to charge.';
    blockers.push(say(ChangeNoticeCode.PAYMENT_METHOD_REQUIRED, message, 'ADD_PAYMENT_METHOD'));
  }
  return blockers;
}

function afterTrial({ trialEndBehavior }: SubscriptionState, hasPaymentMethod: boolean): string {
  if (hasPaymentMethod || !['PAUSE', 'CANCEL'].includes(String(trialEndBehavior)))
    return 'what is chosen is charged from then on';
  const end = trialEndBehavior === 'PAUSE' ? 'is paused' : 'ends';
  return `the subscription ${end} with it, unless there is a payment method by then`;
}

const day = (at: number) => new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' }).format(at);

export interface NoticeInput {
  nameOf: NameOf;
  subscription: SubscriptionState;
  hasPaymentMethod: boolean;
  features: readonly FeatureDiffState[];
  /** The change is to the free plan. */
  toFree: boolean;
  /** A payment is tried at once, which may fail. */
  pays: boolean;
  /** Name of the plan that is left for good, because it or its price is sold no more; null otherwise. */
  leavesOldPlan: string | null;
  /** When the first whole period after the change ends. */
  nextPeriodEnd: number;
  /** What is used above the new limits, where that is in the way of nothing. */
  overflow: readonly Overflow[];
}

/** What the customer should be told before a change: what it replaces, takes back, and takes away. */
export function noticesOf({ subscription, features, toFree, ...asked }: NoticeInput): ChangeNotice[] {
  const notices: ChangeNotice[] = [];
  const { pendingChange } = subscription;
  const evenUnpaid = asked.pays ? ', also if the payment then fails' : '';
  if (pendingChange?.state === 'AWAITING_PAYMENT') {
    const message = `The change that waits for its payment is given up first${evenUnpaid}.`;
    notices.push(say(ChangeNoticeCode.PENDING_CHANGE_REPLACED, message));
  } else if (pendingChange) {
    const message = `The booked change is taken back first${evenUnpaid}.`;
    notices.push(say(ChangeNoticeCode.PENDING_CHANGE_REPLACED, message));
  }
  if (cancellationAt(subscription) !== null && !toFree) {
    const message = `The subscription is set to end; that is taken back first${evenUnpaid}.`;
    notices.push(say(ChangeNoticeCode.CANCELLATION_PENDING, message, 'REACTIVATE'));
  }
  const { status, trialEnd } = subscription;
  if (status === SubscriptionStatus.TRIALING && trialEnd !== null && !toFree) {
    const message = `The free trial goes on; it ends on ${day(trialEnd)}, and ${afterTrial(subscription, asked.hasPaymentMethod)}.`;
    notices.push(say(ChangeNoticeCode.TRIAL_WILL_END, message));
  }
  if (asked.leavesOldPlan !== null) {
    const message = `${asked.leavesOldPlan} is not sold any more as you have it; there is no way back to it.`;
    notices.push(say(ChangeNoticeCode.PLAN_NOT_ON_SALE, message));
  }
  for (const { label, endsAt, duration } of toFree ? [] : (subscription.discounts ?? [])) {
    if (duration === DiscountDuration.ONCE) {
      const message = `The discount ${label} is for one invoice only; those after it cost the full price.`;
      notices.push(say(ChangeNoticeCode.DISCOUNT_WILL_END, message));
    }
    if (endsAt === null || endsAt > asked.nextPeriodEnd) continue;
    const message = `The discount ${label} ends on ${day(endsAt)}; renewals after that cost the full price.`;
    notices.push(say(ChangeNoticeCode.DISCOUNT_WILL_END, message));
  }
  for (const { key, direction, after } of features) {
    if (direction === DiffDirection.LOST)
      notices.push(say(ChangeNoticeCode.FEATURE_LOST, `${asked.nameOf(key)} is not included any more.`, 'NONE', key));
    if (direction === DiffDirection.LOWERED)
      notices.push(
        say(ChangeNoticeCode.FEATURE_LOST, `${asked.nameOf(key)} goes down to ${String(after?.limit)}.`, 'NONE', key),
      );
  }
  notices.push(...asked.overflow.map((one) => aboutOverflow(one, asked.nameOf)));
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
