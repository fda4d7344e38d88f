import type Stripe from 'stripe';
import type { Procedure } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { requireSubscription } from './main-subscription.js';
import { cancellationAt } from './subscription.js';

export enum CancelFeedback {
  TOO_EXPENSIVE = 'TOO_EXPENSIVE',
  MISSING_FEATURES = 'MISSING_FEATURES',
  SWITCHED_SERVICE = 'SWITCHED_SERVICE',
  UNUSED = 'UNUSED',
  CUSTOMER_SERVICE = 'CUSTOMER_SERVICE',
  TOO_COMPLEX = 'TOO_COMPLEX',
  LOW_QUALITY = 'LOW_QUALITY',
  OTHER = 'OTHER',
}

export interface CancelSubscription {
  accountId: string;
  actor: string;
  /** Null for the main one. */
  subscription: string | null;
  feedback: CancelFeedback | null;
  comment: string | null;
  expectedRevision: number | null;
  idempotencyKey: string | null;
}

interface Data {
  subscriptionId: string;
  customerId: string;
  feedback: CancelFeedback | null;
  comment: string | null;
}

/** How a verb on a subscription ended, besides what it refused. */
export interface SubscriptionResult {
  subscriptionId: string;
  outcome: 'APPLIED' | 'SCHEDULED' | 'PROCESSING' | 'NO_OP';
}

export function cancelProcedure(stripe: Stripe): Procedure<Data> {
  return {
    verb: 'cancelSubscription',
    subject: ({ customerId }) => customerId,
    steps: [
      {
        name: 'cancel',
        async run({ subscriptionId, feedback, comment }, key) {
          const details = {
            ...(feedback && {
              feedback: feedback.toLowerCase() as Stripe.SubscriptionUpdateParams.CancellationDetails.Feedback,
            }),
            ...(comment && { comment }),
          };
          await stripe.subscriptions.update(
            subscriptionId,
            { cancel_at_period_end: true, ...(Object.keys(details).length > 0 && { cancellation_details: details }) },
            { idempotencyKey: key },
          );
          return {};
        },
        async probe({ subscriptionId }) {
          const { cancel_at_period_end, cancel_at, status } = await stripe.subscriptions.retrieve(subscriptionId);
          return cancel_at_period_end || cancel_at !== null || status === 'canceled' ? {} : null;
        },
      },
    ],
  };
}

/** Cancels at the end of the paid period. Nothing is refunded and access goes on until then. Throws Refusal. */
export async function cancelSubscription(parts: Parts, asked: CancelSubscription): Promise<SubscriptionResult> {
  const subscription = await requireSubscription(parts, asked.accountId, asked.subscription);
  if (cancellationAt(subscription) !== null) return { subscriptionId: subscription.id, outcome: 'NO_OP' };
  const { accountId, actor, idempotencyKey, expectedRevision, feedback, comment } = asked;
  const data: Data = { subscriptionId: subscription.id, customerId: subscription.customerId, feedback, comment };
  const { visible } = await parts.intents.run(cancelProcedure(parts.stripe), {
    accountId,
    actor,
    clientKey: idempotencyKey,
    expectedRevision,
    args: data,
    data,
  });
  return { subscriptionId: subscription.id, outcome: visible ? 'SCHEDULED' : 'PROCESSING' };
}
