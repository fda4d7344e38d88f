import Stripe from 'stripe';
import type { Step } from '../intents/intent.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { idOf } from '../stripe/objects.js';
import { subscriptionEnded } from './main-subscription.js';
import { MADE_BY } from './pending-change.fetch.js';
import { withAllItems } from './subscription.fetch.js';
import type { SubscriptionResult } from './subscription-payload.js';

/** What stands in the way of a verb on a subscription, as Stripe tells it when the verb begins. */
export interface WayData {
  subscriptionId: string;
  customerId: string;
  /** An operator may release what was booked elsewhere. */
  operator: boolean;
  /** The schedule to release first. */
  scheduleToRelease?: string | null;
  /** The invoice of a change that waits for its payment; voiding it gives the change up. */
  invoiceToVoid?: string | null;
}

/** How a verb ends that is in force at once. */
export const applied = ({ subscriptionId }: Pick<WayData, 'subscriptionId'>, visible: boolean): SubscriptionResult => ({
  subscriptionId,
  outcome: visible ? 'APPLIED' : 'PROCESSING',
});

/** Looks at the subscription at Stripe, which may have moved on since it was stored. Throws Refusal: SUBSCRIPTION_ENDED, CHANGE_ALREADY_PENDING. */
export async function lookAtWay(
  stripe: Stripe,
  { subscriptionId, operator }: WayData,
): Promise<{ subscription: Stripe.Subscription } & Pick<WayData, 'scheduleToRelease' | 'invoiceToVoid'>> {
  const subscription = await withAllItems(
    stripe,
    await stripe.subscriptions.retrieve(subscriptionId, { expand: ['schedule'] }),
  );
  const { status, schedule, pending_update, latest_invoice } = subscription;
  if (status === 'canceled' || status === 'incomplete_expired') throw subscriptionEnded();
  if (schedule && typeof schedule === 'object' && schedule.metadata?.made_by !== MADE_BY && !operator) {
    throw new Refusal(
      UserErrorCode.CHANGE_ALREADY_PENDING,
      "A change was booked in Stripe's portal or by staff; only staff may replace it.",
      { hint: 'Ask support to take it back first.' },
    );
  }
  return {
    subscription,
    scheduleToRelease: idOf(schedule),
    invoiceToVoid: pending_update ? idOf(latest_invoice as { id: string } | string | null) : null,
  };
}

/** The first step of a verb: reads only, so a failure leaves nothing behind. */
export const lookStep = <Data extends WayData>(stripe: Stripe): Step<Data> => ({
  name: 'look',
  onlyReads: true,
  async run(data) {
    const { scheduleToRelease, invoiceToVoid } = await lookAtWay(stripe, data);
    return { scheduleToRelease, invoiceToVoid } as Partial<Data>;
  },
  probe: () => Promise.resolve(null),
});

/** Lets the subscription go on by itself: a schedule would undo at its next phase whatever is changed now. */
export const releaseStep = <Data extends WayData>(stripe: Stripe): Step<Data> => ({
  name: 'release',
  needed: ({ scheduleToRelease }) => Boolean(scheduleToRelease),
  async run({ scheduleToRelease }, key) {
    await stripe.subscriptionSchedules.release(String(scheduleToRelease), {}, { idempotencyKey: key });
    return {};
  },
  async probe({ subscriptionId }) {
    return (await stripe.subscriptions.retrieve(subscriptionId)).schedule === null ? {} : null;
  },
});

/** Gives up a change that waits for its payment, so that it cannot be paid after something else was decided. */
export const dropStep = <Data extends WayData>(stripe: Stripe): Step<Data> => ({
  name: 'drop',
  needed: ({ invoiceToVoid }) => Boolean(invoiceToVoid),
  async run({ invoiceToVoid }, key) {
    try {
      await stripe.invoices.voidInvoice(String(invoiceToVoid), {}, { idempotencyKey: key });
    } catch (thrown) {
      if (!(thrown instanceof Stripe.errors.StripeInvalidRequestError)) throw thrown;
      const { status } = await stripe.invoices.retrieve(String(invoiceToVoid));
      if (status !== 'void') throw paidMeanwhile();
    }
    return {};
  },
  async probe({ invoiceToVoid }) {
    return (await stripe.invoices.retrieve(String(invoiceToVoid))).status === 'void' ? {} : null;
  },
});

const paidMeanwhile = () =>
  new Refusal(UserErrorCode.CONFLICT, 'The change that waited for its payment has just been paid.', {
    hint: 'Read the subscription again and repeat the change if it still makes sense.',
  });
