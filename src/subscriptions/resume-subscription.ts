import type Stripe from 'stripe';
import type { Procedure } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { requireSubscription } from './main-subscription.js';
import type { SubscriptionAsked, SubscriptionResult } from './subscription-payload.js';

interface Data {
  subscriptionId: string;
  customerId: string;
  /** The invoice of the new period; null when there was nothing to pay. */
  invoiceId?: string | null;
  /** Still paused, until that invoice is paid. */
  waits?: boolean;
}

export function resumeProcedure(stripe: Stripe): Procedure<Data> {
  const read = (id: string) => stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] });
  return {
    verb: 'resumeSubscription',
    subject: ({ customerId }) => customerId,
    answer: resultOf,
    steps: [
      {
        name: 'resume',
        async run({ subscriptionId }, idempotencyKey) {
          const before = await read(subscriptionId);
          if (before.pause_collection)
            return toResult(
              await stripe.subscriptions.update(
                subscriptionId,
                { pause_collection: '', expand: ['latest_invoice'] },
                { idempotencyKey },
              ),
            );
          // An earlier attempt made the invoice already; a second one would be charged beside it.
          if (before.status !== 'paused' || openInvoice(before)) return toResult(before);
          await stripe.subscriptions.resume(
            subscriptionId,
            { billing_cycle_anchor: { type: 'now' }, payment_behavior: 'resume_on_payment_success' },
            { idempotencyKey },
          );
          return toResult(await read(subscriptionId));
        },
        async probe({ subscriptionId }) {
          const now = await read(subscriptionId);
          const begun = now.pause_collection === null && (now.status !== 'paused' || openInvoice(now) !== null);
          return begun ? toResult(now) : null;
        },
      },
    ],
  };
}

const resultOf = ({ subscriptionId, waits, invoiceId = null }: Data, visible: boolean): SubscriptionResult => ({
  subscriptionId,
  outcome: waits ? 'ACTION_REQUIRED' : visible ? 'APPLIED' : 'PROCESSING',
  invoiceId,
});

const openInvoice = ({ latest_invoice: invoice }: Stripe.Subscription): Stripe.Invoice | null =>
  invoice && typeof invoice === 'object' && invoice.status === 'open' ? invoice : null;

const toResult = (subscription: Stripe.Subscription): Partial<Data> => ({
  waits: subscription.status === 'paused',
  invoiceId: openInvoice(subscription)?.id ?? null,
});

/** Ends a pause, whichever way it was made; a new period begins once its invoice is paid. Throws Refusal: NOTHING_PENDING. */
export async function resumeSubscription(parts: Parts, asked: SubscriptionAsked): Promise<SubscriptionResult> {
  const subscription = await requireSubscription(parts, asked.accountId, asked.subscription);
  const { id, customerId, pause } = subscription;
  const { accountId, actor, idempotencyKey, expectedRevision } = asked;
  const { data, visible } = await parts.intents.run(resumeProcedure(parts.stripe), {
    accountId,
    actor,
    clientKey: idempotencyKey,
    expectedRevision,
    guard: () => {
      if (pause) return Promise.resolve();
      throw new Refusal(UserErrorCode.NOTHING_PENDING, 'This subscription is not paused.', {
        hint: 'Read the subscription again; `pause` is null while it runs.',
      });
    },
    args: { id },
    data: { subscriptionId: id, customerId } as Data,
  });
  return resultOf(data, visible);
}
