import type Stripe from 'stripe';
import type { Procedure } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { requireSubscription } from './main-subscription.js';
import { applied, lookStep, releaseStep, type WayData } from './make-way.js';
import { cancellationAt } from './subscription.js';
import type { SubscriptionAsked, SubscriptionResult } from './subscription-payload.js';

export interface ReactivateSubscription extends SubscriptionAsked {
  operator: boolean;
}

interface Data extends WayData {
  /** Whether the cancellation is a moment (flexible mode, portal) and not the flag. */
  byMoment: boolean;
}

export function reactivateProcedure(stripe: Stripe): Procedure<Data> {
  return {
    verb: 'reactivateSubscription',
    subject: ({ customerId }) => customerId,
    answer: applied,
    steps: [
      lookStep(stripe),
      releaseStep(stripe),
      {
        name: 'reactivate',
        async run({ subscriptionId, byMoment }, key) {
          // Stripe takes one of the two ways at a time; the one that is set is undone.
          const undo: Stripe.SubscriptionUpdateParams = byMoment ? { cancel_at: '' } : { cancel_at_period_end: false };
          await stripe.subscriptions.update(subscriptionId, undo, { idempotencyKey: key });
          return {};
        },
        async probe({ subscriptionId }) {
          const { cancel_at_period_end, cancel_at, status } = await stripe.subscriptions.retrieve(subscriptionId);
          return !cancel_at_period_end && cancel_at === null && status !== 'canceled' ? {} : null;
        },
      },
    ],
  };
}

/**
 * Takes back a cancellation that has not taken effect; a schedule goes first. Throws Refusal: NOTHING_PENDING when there is
 * none, CHANGE_ALREADY_PENDING for a schedule that was made elsewhere.
 */
export async function reactivateSubscription(parts: Parts, asked: ReactivateSubscription): Promise<SubscriptionResult> {
  const subscription = await requireSubscription(parts, asked.accountId, asked.subscription);
  const { id, customerId, cancelAtPeriodEnd } = subscription;
  const { accountId, actor, idempotencyKey, expectedRevision, operator } = asked;
  const { data, visible } = await parts.intents.run(reactivateProcedure(parts.stripe), {
    accountId,
    actor,
    clientKey: idempotencyKey,
    expectedRevision,
    guard: () => {
      if (cancellationAt(subscription) !== null) return Promise.resolve();
      throw new Refusal(UserErrorCode.NOTHING_PENDING, 'This subscription is not canceled.', {
        hint: 'Read the subscription again; `cancellation` is null while it goes on.',
      });
    },
    args: { id },
    data: { subscriptionId: id, customerId, operator, byMoment: !cancelAtPeriodEnd },
  });
  return applied(data, visible);
}
