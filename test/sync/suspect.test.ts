import { CheckoutStatus } from '../../src/checkout/checkout-session.js';
import { InvoiceStatus } from '../../src/invoices/invoice.js';
import { SubscriptionStatus } from '../../src/subscriptions/subscription.js';
import { nothingSeen, type CustomerDemand, type Seen } from '../../src/sync/seen.js';
import { denies, matches } from '../../src/sync/suspect.js';
import type { StripeEvent } from '../../src/webhooks/stripe-event.js';
import { anEvent } from '../support/states.js';

/** What Stripe answered; `null` means that it has no such object. */
function seeing(kind: CustomerDemand, id: string, state: object | null, raw: object = {}): Seen {
  const seen = nothingSeen();
  (seen[kind] as Map<string, unknown>).set(id, state === null ? { state, raw: null } : { state, raw });
  return seen;
}

const objects: Record<CustomerDemand, [word: string, id: string]> = {
  customer: ['customer', 'cus_1'],
  subscription: ['subscription', 'sub_1'],
  invoice: ['invoice', 'in_1'],
  checkoutSession: ['checkout.session', 'cs_1'],
};
const about = (kind: CustomerDemand, type: string, differs: Partial<StripeEvent> = {}) =>
  anEvent({ type, object: { object: objects[kind][0], id: objects[kind][1] }, ...differs });

describe("an answer of Stripe's", () => {
  it.each<[string, CustomerDemand, string, object | null, boolean]>([
    ['the object is not there yet', 'subscription', 'customer.subscription.created', null, true],
    ['a deleted draft is not there', 'invoice', 'invoice.deleted', null, false],
    ['a deleted draft is still there', 'invoice', 'invoice.deleted', { status: InvoiceStatus.DRAFT }, true],
    ['an invoice given up is open', 'invoice', 'invoice.marked_uncollectible', { status: InvoiceStatus.OPEN }, true],
    ['an invoice given up was paid', 'invoice', 'invoice.marked_uncollectible', { status: InvoiceStatus.PAID }, false],
    ['a deleted customer is still there', 'customer', 'customer.deleted', { deleted: false }, true],
    ['a deleted customer says so', 'customer', 'customer.deleted', { deleted: true }, false],
    ['an ended subscription is not there', 'subscription', 'customer.subscription.deleted', null, true],
    ['a deleted customer is not there', 'customer', 'customer.deleted', null, true],
    ['an ended subscription is active', 'subscription', 'customer.subscription.deleted', { status: 'ACTIVE' }, true],
    [
      'an ended subscription is canceled',
      'subscription',
      'customer.subscription.deleted',
      { status: 'CANCELED' },
      false,
    ],
    [
      'an ended subscription has lapsed',
      'subscription',
      'customer.subscription.deleted',
      { status: 'INCOMPLETE_EXPIRED' },
      false,
    ],
    ['a paid invoice is open', 'invoice', 'invoice.paid', { status: InvoiceStatus.OPEN }, true],
    ['a paid invoice is paid', 'invoice', 'invoice.paid', { status: InvoiceStatus.PAID }, false],
    ['a voided invoice is open', 'invoice', 'invoice.voided', { status: InvoiceStatus.OPEN }, true],
    ['a voided invoice is void', 'invoice', 'invoice.voided', { status: InvoiceStatus.VOID }, false],
    ['a final invoice is a draft', 'invoice', 'invoice.finalized', { status: InvoiceStatus.DRAFT }, true],
    ['a final invoice has been paid since', 'invoice', 'invoice.finalized', { status: InvoiceStatus.PAID }, false],
    [
      'a completed session is open',
      'checkoutSession',
      'checkout.session.completed',
      { status: CheckoutStatus.OPEN },
      true,
    ],
    [
      'a completed session is complete',
      'checkoutSession',
      'checkout.session.completed',
      { status: CheckoutStatus.COMPLETE },
      false,
    ],
    [
      'an expired session is open',
      'checkoutSession',
      'checkout.session.expired',
      { status: CheckoutStatus.OPEN },
      true,
    ],
    [
      'an expired session is expired',
      'checkoutSession',
      'checkout.session.expired',
      { status: CheckoutStatus.EXPIRED },
      false,
    ],
    [
      'a created one is there',
      'subscription',
      'customer.subscription.created',
      { status: SubscriptionStatus.ACTIVE },
      false,
    ],
  ])('in which %s denies the event or not', (_what, kind, type, state, denied) => {
    expect(denies(about(kind, type), seeing(kind, objects[kind][1], state), [])).toBe(denied);
  });

  it('denies nothing that was not looked at', () => {
    expect(denies(about('invoice', 'invoice.paid'), nothingSeen(), [])).toBe(false);
  });

  const changed = (differs: Partial<StripeEvent> = {}) =>
    about('subscription', 'customer.subscription.updated', {
      object: { object: 'subscription', id: 'sub_1', cancel_at_period_end: true, quantity: 1 },
      previousAttributes: { cancel_at_period_end: false },
      ...differs,
    });
  const showing = (raw: object) => seeing('subscription', 'sub_1', { status: 'ACTIVE' }, raw);

  it('denies an event while the object looks as it did before', () => {
    expect(denies(changed(), showing({ cancel_at_period_end: false }), [])).toBe(true);
    expect(denies(changed(), showing({ cancel_at_period_end: true }), [])).toBe(false);
  });

  it('denies no event that says nothing of what was before', () => {
    const raw = showing({ cancel_at_period_end: false });

    expect(denies(changed({ previousAttributes: null }), raw, [])).toBe(false);
    expect(denies(changed({ previousAttributes: {} }), raw, [])).toBe(false);
  });

  describe('that looks as before the event, when another of the same list set it back', () => {
    const backAgain = changed({
      id: 'evt_2',
      object: { object: 'subscription', id: 'sub_1', cancel_at_period_end: false },
      previousAttributes: { cancel_at_period_end: true },
    });
    const raw = showing({ cancel_at_period_end: false });

    it.each<[string, StripeEvent, boolean]>([
      ['in the same second', backAgain, false],
      ['later', { ...backAgain, created: backAgain.created + 9 }, false],
      ['earlier', { ...backAgain, created: backAgain.created - 1 }, true],
      ['on another object', { ...backAgain, object: { ...backAgain.object, id: 'sub_2' } }, true],
      ['to another value', { ...backAgain, object: { ...backAgain.object, cancel_at_period_end: 'x' } }, true],
      ['in another field', { ...backAgain, previousAttributes: { quantity: 2 } }, true],
      ['without saying from what', { ...backAgain, previousAttributes: null }, true],
    ])('%s, denies it or not', (_when, other, denied) => {
      expect(denies(changed(), raw, [changed(), other])).toBe(denied);
    });

    it('is not explained by the event itself', () => {
      const event = changed({ object: { object: 'subscription', id: 'sub_1', cancel_at_period_end: false } });
      expect(denies(event, raw, [event])).toBe(true);
    });
  });
});

