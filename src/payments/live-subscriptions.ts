import type Stripe from 'stripe';
import { toEnum } from '../stripe/objects.js';
import { isLive, SubscriptionStatus } from '../subscriptions/subscription.js';

/** Whether what Stripe has may still charge. A status that is none the gateway knows counts as one that does. */
export const isLiveAtStripe = ({ status }: Pick<Stripe.Subscription, 'status'>): boolean =>
  isLive({ status: toEnum(SubscriptionStatus, status) as SubscriptionStatus });

/** What Stripe has of a customer that may still charge; looked at there and not in the stored copy, which may be older. */
export async function liveSubscriptionsAt(stripe: Stripe, customer: string): Promise<Stripe.Subscription[]> {
  const { data } = await stripe.subscriptions.list({ customer, limit: 100 });
  return data.filter(isLiveAtStripe);
}
