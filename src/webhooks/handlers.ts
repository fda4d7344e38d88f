import type Stripe from 'stripe';
import { idIn, isId, type StripeEvent } from './stripe-event.js';

/** One thing that a round is asked to fetch. */
export interface Demand {
  kind: 'customer' | 'subscription' | 'invoice' | 'checkoutSession' | 'product' | 'paymentMethod';
  id: string;
}

interface Handler {
  /** Why we listen. */
  why: string;
  /** What the event says has changed. */
  demands: (event: StripeEvent) => Demand[];
}

const one = (kind: Demand['kind'], id: string | null): Demand[] => (id === null ? [] : [{ kind, id }]);
const itself = (kind: Demand['kind']) => (event: StripeEvent) =>
  one(kind, isId(event.object.id) ? event.object.id : null);

/** Tax ids come with their customer. */
const customerOfIt = ({ object }: StripeEvent) => one('customer', idIn(object, 'customer'));

function subscriptionOfInvoice({ object }: StripeEvent): string | null {
  const parent = object.parent as { subscription_details?: Record<string, unknown> | null } | null | undefined;
  return idIn(parent?.subscription_details ?? null, 'subscription');
}

/** A payment moves the subscription's status in the same breath, so both are looked at. */
const invoiceAndSubscription = (event: StripeEvent): Demand[] => [
  ...one('subscription', subscriptionOfInvoice(event)),
  ...itself('invoice')(event),
];

const sessionAndSubscription = (event: StripeEvent): Demand[] => [
  ...one('subscription', idIn(event.object, 'subscription')),
  ...itself('checkoutSession')(event),
];

/** A schedule that has let go, or has not begun, names its subscription elsewhere or not at all; then its customer is looked at. */
const subscriptionOfSchedule = ({ object }: StripeEvent): Demand[] => {
  const subscription = idIn(object, 'subscription') ?? idIn(object, 'released_subscription');
  return subscription ? one('subscription', subscription) : one('customer', idIn(object, 'customer'));
};

/** Of a subscription, or of the customer for all that she has. */
const holderOfDiscount = (event: StripeEvent): Demand[] => {
  const subscription = idIn(event.object, 'subscription');
  return subscription ? one('subscription', subscription) : customerOfIt(event);
};

const product = ({ object }: StripeEvent): Demand[] =>
  one('product', idIn(object, object.object === 'product' ? 'id' : 'product'));

/**
 * Every event type the gateway acts on, and what it says: "look again at these". The list of the endpoint at Stripe
 * comes from here ({@link wantedTypes}); every other type is stored as ignored and counted.
 */