describe('the comparison with what was before', () => {
  it.each<[unknown, unknown, boolean]>([
    [{ a: 1, b: 2 }, { a: 1 }, true],
    [{ a: 1 }, { a: 2 }, false],
    [{ a: null }, { a: null }, true],
    [{}, { a: null }, true],
    [{ a: 0 }, { a: null }, false],
    [{ a: { b: { c: 1, d: 2 } } }, { a: { b: { c: 1 } } }, true],
    [{ a: { b: 1 } }, { a: { b: { c: 1 } } }, false],
    [{ latest_invoice: { id: 'in_1', total: 5 } }, { latest_invoice: 'in_1' }, true],
    [{ latest_invoice: { id: 'in_2' } }, { latest_invoice: 'in_1' }, false],
    [{ latest_invoice: 'in_1' }, { latest_invoice: { id: 'in_1' } }, true],
    [{ latest_invoice: 'in_2' }, { latest_invoice: { id: 'in_1' } }, false],
    [{ list: [1, 2] }, { list: [1, 2] }, true],
    [{ list: [1, 2] }, { list: [2, 1] }, false],
    [{ list: [1, 2, 3] }, { list: [1, 2] }, false],
    [{ items: { data: [{ id: 'si_1', quantity: 3 }] } }, { items: { data: [{ quantity: 3 }] } }, true],
    [{ items: { data: [{ id: 'si_1', quantity: 4 }] } }, { items: { data: [{ quantity: 3 }] } }, false],
    [null, { a: 1 }, false],
    ['text', { a: 1 }, false],
    [{ a: [] }, { a: {} }, true],
  ])('of %j with %j says %s', (whole, part, expected) => {
    expect(matches(whole, part)).toBe(expected);
  });
});
