import type Stripe from 'stripe';
import { BillingError } from '../errors.js';
import type { Procedure, Step } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { isMissing } from '../stripe/errors.js';
import { requireSubscription } from './main-subscription.js';
import { dropStep, lookStep, releaseStep, type WayData } from './make-way.js';
import { cancellationAt, endsAtOnce } from './subscription.js';
import type { SubscriptionAsked, SubscriptionResult } from './subscription-payload.js';

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

export interface CancelSubscription extends SubscriptionAsked {
  /** Asked for at once rather than at the end of the period. */
  now: boolean;
  operator: boolean;
  feedback: CancelFeedback | null;
  comment: string | null;
}

interface Data extends WayData {
  now: boolean;
  feedback: CancelFeedback | null;
  comment: string | null;
  /** A cancellation that stands already takes effect earlier. */
  bringsForward?: boolean;
}

/** Nothing is to be done; found under the account's lock, so that a repeated key still gets its first answer. */
class AlreadyCanceled extends Error {}

export function cancelProcedure(stripe: Stripe): Procedure<Data> {
  return {
    verb: 'cancelSubscription',
    subject: ({ customerId }) => customerId,
    steps: [lookStep(stripe), releaseStep(stripe), dropStep(stripe), cancelStep(stripe)],
    answer: resultOf,
  };
}

const resultOf = ({ subscriptionId, now }: Data, visible: boolean): SubscriptionResult => ({
  subscriptionId,
  outcome: visible ? (now ? 'APPLIED' : 'SCHEDULED') : 'PROCESSING',
});

const cancelStep = (stripe: Stripe): Step<Data> => ({
  name: 'cancel',
  async run(data, key) {
    const { subscriptionId, now } = data;
    const cancellation_details = detailsOf(data);
    if (now) {
      await cancelAtOnce(stripe, subscriptionId, cancellation_details);
    } else {
      const update = { cancel_at_period_end: true, cancellation_details };
      await stripe.subscriptions.update(subscriptionId, update, { idempotencyKey: key });
    }
    return {};
  },
  async probe({ subscriptionId, now }) {
    const { cancel_at_period_end, cancel_at, status } = await stripe.subscriptions.retrieve(subscriptionId);
    const ended = status === 'canceled';
    return ended || (!now && (cancel_at_period_end || cancel_at !== null)) ? {} : null;
  },
});

/** Stripe stops collecting open invoices by itself. A DELETE takes no idempotency key; a repeated one finds nothing, which is success. */
async function cancelAtOnce(
  stripe: Stripe,
  id: string,
  cancellation_details: Stripe.SubscriptionCancelParams.CancellationDetails,
): Promise<void> {
  try {
    await stripe.subscriptions.cancel(id, { cancellation_details });
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
  }
}

/**
 * What is not said is emptied, because Stripe keeps what was said of a cancellation that was taken back; of one that is only
 * brought forward it stays.
 */
function detailsOf({ feedback, comment, bringsForward }: Data): Stripe.SubscriptionCancelParams.CancellationDetails {
  const said = feedback?.toLowerCase() as Stripe.SubscriptionCancelParams.CancellationDetails.Feedback | undefined;
  const unsaid = bringsForward ? undefined : '';
  return { feedback: said ?? unsaid, comment: comment || unsaid };
}

const LONGEST_COMMENT = 500;

const tooLong = ({ length }: string) =>
  new Refusal(UserErrorCode.INVALID, `comment must have at most ${LONGEST_COMMENT} characters; found ${length}.`, {
    field: ['input', 'comment'],
  });

/**
 * Cancels at the end of the paid period, or at once when it is overdue or paused without a date. Nothing is refunded. At once without
 * either is for operators. Throws Refusal, or FORBIDDEN.
 */
export async function cancelSubscription(parts: Parts, asked: CancelSubscription): Promise<SubscriptionResult> {
  const { accountId, actor, idempotencyKey, expectedRevision, operator, feedback, comment } = asked;
  if (comment !== null && comment.length > LONGEST_COMMENT) throw tooLong(comment);
  const subscription = await requireSubscription(parts, asked.accountId, asked.subscription);
  const { id, customerId } = subscription;
  if (asked.now && !operator && !endsAtOnce(subscription)) {
    throw new BillingError('FORBIDDEN', 'Only an operator may cancel at once while nothing is overdue.', {
      hint: 'Cancel with timing PERIOD_END; access goes on until the paid period is over.',
    });
  }
  const now = asked.now || endsAtOnce(subscription);
  const bringsForward = cancellationAt(subscription) !== null;
  try {
    const { data, visible } = await parts.intents.run(cancelProcedure(parts.stripe), {
      accountId,
      actor,
      clientKey: idempotencyKey,
      expectedRevision,
      guard: () => {
        if (!now && bringsForward) throw new AlreadyCanceled();
        return Promise.resolve();
      },
      args: { id, now: asked.now, feedback, comment },
      data: { subscriptionId: id, customerId, operator, now, feedback, comment, bringsForward },
    });
    return resultOf(data, visible);
  } catch (thrown) {
    if (thrown instanceof AlreadyCanceled) return { subscriptionId: id, outcome: 'NO_OP' };
    throw thrown;
  }
}
