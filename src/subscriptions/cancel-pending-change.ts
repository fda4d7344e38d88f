import type Stripe from 'stripe';
import type { Procedure, Step } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { requireSubscription } from './main-subscription.js';
import { applied, dropStep, lookAtWay, lookStep, releaseStep, type WayData } from './make-way.js';
import type { SubscriptionAsked, SubscriptionResult } from './subscription-payload.js';

export interface CancelPendingChange extends SubscriptionAsked {
  operator: boolean;
}

export const cancelPendingChangeProcedure = (stripe: Stripe): Procedure<WayData> => ({
  verb: 'cancelPendingChange',
  subject: ({ customerId }) => customerId,
  steps: [findStep(stripe), releaseStep(stripe), dropStep(stripe)],
  answer: applied,
});

/** Throws CONFLICT where Stripe has nothing to take back: the stored copy may not show yet that the change was made. */
const findStep = (stripe: Stripe): Step<WayData> => ({
  ...lookStep(stripe),
  async run(data) {
    const { scheduleToRelease, invoiceToVoid } = await lookAtWay(stripe, data);
    if (scheduleToRelease || invoiceToVoid) return { scheduleToRelease, invoiceToVoid };
    throw new Refusal(UserErrorCode.CONFLICT, 'The change has been made, or taken back by somebody else, meanwhile.', {
      hint: 'Read the subscription again; `plan` and `pendingChange` show what became of it.',
    });
  },
});

/**
 * Takes back a change that is booked, or gives up one that waits for its payment. Throws Refusal: NOTHING_PENDING,
 * CONFLICT where it has just been made, or CHANGE_ALREADY_PENDING for one that was booked elsewhere.
 */
export async function cancelPendingChange(parts: Parts, asked: CancelPendingChange): Promise<SubscriptionResult> {
  const subscription = await requireSubscription(parts, asked.accountId, asked.subscription);
  const { id, customerId, pendingChange } = subscription;
  const { accountId, actor, idempotencyKey, expectedRevision, operator } = asked;
  const { data, visible } = await parts.intents.run(cancelPendingChangeProcedure(parts.stripe), {
    accountId,
    actor,
    clientKey: idempotencyKey,
    expectedRevision,
    guard: () => {
      if (pendingChange) return Promise.resolve();
      throw new Refusal(UserErrorCode.NOTHING_PENDING, 'No change is booked or waiting.', {
        hint: 'Read the subscription again; `pendingChange` shows what could be taken back.',
      });
    },
    args: { id },
    data: { subscriptionId: id, customerId, operator },
  });
  return applied(data, visible);
}
