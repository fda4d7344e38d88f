import type Stripe from 'stripe';
import type { Procedure } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { refuseFailure, tryInvoice } from '../payments/try-invoice.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { hasNoMethod } from '../stripe/errors.js';
import { idOf } from '../stripe/objects.js';
import { requireSubscription } from './main-subscription.js';
import type { SubscriptionAsked, SubscriptionResult } from './subscription-payload.js';

interface Data {
  subscriptionId: string;
  customerId: string;
  /** The latest invoice before: a later one was made by this. Null for none. */
  invoiceBefore: string | null;
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
        async run({ subscriptionId, invoiceBefore }, idempotencyKey) {
          const before = await read(subscriptionId);
          const invoiceThen = idOf(before.latest_invoice);
          if (before.pause_collection)
            return toResult(
              await stripe.subscriptions.update(
                subscriptionId,
                { pause_collection: '', expand: ['latest_invoice'] },
                { idempotencyKey },
              ),
              invoiceThen,
            );
          if (before.status !== 'paused') return toResult(before, invoiceBefore);
          const open = openInvoice(before)?.id;
          // An earlier attempt made the invoice already; a second one would be charged beside it.
          if (open) await tryInvoice(stripe, open, null, `${idempotencyKey}:pay`);
          else await resume(stripe, subscriptionId, idempotencyKey);
          return toResult(await read(subscriptionId), open ? null : invoiceThen);
        },
        async probe({ subscriptionId, invoiceBefore }) {
          const now = await read(subscriptionId);
          const begun = now.pause_collection === null && (now.status !== 'paused' || openInvoice(now) !== null);
          return begun ? toResult(now, invoiceBefore) : null;
        },
      },
    ],
  };
}

async function resume(stripe: Stripe, subscriptionId: string, idempotencyKey: string): Promise<void> {
  try {
    await stripe.subscriptions.resume(
      subscriptionId,
      { billing_cycle_anchor: { type: 'now' }, payment_behavior: 'resume_on_payment_success' },
      { idempotencyKey },
    );
  } catch (thrown) {
    if (hasNoMethod(thrown)) refuseFailure({ kind: 'NO_METHOD' });
    throw thrown;
  }
}

const resultOf = ({ subscriptionId, waits, invoiceId = null }: Data, visible: boolean): SubscriptionResult => ({
  subscriptionId,
  outcome: waits ? 'ACTION_REQUIRED' : visible ? 'APPLIED' : 'PROCESSING',
  invoiceId,
});

const openInvoice = ({ latest_invoice: invoice }: Stripe.Subscription): Stripe.Invoice | null =>
  invoice && typeof invoice === 'object' && invoice.status === 'open' ? invoice : null;

/** Of a subscription that goes on by now, or still waits for the invoice of its new period. */
function toResult(subscription: Stripe.Subscription, invoiceBefore: string | null): Partial<Data> {
  const waits = subscription.status === 'paused';
  const latest = idOf(subscription.latest_invoice);
  return { waits, invoiceId: waits || latest !== invoiceBefore ? latest : null };
}

/**
 * Ends a pause, whichever way it was made; a new period begins once its invoice is paid, and asking again tries that with
 * the default method. Throws Refusal: NOTHING_PENDING, PAYMENT_METHOD_REQUIRED.
 */
export async function resumeSubscription(parts: Parts, asked: SubscriptionAsked): Promise<SubscriptionResult> {
  const subscription = await requireSubscription(parts, asked.accountId, asked.subscription);
  const { id, customerId, pause, latestInvoiceId: invoiceBefore } = subscription;
  const { accountId, actor, idempotencyKey, expectedRevision } = asked;
  const { data, visible } = await parts.intents.run(resumeProcedure(parts.stripe), {
    accountId,
    actor,
    clientKey: idempotencyKey,
    expectedRevision,
    guard: () => {
      if (pause) return Promise.resolve();
      throw new Refusal(UserErrorCode.NOTHING_PENDING, 'This subscription is not paused.', {
        hint: 'Read the subscription again; `pause` is null while it runs. Name another one in `subscription`.',
      });
    },
    args: { id },
    data: { subscriptionId: id, customerId, invoiceBefore } as Data,
  });
  return resultOf(data, visible);
}
