import fc from 'fast-check';
import { CheckoutStatus } from '../../src/checkout/checkout-session.js';
import { InvoiceReason, InvoiceStatus } from '../../src/invoices/invoice.js';
import { SubscriptionStatus } from '../../src/subscriptions/subscription.js';
import { needsFetch, nextWakeAt, type Wake, wakesOf } from '../../src/sync/wake.js';
import { anInvoice, aSession, aSubscription, DAY, NOW } from '../support/states.js';

const MINUTE = 60_000;
const stripe = (at: number): Wake => ({ at, owner: 'stripe' });
const gateway = (at: number): Wake => ({ at, owner: 'gateway' });
const none = { subscriptions: [], invoices: new Map(), sessions: [] };
const policy = { graceDays: 7 };

describe('the moments at which something changes by time alone', () => {
  it.each([
    ['the end of a canceled period', aSubscription({ cancelAtPeriodEnd: true }), [stripe(NOW + 20 * DAY)]],
    ['the end by a moment', aSubscription({ cancelAt: NOW + DAY }), [stripe(NOW + DAY)]],
    [
      'the end of a trial',
      aSubscription({ status: SubscriptionStatus.TRIALING, trialEnd: NOW + DAY }),
      [stripe(NOW + DAY)],
    ],
    ['none, while it goes on', aSubscription(), []],
    ['none, once it is over', aSubscription({ status: SubscriptionStatus.CANCELED, cancelAt: NOW + DAY }), []],
    ['none, while the first payment is missing', aSubscription({ status: SubscriptionStatus.INCOMPLETE }), []],
    ['none, for a past due one without its invoice', aSubscription({ status: SubscriptionStatus.PAST_DUE }), []],
  ])('are %s', (_what, subscription, wakes) => {
    expect(wakesOf({ ...none, subscriptions: [subscription] }, policy)).toEqual(wakes);
  });

  it.each([
    ['seven days from when the invoice became final', anInvoice(), [gateway(NOW - DAY + 7 * DAY)]],
    ['none when it is paid', anInvoice({ status: InvoiceStatus.PAID }), []],
    ['none for a first payment', anInvoice({ reason: InvoiceReason.SUBSCRIPTION_START }), []],
    [
      'counted from its making when it has no moment of becoming final',
      anInvoice({ finalizedAt: null, createdAt: NOW }),
      [gateway(NOW + 7 * DAY)],
    ],
  ])('of grace are %s', (_what, invoice, wakes) => {
    const subscriptions = [aSubscription({ status: SubscriptionStatus.PAST_DUE, lastPaymentAt: NOW - 31 * DAY })];

    expect(wakesOf({ ...none, subscriptions, invoices: new Map([['in_1', invoice]]) }, policy)).toEqual(wakes);
  });

  it('include the expiry of an open checkout and of no other', () => {
    const sessions = [CheckoutStatus.OPEN, CheckoutStatus.COMPLETE, CheckoutStatus.EXPIRED].map((status) => ({
      ...aSession({ status }),
      accountId: null,
    }));

    expect(wakesOf({ ...none, sessions }, policy)).toEqual([stripe(NOW + DAY)]);
  });
});

describe('the next wake-up', () => {
  it.each<[string, Wake[], number | null]>([
    ['is none when nothing waits', [], null],
    ['comes just after the moment', [stripe(NOW + 10)], NOW + 11],
    ['is strictly ahead for a moment that is now', [gateway(NOW)], NOW + 1],
    ['is that of the nearest', [stripe(NOW + 50), gateway(NOW + 5)], NOW + 6],
    ['is none for our own that is past', [gateway(NOW - 1)], null],
    ['comes in a minute when Stripe has just missed its moment', [stripe(NOW - 1)], NOW + MINUTE],
    ['comes in five minutes after one', [stripe(NOW - MINUTE)], NOW + 5 * MINUTE],
    ['comes in fifteen minutes after six', [stripe(NOW - 6 * MINUTE)], NOW + 15 * MINUTE],
    ['comes in an hour from then on', [stripe(NOW - 21 * MINUTE)], NOW + 60 * MINUTE],
  ])('%s', (_what, wakes, expected) => {
    expect(nextWakeAt(wakes, NOW)).toBe(expected);
  });

  it('is always strictly ahead, so no wake-up ever repeats at one moment', () => {
    const wake = fc.record({
      at: fc.integer({ min: NOW - 90 * DAY, max: NOW + 90 * DAY }),
      owner: fc.constantFrom('stripe' as const, 'gateway' as const),
    });
    fc.assert(
      fc.property(fc.array(wake), (wakes) => {
        const next = nextWakeAt(wakes, NOW);
        if (next !== null) expect(next).toBeGreaterThan(NOW);
        const ahead = wakes.filter(({ at }) => at >= NOW).map(({ at }) => at);
        if (ahead.length > 0) expect(next).toBeLessThanOrEqual(Math.min(...ahead) + 1);
      }),
    );
  });

  it("asks Stripe only about Stripe's own moments that are past", () => {
    expect(needsFetch([gateway(NOW - DAY), stripe(NOW)], NOW)).toBe(false);
    expect(needsFetch([stripe(NOW - 1)], NOW)).toBe(true);
  });
});
