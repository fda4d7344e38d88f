import type Stripe from 'stripe';
import { DISCOUNT_EXPANDS, toHeldDiscounts } from '../checkout/discount.fetch.js';
import { withAllLines } from '../invoices/invoice.fetch.js';
import type { LastPaymentState } from '../payments/invoice-payment.js';
import { METADATA } from '../plans/metadata.js';
import { expectObject } from '../stripe/errors.js';
import { idOf, instant, instantOrNull, toEnum } from '../stripe/objects.js';
import { endOfSchedule, toPause, toPendingChange, toSchedule, toTrialEndBehavior } from './pending-change.fetch.js';
import {
  CollectionMethod,
  SubscriptionStatus,
  type SubscriptionItemState,
  type SubscriptionState,
} from './subscription.js';

/** What Stripe says of a subscription; who owns it, which plan it is and what was paid are decided later, from the stored rows. */
export type SeenSubscription = Omit<
  SubscriptionState,
  'accountId' | 'planKey' | 'unmapped' | 'unpaidChangeId' | keyof LastPaymentState
> & {
  items: SubscriptionItemState[];
  /** `metadata.account_id`, as the checkout wrote it. */
  claimedAccountId: string | null;
  /** `metadata.plan_id`: the plan of a price that the catalogue does not know, as somebody wrote it. */
  claimedPlanKey: string | null;
  /** Product of the price, where the catalogue can learn an unknown price. */
  productId: string;
};

export const SUBSCRIPTION_EXPANDS = [
  'latest_invoice.payments',
  'schedule',
  ...DISCOUNT_EXPANDS.map((path) => `discounts.${path}`),
];

/** One call, more for more than ten items. Throws `resource_missing` when it is unknown to Stripe. */
export async function fetchSubscription(stripe: Stripe, id: string): Promise<Stripe.Subscription> {
  const subscription = await stripe.subscriptions.retrieve(id, { expand: SUBSCRIPTION_EXPANDS });
  return whole(stripe, expectObject(subscription, 'subscription'));
}

/** Every subscription of a customer that is not over, in one call (Stripe allows far fewer than a page in practice). */
export async function fetchOpenSubscriptions(stripe: Stripe, customer: string): Promise<Stripe.Subscription[]> {
  const page = await stripe.subscriptions.list({
    customer,
    limit: 100,
    expand: SUBSCRIPTION_EXPANDS.map((path) => `data.${path}`),
  });
  return Promise.all(page.data.map((subscription) => whole(stripe, subscription)));
}

/** The newest invoice is stored as it comes along, so it must come with all its lines. */
async function whole(stripe: Stripe, subscription: Stripe.Subscription): Promise<Stripe.Subscription> {
  const { latest_invoice } = subscription;
  if (latest_invoice !== null && typeof latest_invoice === 'object') await withAllLines(stripe, latest_invoice);
  return withAllItems(stripe, subscription);
}

/** A list inside an object says by `has_more` that it was cut; the rest takes a call of its own. */
export async function withAllItems(stripe: Stripe, subscription: Stripe.Subscription): Promise<Stripe.Subscription> {
  if (subscription.items.has_more)
    subscription.items.data = await stripe.subscriptionItems
      .list({ subscription: subscription.id, limit: 100 })
      .autoPagingToArray({ limit: 10_000 });
  return subscription;
}

export function toSubscription(raw: Stripe.Subscription): SeenSubscription {
  const items = raw.items.data;
  const first = items[0];
  if (!first) throw new Error(`Subscription ${raw.id} has no items, so there is no price to read a plan from.`);
  return {
    id: raw.id,
    customerId: idOf(raw.customer) ?? '',
    status: toEnum(SubscriptionStatus, raw.status) as SubscriptionStatus,
    statusRaw: raw.status,
    priceId: first.price.id,
    seats: first.quantity ?? 1,
    currency: raw.currency.toUpperCase(),
    currentPeriodStart: instant(Math.min(...items.map((item) => item.current_period_start))),
    currentPeriodEnd: instant(Math.min(...items.map((item) => item.current_period_end))),
    startedAt: instant(raw.start_date),
    endedAt: instantOrNull(raw.ended_at),
    trialStart: instantOrNull(raw.trial_start),
    trialEnd: instantOrNull(raw.trial_end),
    cancelAt: instantOrNull(raw.cancel_at) ?? endOfSchedule(raw),
    cancelAtPeriodEnd: raw.cancel_at_period_end,
    canceledAt: instantOrNull(raw.canceled_at),
    cancellationReason: raw.cancellation_details?.reason ?? null,
    cancellationFeedback: raw.cancellation_details?.feedback ?? null,
    cancellationComment: raw.cancellation_details?.comment ?? null,
    latestInvoiceId: idOf(raw.latest_invoice),
    defaultPaymentMethodId: idOf(raw.default_payment_method),
    collection:
      raw.collection_method === 'charge_automatically'
        ? CollectionMethod.AUTOMATIC
        : (toEnum(CollectionMethod, raw.collection_method) as CollectionMethod),
    billingMode: raw.billing_mode.type,
    schedule: toSchedule(raw),
    pendingChange: toPendingChange(raw),
    pause: toPause(raw),
    discounts: toHeldDiscounts(raw.discounts),
    trialEndBehavior: toTrialEndBehavior(raw),
    createdAt: instant(raw.created),
    claimedAccountId: raw.metadata.account_id ?? null,
    claimedPlanKey: raw.metadata[METADATA.planId] ?? null,
    productId: idOf(first.price.product) ?? '',
    items: items.map((item) => ({
      id: item.id,
      subscriptionId: raw.id,
      priceId: item.price.id,
      quantity: item.quantity ?? null,
    })),
  };
}
