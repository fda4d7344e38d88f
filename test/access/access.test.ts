import fc from 'fast-check';
import { decideAccess, graceEndsAt } from '../../src/access/access.js';
import { InvoiceReason, InvoiceStatus, type InvoiceState } from '../../src/invoices/invoice.js';
import { SubscriptionStatus, type SubscriptionState } from '../../src/subscriptions/subscription.js';
import { anInvoice, aSubscription, DAY, NOW } from '../support/states.js';

const PERIOD_END = NOW + 20 * DAY;
const SOON = NOW + 2 * DAY;
const GRACE_END = NOW + 6 * DAY;
const policy = { graceDays: 7 };

const canceling = { cancelAtPeriodEnd: true };
const cancelingSoon = { cancelAt: SOON };
const first = { reason: InvoiceReason.SUBSCRIPTION_START };
const failed = { ...first, status: InvoiceStatus.VOID };
const givenUp = { ...first, status: InvoiceStatus.UNCOLLECTIBLE };
const overdue = { finalizedAt: NOW - 7 * DAY };
const lastMoment = { finalizedAt: NOW - 7 * DAY + 1 };
const paid = { status: InvoiceStatus.PAID };
const paidOnce = { lastPaymentAt: NOW - 40 * DAY };
const untried = { lastPaymentAt: null };
const refused = { lastPaymentAt: null, lastPaymentAttemptAt: NOW - 4 * DAY };

type Row = [
  status: keyof typeof SubscriptionStatus,
  subscription: Partial<SubscriptionState>,
  invoice: Partial<InvoiceState> | null,
  allowed: boolean,
  level: string,
  reason: string,
  until: number | null,
  remedy: string,
  rule: string,
];

/** Status x grace x cancellation. */
const truth: Row[] = [
  ['ACTIVE', {}, paid, true, 'FULL', 'ACTIVE', null, 'NONE', 'active'],
  ['ACTIVE', {}, null, true, 'FULL', 'ACTIVE', null, 'NONE', 'active'],
  ['ACTIVE', {}, overdue, true, 'FULL', 'ACTIVE', null, 'NONE', 'active'],
  ['ACTIVE', untried, first, true, 'LIMITED', 'FIRST_PAYMENT_PENDING', null, 'NONE', 'first-payment-under-way'],
  [
    'ACTIVE',
    untried,
    failed,
    true,
    'LIMITED',
    'FIRST_PAYMENT_PENDING',
    null,
    'CONTACT_SUPPORT',
    'first-payment-failed',
  ],
  [
    'ACTIVE',
    { ...untried, ...canceling },
    failed,
    true,
    'LIMITED',
    'FIRST_PAYMENT_PENDING',
    null,
    'CONTACT_SUPPORT',
    'first-payment-failed',
  ],
  ['ACTIVE', untried, givenUp, true, 'LIMITED', 'FIRST_PAYMENT_PENDING', null, 'PAY_INVOICE', 'first-payment-failed'],
  ['ACTIVE', untried, { ...failed, dueAt: SOON }, true, 'FULL', 'ACTIVE', null, 'NONE', 'active'],
  ['ACTIVE', {}, { status: InvoiceStatus.VOID }, true, 'FULL', 'ACTIVE', null, 'NONE', 'active'],
  ['ACTIVE', untried, { ...first, ...paid }, true, 'FULL', 'ACTIVE', null, 'NONE', 'active'],
  ['ACTIVE', untried, { ...first, dueAt: SOON }, true, 'FULL', 'ACTIVE', null, 'NONE', 'active'],
  ['ACTIVE', untried, {}, true, 'FULL', 'ACTIVE', null, 'NONE', 'active'],
  ['ACTIVE', untried, { status: InvoiceStatus.DRAFT }, true, 'FULL', 'ACTIVE', null, 'NONE', 'active'],
  ['ACTIVE', refused, {}, true, 'LIMITED', 'FIRST_PAYMENT_PENDING', null, 'NONE', 'first-payment-under-way'],
  ['ACTIVE', refused, { dueAt: SOON }, true, 'FULL', 'ACTIVE', null, 'NONE', 'active'],
  ['ACTIVE', refused, paid, true, 'FULL', 'ACTIVE', null, 'NONE', 'active'],
  [
    ...(['ACTIVE', refused, { status: InvoiceStatus.DRAFT }, true, 'LIMITED', 'FIRST_PAYMENT_PENDING', null] as const),
    ...(['UPDATE_PAYMENT_METHOD', 'first-payment-failed'] as const),
  ],
  ['ACTIVE', canceling, paid, true, 'FULL', 'CANCELED_BUT_PAID', PERIOD_END, 'REACTIVATE', 'active-until-cancellation'],
  ['ACTIVE', cancelingSoon, paid, true, 'FULL', 'CANCELED_BUT_PAID', SOON, 'REACTIVATE', 'active-until-cancellation'],
  ['TRIALING', { trialEnd: SOON }, paid, true, 'FULL', 'TRIALING', SOON, 'NONE', 'trialing'],
  ['TRIALING', { trialEnd: SOON, ...canceling }, paid, true, 'FULL', 'TRIALING', SOON, 'NONE', 'trialing'],
  ['PAST_DUE', {}, {}, true, 'FULL', 'GRACE_PERIOD', GRACE_END, 'UPDATE_PAYMENT_METHOD', 'past-due-in-grace'],
  ['PAST_DUE', {}, lastMoment, true, 'FULL', 'GRACE_PERIOD', NOW + 1, 'UPDATE_PAYMENT_METHOD', 'past-due-in-grace'],
  ['PAST_DUE', canceling, {}, true, 'FULL', 'GRACE_PERIOD', GRACE_END, 'UPDATE_PAYMENT_METHOD', 'past-due-in-grace'],
  ['PAST_DUE', cancelingSoon, {}, true, 'FULL', 'GRACE_PERIOD', SOON, 'UPDATE_PAYMENT_METHOD', 'past-due-in-grace'],
  ['PAST_DUE', {}, overdue, false, 'NONE', 'PAYMENT_OVERDUE', null, 'PAY_INVOICE', 'past-due-after-grace'],
  ['PAST_DUE', { cancelAt: NOW }, {}, false, 'NONE', 'PAYMENT_OVERDUE', null, 'PAY_INVOICE', 'past-due-after-grace'],
  ['PAST_DUE', untried, {}, false, 'NONE', 'PAYMENT_OVERDUE', null, 'PAY_INVOICE', 'past-due-after-grace'],
  ['PAST_DUE', untried, first, false, 'NONE', 'PAYMENT_OVERDUE', null, 'PAY_INVOICE', 'past-due-after-grace'],
  ['PAST_DUE', {}, null, false, 'NONE', 'PAYMENT_OVERDUE', null, 'PAY_INVOICE', 'past-due-after-grace'],
  ['UNPAID', {}, {}, true, 'LIMITED', 'PAYMENT_OVERDUE', null, 'PAY_INVOICE', 'unpaid-on-free-plan'],
  ['UNPAID', canceling, overdue, true, 'LIMITED', 'PAYMENT_OVERDUE', null, 'PAY_INVOICE', 'unpaid-on-free-plan'],
  ['PAUSED', {}, paid, false, 'NONE', 'PAUSED', null, 'RESUME', 'paused'],
  ['PAUSED', canceling, paid, false, 'NONE', 'PAUSED', null, 'RESUME', 'paused'],
  ['INCOMPLETE', {}, first, false, 'NONE', 'FIRST_PAYMENT_PENDING', null, 'PAY_INVOICE', 'first-payment-pending'],
  ['INCOMPLETE_EXPIRED', {}, first, false, 'NONE', 'CANCELED', null, 'CHOOSE_PLAN', 'ended'],
  ['CANCELED', {}, paid, false, 'NONE', 'CANCELED', null, 'CHOOSE_PLAN', 'ended'],
  ['CANCELED', canceling, {}, false, 'NONE', 'CANCELED', null, 'CHOOSE_PLAN', 'ended'],
  ['UNRECOGNIZED', { statusRaw: 'dormant' }, {}, false, 'NONE', 'OTHER', null, 'CONTACT_SUPPORT', 'unknown-status'],
];

