import { InvoiceReason, InvoiceStatus, type InvoiceState } from '../invoices/invoice.js';
import { isPaused } from '../subscriptions/pending-change.js';
import { cancellationAt, isLive, SubscriptionStatus, type SubscriptionState } from '../subscriptions/subscription.js';

export enum AccessLevel {
  FULL = 'FULL',
  LIMITED = 'LIMITED',
  READ_ONLY = 'READ_ONLY',
  NONE = 'NONE',
}

export enum AccessReason {
  ACTIVE = 'ACTIVE',
  TRIALING = 'TRIALING',
  FREE_PLAN = 'FREE_PLAN',
  GRACE_PERIOD = 'GRACE_PERIOD',
  CANCELED_BUT_PAID = 'CANCELED_BUT_PAID',
  FIRST_PAYMENT_PENDING = 'FIRST_PAYMENT_PENDING',
  PAYMENT_OVERDUE = 'PAYMENT_OVERDUE',
  PAUSED = 'PAUSED',
  CANCELED = 'CANCELED',
  OTHER = 'OTHER',
}

/** What would fix the situation; maps to a button. */
export enum Remedy {
  NONE = 'NONE',
  CHOOSE_PLAN = 'CHOOSE_PLAN',
  ADD_PAYMENT_METHOD = 'ADD_PAYMENT_METHOD',
  UPDATE_PAYMENT_METHOD = 'UPDATE_PAYMENT_METHOD',
  PAY_INVOICE = 'PAY_INVOICE',
  REACTIVATE = 'REACTIVATE',
  RESUME = 'RESUME',
  CONTACT_SUPPORT = 'CONTACT_SUPPORT',
}

/** The rule of the policy that decided; one per row of the truth table. */
export type AccessRule =
  | 'free-plan'
  | 'active'
  | 'active-until-cancellation'
  | 'trialing'
  | 'past-due-in-grace'
  | 'past-due-after-grace'
  | 'unpaid-on-free-plan'
  | 'paused'
  | 'paused-without-payment-method'
  | 'first-payment-pending'
  | 'first-payment-under-way'
  | 'first-payment-failed'
  | 'ended'
  | 'unknown-status';

export interface AccessDecision {
  allowed: boolean;
  level: AccessLevel;
  reason: AccessReason;
  /** When the decision changes by itself, if known. */
  until: number | null;
  message: string;
  remedy: Remedy;
  rule: AccessRule;
}

export interface AccessPolicy {
  graceDays: number;
}

const DAY = 86_400_000;

/** What of an invoice decides. */
type DecidingInvoice = Pick<InvoiceState, 'status' | 'finalizedAt' | 'createdAt' | 'reason' | 'dueAt'>;

/**
 * Grace of an overdue renewal, from the moment its invoice became final. Null for a first payment, which has none: that
 * of the start, and the first after a trial.
 */
export function graceEndsAt(
  { lastPaymentAt }: Pick<SubscriptionState, 'lastPaymentAt'>,
  invoice: DecidingInvoice | null,
  policy: AccessPolicy,
): number | null {
  if (invoice?.status !== InvoiceStatus.OPEN || isFirst(invoice) || lastPaymentAt === null) return null;
  return (invoice.finalizedAt ?? invoice.createdAt) + policy.graceDays * DAY;
}

const isFirst = ({ reason }: DecidingInvoice) => reason === InvoiceReason.SUBSCRIPTION_START;

type Decided = Omit<AccessDecision, 'until'> & { until?: number | null };
const decided = (decision: Decided): AccessDecision => ({ ...decision, until: decision.until ?? null });

/** On the free plan nothing is owed and the product may be used. */
export const FREE_ACCESS: AccessDecision = decided({
  allowed: true,
  level: AccessLevel.FULL,
  reason: AccessReason.FREE_PLAN,
  message: 'You are on the free plan.',
  remedy: Remedy.CHOOSE_PLAN,
  rule: 'free-plan',
});

const FAILED = 'The first payment failed, so the free plan applies until one comes in.';
const UNDER_WAY =
  'The first payment is under way; a bank debit takes some days, and the free plan applies until it has come in.';

/** Why a first payment that has not come in gives nothing yet, by what became of its invoice. */
const firstPayments: Partial<Record<InvoiceStatus, [Remedy, AccessRule, message: string]>> = {
  DRAFT: [Remedy.UPDATE_PAYMENT_METHOD, 'first-payment-failed', FAILED],
  OPEN: [Remedy.NONE, 'first-payment-under-way', UNDER_WAY],
  VOID: [Remedy.CONTACT_SUPPORT, 'first-payment-failed', FAILED],
  UNCOLLECTIBLE: [Remedy.PAY_INVOICE, 'first-payment-failed', FAILED],
};

/**
 * Stripe counts a subscription as active while its first payment, a bank debit, is under way, and also once the bank has
 * refused it, when she voids the invoice; the next renewal is then a first payment still. Until one comes in there is what
 * there was without the subscription, the free plan. Null where one came in, none was tried yet, or none is waited for: an
 * invoice that is sent.
 */
function decideFirstPayment(
  { lastPaymentAt, lastPaymentAttemptAt }: SubscriptionState,
  invoice: DecidingInvoice | null,
): AccessDecision | null {
  if (!invoice || invoice.dueAt !== null || lastPaymentAt !== null) return null;
  if (!isFirst(invoice) && lastPaymentAttemptAt === null) return null;
  const [remedy, rule, message] = firstPayments[invoice.status] ?? [];
  return remedy && rule && message ? limited(AccessReason.FIRST_PAYMENT_PENDING, remedy, rule, message) : null;
}

