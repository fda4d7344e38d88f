import type Stripe from 'stripe';
import { expectObject } from '../stripe/errors.js';
import { idOf, instant, instantOrNull, toEnum } from '../stripe/objects.js';
import { toPause, toPendingChange, toSchedule, toTrialEndBehavior } from './pending-change.fetch.js';
import {
  CollectionMethod,
  SubscriptionStatus,
  type SubscriptionItemState,
  type SubscriptionState,
} from './subscription.js';

/** What Stripe says of a subscription; who owns it and which plan it is are decided later, from the stored rows. */
export type SeenSubscription = Omit<SubscriptionState, 'accountId' | 'planKey' | 'unmapped'> & {
  items: SubscriptionItemState[];
  /** `metadata.account_id`, as the checkout wrote it. */
  claimedAccountId: string | null;
  /** Product of the price, where the catalogue can learn an unknown price. */
  productId: string;
};

export const SUBSCRIPTION_EXPANDS = ['latest_invoice', 'schedule'];

/** One call. Throws `resource_missing` when it is unknown to Stripe. */
export async function fetchSubscription(stripe: Stripe, id: string): Promise<Stripe.Subscription> {
  return expectObject(await stripe.subscriptions.retrieve(id, { expand: SUBSCRIPTION_EXPANDS }), 'subscription');
}

/** Every subscription of a customer that is not over, in one call (Stripe allows far fewer than a page in practice). */
export async function fetchOpenSubscriptions(stripe: Stripe, customer: string): Promise<Stripe.Subscription[]> {
  const page = await stripe.subscriptions.list({
    customer,
    limit: 100,
    expand: SUBSCRIPTION_EXPANDS.map((path) => `data.${path}`),
  });
  return page.data;
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
    cancelAt: instantOrNull(raw.cancel_at),
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
    trialEndBehavior: toTrialEndBehavior(raw),
    createdAt: instant(raw.created),
    claimedAccountId: raw.metadata.account_id ?? null,
    productId: idOf(first.price.product) ?? '',
    items: items.map((item) => ({
      id: item.id,
      subscriptionId: raw.id,
      priceId: item.price.id,
      quantity: item.quantity ?? null,
    })),
  };
}