describe('access', () => {
  it('is that of the free plan without a subscription', () => {
    expect(decideAccess(null, null, policy, NOW)).toMatchObject({
      allowed: true,
      level: 'FULL',
      reason: 'FREE_PLAN',
      rule: 'free-plan',
    });
  });

  it.each(truth)(
    'with %s %j and invoice %j is %s',
    (status, subscription, invoice, allowed, level, reason, until, remedy, rule) => {
      const held = aSubscription({ ...paidOnce, ...subscription, status: SubscriptionStatus[status] });
      const decision = decideAccess(held, invoice && anInvoice(invoice), policy, NOW);

      expect(decision).toEqual({ allowed, level, reason, until, remedy, rule, message: expect.stringMatching(/\.$/) });
    },
  );

  it('has a row in the table for every status', () => {
    expect(new Set(truth.map(([status]) => status))).toEqual(new Set(Object.keys(SubscriptionStatus)));
  });

  it('asks for a way to pay before resuming, where a trial ended without one', () => {
    const pause = { of: 'subscription', cause: 'TRIAL_ENDED_WITHOUT_CARD', since: NOW, resumesAt: null } as const;
    const held = aSubscription({ status: SubscriptionStatus.PAUSED, pause });

    expect([false, true].map((has) => decideAccess(held, null, policy, NOW, has).remedy)).toEqual([
      'ADD_PAYMENT_METHOD',
      'RESUME',
    ]);
  });

  it('names the status that it does not know', () => {
    const held = aSubscription({ status: SubscriptionStatus.UNRECOGNIZED, statusRaw: 'dormant' });

    expect(decideAccess(held, null, policy, NOW).message).toContain("'dormant'");
  });

  it('without days of grace ends with the failure', () => {
    const held = aSubscription({ ...paidOnce, status: SubscriptionStatus.PAST_DUE });

    expect(decideAccess(held, anInvoice(), { graceDays: 0 }, NOW).allowed).toBe(false);
  });

  it('changes at `until` and not a moment before, when it changes by our own rule', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 0, max: 100 * DAY }), (graceDays, age) => {
        const held = aSubscription({ ...paidOnce, status: SubscriptionStatus.PAST_DUE });
        const invoice = anInvoice({ finalizedAt: NOW - age });
        const { allowed, until } = decideAccess(held, invoice, { graceDays }, NOW);
        expect(allowed).toBe(age < graceDays * DAY);
        if (until === null) return;
        expect(decideAccess(held, invoice, { graceDays }, until - 1).allowed).toBe(true);
        expect(decideAccess(held, invoice, { graceDays }, until).allowed).toBe(false);
      }),
    );
  });

  it('grants no grace on an invoice that is not open', () => {
    for (const status of Object.values(InvoiceStatus)) {
      const end = graceEndsAt(paidOnce, anInvoice({ status }), policy);
      expect(end === null).toBe(status !== InvoiceStatus.OPEN);
    }
  });
});