/** Whether only the free plan is granted although there is a subscription, with nothing of what was bought on top. */
export function isOnFreePlan(subscription: SubscriptionState, latestInvoice: DecidingInvoice | null): boolean {
  if (subscription.status === SubscriptionStatus.UNPAID) return true;
  if (subscription.status !== SubscriptionStatus.ACTIVE || isPaused(subscription)) return false;
  return decideFirstPayment(subscription, latestInvoice) !== null;
}

/**
 * May the product be used with this subscription at that moment? `latestInvoice` is the subscription's newest one;
 * `hasPaymentMethod`, whether there is one that it would be charged to.
 */
export function decideAccess(
  subscription: SubscriptionState | null,
  latestInvoice: DecidingInvoice | null,
  policy: AccessPolicy,
  now: number,
  hasPaymentMethod = true,
): AccessDecision {
  if (!subscription) return FREE_ACCESS;
  if (isLive(subscription) && isPaused(subscription)) return decidePaused(subscription, hasPaymentMethod);
  switch (subscription.status) {
    case SubscriptionStatus.ACTIVE:
      return decideFirstPayment(subscription, latestInvoice) ?? decideActive(subscription);
    case SubscriptionStatus.TRIALING:
      return decided({
        allowed: true,
        level: AccessLevel.FULL,
        reason: AccessReason.TRIALING,
        until: subscription.trialEnd,
        message: 'You are in your free trial.',
        remedy: Remedy.NONE,
        rule: 'trialing',
      });
    case SubscriptionStatus.PAST_DUE:
      return decideOverdue(subscription, latestInvoice, policy, now);
    case SubscriptionStatus.UNPAID:
      return limited(
        AccessReason.PAYMENT_OVERDUE,
        Remedy.PAY_INVOICE,
        'unpaid-on-free-plan',
        'Payment failed for good, so the free plan applies until the newest invoice is paid.',
      );
    case SubscriptionStatus.PAUSED:
      return decidePaused(subscription, hasPaymentMethod);
    case SubscriptionStatus.INCOMPLETE:
      return denied(
        AccessReason.FIRST_PAYMENT_PENDING,
        Remedy.PAY_INVOICE,
        'first-payment-pending',
        'The first payment has not come in yet.',
      );
    case SubscriptionStatus.INCOMPLETE_EXPIRED:
    case SubscriptionStatus.CANCELED:
      return denied(AccessReason.CANCELED, Remedy.CHOOSE_PLAN, 'ended', 'This subscription has ended.');
    case SubscriptionStatus.UNRECOGNIZED:
      return denied(
        AccessReason.OTHER,
        Remedy.CONTACT_SUPPORT,
        'unknown-status',
        `Stripe says '${subscription.statusRaw}', which this version does not know.`,
      );
  }
}

function decidePaused({ pause }: SubscriptionState, hasPaymentMethod: boolean): AccessDecision {
  if (pause?.cause === 'TRIAL_ENDED_WITHOUT_CARD' && !hasPaymentMethod) {
    const message = 'Your free trial has ended; add a payment method, then resume.';
    return denied(AccessReason.PAUSED, Remedy.ADD_PAYMENT_METHOD, 'paused-without-payment-method', message);
  }
  return {
    ...denied(AccessReason.PAUSED, Remedy.RESUME, 'paused', 'Your subscription is paused.'),
    until: pause?.resumesAt ?? null,
  };
}

function decideActive(subscription: SubscriptionState): AccessDecision {
  const endsAt = cancellationAt(subscription);
  return endsAt === null
    ? decided({
        allowed: true,
        level: AccessLevel.FULL,
        reason: AccessReason.ACTIVE,
        message: 'Your subscription is active.',
        remedy: Remedy.NONE,
        rule: 'active',
      })
    : decided({
        allowed: true,
        level: AccessLevel.FULL,
        reason: AccessReason.CANCELED_BUT_PAID,
        until: endsAt,
        message: 'Your subscription is canceled and paid until its end.',
        remedy: Remedy.REACTIVATE,
        rule: 'active-until-cancellation',
      });
}

/** Access goes on through the grace period, but never past the end that Stripe itself has set. */
function decideOverdue(
  subscription: SubscriptionState,
  latestInvoice: DecidingInvoice | null,
  policy: AccessPolicy,
  now: number,
): AccessDecision {
  const graceEnd = graceEndsAt(subscription, latestInvoice, policy);
  const end = graceEnd === null ? null : Math.min(graceEnd, cancellationAt(subscription) ?? graceEnd);
  if (end !== null && now < end) {
    return decided({
      allowed: true,
      level: AccessLevel.FULL,
      reason: AccessReason.GRACE_PERIOD,
      until: end,
      message: 'The last payment failed. Access goes on for a while so that it can be put right.',
      remedy: Remedy.UPDATE_PAYMENT_METHOD,
      rule: 'past-due-in-grace',
    });
  }
  return denied(
    AccessReason.PAYMENT_OVERDUE,
    Remedy.PAY_INVOICE,
    'past-due-after-grace',
    'The last payment is overdue.',
  );
}

function denied(reason: AccessReason, remedy: Remedy, rule: AccessRule, message: string): AccessDecision {
  return decided({ allowed: false, level: AccessLevel.NONE, reason, message, remedy, rule });
}

function limited(reason: AccessReason, remedy: Remedy, rule: AccessRule, message: string): AccessDecision {
  return decided({ allowed: true, level: AccessLevel.LIMITED, reason, message, remedy, rule });
}
