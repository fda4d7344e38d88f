import { InvoiceStatus } from '../../src/invoices/invoice.js';
import { isPaymentTold, lastPayment, NEVER_PAID, PaymentActionKind } from '../../src/payments/invoice-payment.js';
import { decide } from '../../src/sync/decide.js';
import { driftsOf } from '../../src/sync/drift.js';
import { input, seen, seenInvoice, seenSubscription, stored } from '../support/decide-input.js';
import { anInvoice, aSubscription, DAY, NOW } from '../support/states.js';

const attempt = (at: number, succeeded = false) => ({
  ...{ id: `ch_${at}`, at, amount: 2000, succeeded },
  ...(succeeded ? { declineCode: null, message: null } : { declineCode: 'generic_decline', message: 'Declined.' }),
});
const paid = (at: number, differs = {}) =>
  anInvoice({ status: InvoiceStatus.PAID, paidAt: at, amountPaid: 2000, ...differs });

describe('what was paid last', () => {
  it.each([
    ['is nothing before the first payment', NEVER_PAID, [anInvoice()], NEVER_PAID],
    [
      'is when it was tried, although nothing came in',
      NEVER_PAID,
      [anInvoice({ paymentAttempts: [attempt(NOW - 2), attempt(NOW - 1)] })],
      { ...NEVER_PAID, lastPaymentAttemptAt: NOW - 1 },
    ],
    [
      'is the newest of several invoices, in whatever order they are seen',
      NEVER_PAID,
      [paid(NOW, { amountPaid: 500 }), paid(NOW - DAY)],
      { lastPaymentAt: NOW, lastPaymentAmount: 500, lastPaymentAttemptAt: NOW },
    ],
    [
      "is the subscription's newest of two that were paid in one second",
      NEVER_PAID,
      [paid(NOW, { id: 'in_2', amountPaid: 500 }), paid(NOW)],
      { lastPaymentAt: NOW, lastPaymentAmount: 500, lastPaymentAttemptAt: NOW },
    ],
    [
      'is so too when the other one was known before',
      { lastPaymentAt: NOW, lastPaymentAmount: 2000, lastPaymentAttemptAt: NOW },
      [paid(NOW, { id: 'in_2', amountPaid: 500 })],
      { lastPaymentAt: NOW, lastPaymentAmount: 500, lastPaymentAttemptAt: NOW },
    ],
    [
      'stays when an older one is seen, or one that credit has paid',
      { lastPaymentAt: NOW, lastPaymentAmount: 500, lastPaymentAttemptAt: NOW },
      [paid(NOW - DAY), paid(NOW + DAY, { amountPaid: 0 })],
      { lastPaymentAt: NOW, lastPaymentAmount: 500, lastPaymentAttemptAt: NOW },
    ],
  ])('%s', (_what, before, invoices, after) => {
    expect(lastPayment({ ...before, latestInvoiceId: 'in_2' }, invoices)).toEqual(after);
  });

  it('is kept on the subscription, also where only its invoice was seen', () => {
    const held = stored({ subscriptions: [aSubscription()] });
    const { invoices, subscriptions, confirmed } = decide(
      input(held, seen({ invoices: [seenInvoice(paid(NOW))], payments: { in_1: { ...told, paymentAction: null } } })),
    );

    expect(invoices).toMatchObject([{ id: 'in_1', paymentAttempts: told.paymentAttempts, paymentMethodId: 'pm_1' }]);
    expect(subscriptions).toMatchObject([{ id: 'sub_1', lastPaymentAt: NOW, lastPaymentAmount: 2000 }]);
    expect(confirmed).toEqual([]);
  });

  it('and how it was paid stay as they are while Stripe is not asked', () => {
    const before = { lastPaymentAt: NOW - DAY, lastPaymentAmount: 2000, lastPaymentAttemptAt: NOW };
    const held = stored({
      subscriptions: [aSubscription(before)],
      invoices: new Map([['in_1', anInvoice(told)]]),
    });
    const shown = seen({
      subscriptions: [seenSubscription({ cancelAtPeriodEnd: true })],
      invoices: [seenInvoice({ attemptCount: 2 })],
    });

    const { subscriptions, invoices } = decide(input(held, shown));

    expect(subscriptions).toMatchObject([{ cancelAtPeriodEnd: true, ...before }]);
    expect(invoices).toMatchObject([{ attemptCount: 2, ...told }]);
  });
});

const told = {
  paymentMethodId: 'pm_1',
  paymentAttempts: [attempt(NOW - 1), attempt(NOW, true)],
  paymentAction: PaymentActionKind.NEW_PAYMENT_METHOD,
};

describe('how an invoice was paid', () => {
  it('is told to the end once it is paid and the charge that paid it is known', () => {
    expect(isPaymentTold(paid(NOW, told))).toBe(true);
    expect(isPaymentTold(paid(NOW))).toBe(false);
    expect(isPaymentTold(paid(NOW, { paymentAttempts: [attempt(NOW - 1)] }))).toBe(false);
    expect(isPaymentTold(anInvoice(told))).toBe(false);
  });

  it('has not drifted when it is looked at for the first time, and has when it changes without an event', () => {
    const round = { subject: 'cus_1', fence: 2, events: [], woken: false, confirming: false };
    const drifted = (paymentAttempts: unknown) =>
      driftsOf(
        round,
        [
          {
            object: 'invoice',
            id: 'in_1',
            before: { paymentAttempts },
            after: { paymentAttempts: told.paymentAttempts },
          },
        ],
        'acc_1',
        NOW,
      );

    expect(drifted(null)).toEqual([]);
    expect(drifted([])).toMatchObject([{ object: 'invoice', objectId: 'in_1' }]);
  });
});
