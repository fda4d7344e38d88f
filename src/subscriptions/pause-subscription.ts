import type Stripe from 'stripe';
import { createLoaders, type Loaders } from '../graphql/loaders.js';
import type { Procedure, Step } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { addInterval } from './add-interval.js';
import { unpaidPeriod } from './change-draft.js';
import { requireSubscription } from './main-subscription.js';
import { applied, dropStep, lookStep, releaseStep, type WayData } from './make-way.js';
import type { BillingSubscription } from './subscription.entity.js';
import { CollectionMethod, SubscriptionStatus } from './subscription.js';
import type { SubscriptionAsked, SubscriptionResult } from './subscription-payload.js';

export interface PauseSubscription extends SubscriptionAsked {
  /** Null pauses until somebody resumes. */
  resumesAt: number | null;
  operator: boolean;
}

interface Data extends WayData {
  resumesAt: number | null;
}

/** Of a pause with an end: Stripe takes no moment that is far away. */
const LONGEST_YEARS = 5;

/** Nothing is to be done; found under the account's lock, so that a repeated key still gets its first answer. */
class AlreadyPaused extends Error {}

export const pauseProcedure = (stripe: Stripe): Procedure<Data> => ({
  verb: 'pauseSubscription',
  subject: ({ customerId }) => customerId,
  steps: [lookStep(stripe), releaseStep(stripe), dropStep(stripe), pauseStep(stripe)],
  answer: applied,
});

/** Without a date Stripe's own pause, which ends the period and credits what is unused; with one, invoices are voided until then. */
const pauseStep = (stripe: Stripe): Step<Data> => ({
  name: 'pause',
  async run({ subscriptionId, resumesAt }, idempotencyKey) {
    if (resumesAt === null) {
      await stripe.subscriptions.pause(subscriptionId, { type: 'subscription' }, { idempotencyKey });
    } else {
      const pause_collection = { behavior: 'void' as const, resumes_at: resumesAt / 1000 };
      await stripe.subscriptions.update(subscriptionId, { pause_collection }, { idempotencyKey });
    }
    return {};
  },
  async probe({ subscriptionId, resumesAt }) {
    const { status, pause_collection } = await stripe.subscriptions.retrieve(subscriptionId);
    const paused = resumesAt === null ? status === 'paused' : pause_collection?.resumes_at === resumesAt / 1000;
    return paused ? {} : null;
  },
});

/**
 * Pauses: no service and no charges, until it is resumed or until the date. What is booked or waits for a payment is
 * dropped first. Throws Refusal.
 */
export async function pauseSubscription(parts: Parts, asked: PauseSubscription): Promise<SubscriptionResult> {
  const subscription = await requireSubscription(parts, asked.accountId, asked.subscription);
  const { id, customerId, pause } = subscription;
  const { accountId, actor, idempotencyKey, expectedRevision, operator } = asked;
  // Stripe counts in whole seconds.
  const resumesAt = asked.resumesAt === null ? null : Math.ceil(asked.resumesAt / 1000) * 1000;
  try {
    const { data, visible } = await parts.intents.run(pauseProcedure(parts.stripe), {
      accountId,
      actor,
      clientKey: idempotencyKey,
      expectedRevision,
      async guard(transaction) {
        if (pause && pause.resumesAt === resumesAt && pause.cause !== 'COLLECTION_ONLY') throw new AlreadyPaused();
        checkPausable(parts, subscription, { resumesAt, operator });
        if (resumesAt === null) await checkPaid(createLoaders({ read: transaction }), subscription);
      },
      args: { id, resumesAt },
      data: { subscriptionId: id, customerId, operator, resumesAt },
    });
    return applied(data, visible);
  } catch (thrown) {
    if (thrown instanceof AlreadyPaused) return { subscriptionId: id, outcome: 'NO_OP' };
    throw thrown;
  }
}

/** A pause without an end gives back what is left of the period. */
async function checkPaid(loaders: Loaders, subscription: BillingSubscription): Promise<void> {
  const unpaid = await unpaidPeriod(loaders, subscription);
  if (unpaid === 'UNDER_WAY')
    throw new Refusal(UserErrorCode.PAYMENT_OVERDUE, 'The last payment is still under way; a bank takes some days.', {
      hint: 'Pause when it has come, pay the open invoice in another way, or give resumesAt.',
    });
  if (unpaid === 'WAIVED')
    throw new Refusal(UserErrorCode.OTHER, 'The period that runs was not paid, so nothing of it can be given back.', {
      hint: 'Give resumesAt, or leave with cancelSubscription.',
    });
}

function checkPausable(
  { billing, config }: Parts,
  subscription: BillingSubscription,
  { resumesAt, operator }: Pick<PauseSubscription, 'resumesAt' | 'operator'>,
): void {
  const { status, billingMode, collection } = subscription;
  const now = billing.now();
  const latest = addInterval(now, 'YEAR', LONGEST_YEARS);
  if (resumesAt !== null && (resumesAt <= now || resumesAt > latest)) {
    const [asked, from, until] = [resumesAt, now, latest].map((at) => new Date(at).toISOString());
    const message = `resumesAt must lie in the future, at most ${LONGEST_YEARS} years ahead: after ${from}, until ${until}; it is ${asked}.`;
    throw new Refusal(UserErrorCode.INVALID, message, {
      field: ['input', 'resumesAt'],
      hint: 'Leave it out for a pause without an end.',
    });
  }
  if (resumesAt !== null && config.pauseWithDate === 'operators' && !operator)
    throw new Refusal(UserErrorCode.OTHER, 'A pause until a date is made by support here.', {
      field: ['input', 'resumesAt'],
      hint: 'Leave it out for a pause without an end, or ask support.',
    });
  if (status === SubscriptionStatus.PAST_DUE || status === SubscriptionStatus.UNPAID)
    throw new Refusal(UserErrorCode.PAYMENT_OVERDUE, 'A payment is overdue; pay the newest invoice first.', {
      hint: "Pay the subscription's latestInvoice with payInvoice, then ask again.",
    });
  if (status === SubscriptionStatus.TRIALING)
    throw new Refusal(UserErrorCode.OTHER, 'A free trial cannot be paused; it costs nothing.', {
      hint: 'Ask again once it has ended, or leave with cancelSubscription.',
    });
  if (status !== SubscriptionStatus.ACTIVE)
    throw new Refusal(UserErrorCode.OTHER, `Only an active subscription can be paused; this one is ${status}.`);
  if (resumesAt !== null) return;
  const hint = 'Give resumesAt; a pause with an end is possible here.';
  if (billingMode !== 'flexible')
    throw new Refusal(UserErrorCode.OTHER, 'A pause without an end needs the flexible billing mode.', { hint });
  if (collection !== CollectionMethod.AUTOMATIC)
    throw new Refusal(UserErrorCode.OTHER, 'A pause without an end needs automatic collection.', { hint });
}