export const handlers = {
  'customer.created': { why: 'a customer made elsewhere may name its account', demands: itself('customer') },
  'customer.updated': {
    why: 'billing details, currency, default payment method and owner',
    demands: itself('customer'),
  },
  'customer.deleted': { why: 'its account falls back to the free plan', demands: itself('customer') },
  'customer.subscription.created': { why: 'a subscription began, here or elsewhere', demands: itself('subscription') },
  'customer.subscription.updated': { why: 'status, period, price, cancellation', demands: itself('subscription') },
  'customer.subscription.deleted': { why: 'it ended', demands: itself('subscription') },
  'customer.subscription.paused': { why: 'access is withdrawn', demands: itself('subscription') },
  'customer.subscription.resumed': { why: 'access is given back', demands: itself('subscription') },
  'customer.subscription.trial_will_end': { why: 'its trial ends in three days', demands: itself('subscription') },
  'customer.subscription.pending_update_applied': {
    why: 'the payment came in and the change with it',
    demands: itself('subscription'),
  },
  'customer.subscription.pending_update_expired': {
    why: 'an unpaid change was given up',
    demands: itself('subscription'),
  },
  'subscription_schedule.created': { why: 'a change was booked, here or elsewhere', demands: subscriptionOfSchedule },
  'subscription_schedule.updated': { why: 'a booked change moved or began', demands: subscriptionOfSchedule },
  'subscription_schedule.released': { why: 'a booked change was taken back', demands: subscriptionOfSchedule },
  'subscription_schedule.canceled': { why: 'a booked change was dropped', demands: subscriptionOfSchedule },
  'subscription_schedule.completed': { why: 'the last booked change is done', demands: subscriptionOfSchedule },
  'subscription_schedule.aborted': {
    why: 'a booked change fell with an unpaid subscription',
    demands: subscriptionOfSchedule,
  },
  'invoice.created': { why: 'a draft shows what will be charged', demands: itself('invoice') },
  'invoice.updated': { why: 'amounts and the next attempt', demands: itself('invoice') },
  'invoice.finalized': { why: 'number, links and amounts are final', demands: invoiceAndSubscription },
  'invoice.finalization_failed': { why: 'it stays a draft until somebody acts', demands: itself('invoice') },
  'invoice.paid': { why: 'money came in', demands: invoiceAndSubscription },
  'invoice.payment_succeeded': { why: 'money came in by a payment', demands: invoiceAndSubscription },
  'invoice.payment_failed': { why: 'grace begins', demands: invoiceAndSubscription },
  'invoice.payment_action_required': { why: 'the customer must confirm', demands: invoiceAndSubscription },
  'invoice.payment_attempt_required': { why: 'Stripe will not collect it by itself', demands: invoiceAndSubscription },
  'invoice.voided': { why: 'nothing is due any more', demands: invoiceAndSubscription },
  'invoice.marked_uncollectible': { why: 'given up', demands: invoiceAndSubscription },
  'invoice.deleted': { why: 'a draft was thrown away', demands: itself('invoice') },
  'checkout.session.completed': { why: 'the way in has ended well', demands: sessionAndSubscription },
  'checkout.session.async_payment_succeeded': { why: 'a slow payment came in', demands: sessionAndSubscription },
  'checkout.session.async_payment_failed': { why: 'a slow payment failed', demands: sessionAndSubscription },
  'checkout.session.expired': { why: 'the way in is closed', demands: itself('checkoutSession') },
  'customer.tax_id.created': { why: 'a tax id to print on invoices', demands: customerOfIt },
  'customer.tax_id.updated': { why: 'the authority has answered', demands: customerOfIt },
  'customer.tax_id.deleted': { why: 'a tax id is gone', demands: customerOfIt },
  'customer.discount.created': { why: 'something is taken off', demands: holderOfDiscount },
  'customer.discount.updated': { why: 'another discount took its place', demands: holderOfDiscount },
  'customer.discount.deleted': { why: 'a discount has ended', demands: holderOfDiscount },
  'payment_method.attached': { why: 'another way to pay', demands: itself('paymentMethod') },
  'payment_method.updated': { why: 'its expiry or name', demands: itself('paymentMethod') },
  'payment_method.automatically_updated': { why: 'the network sent a new card', demands: itself('paymentMethod') },
  'payment_method.detached': { why: 'a way to pay is gone', demands: itself('paymentMethod') },
  'product.created': { why: 'a plan appeared', demands: product },
  'product.updated': { why: 'a plan changed', demands: product },
  'product.deleted': { why: 'a plan is gone', demands: product },
  'price.created': { why: 'a price appeared', demands: product },
  'price.updated': { why: 'a price changed or moved its lookup key', demands: product },
  'price.deleted': { why: 'a price is gone', demands: product },
} satisfies Partial<Record<Stripe.Event['type'], Handler>>;

export type HandledType = keyof typeof handlers;

/** Another type says the same of them, so they are not asked for; an endpoint made by hand may bring them alone. */
const TWINS: readonly string[] = ['invoice.payment_succeeded'] satisfies HandledType[];

export const wantedTypes: readonly string[] = Object.keys(handlers).filter((type) => !TWINS.includes(type));

export const isHandled = (type: string): type is HandledType => Object.hasOwn(handlers, type);

export function demandsOf(event: StripeEvent): Demand[] {
  return isHandled(event.type) ? handlers[event.type].demands(event) : [];
}
