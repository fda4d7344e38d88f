import Stripe from 'stripe';
import type { Procedure, Step } from '../intents/intent.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import {
  anchorOf,
  discountsOf,
  isMadeNow,
  type ItemChange,
  nowParams,
  periodParams,
  prorationOf,
  type StripeChange,
} from './change-at-stripe.js';
import { idOf } from '../stripe/objects.js';
import { bookSteps } from './book-change.js';
import { dropStep, lookAtWay, releaseStep, type WayData } from './make-way.js';
import { previewChanged } from './preview-invoice.js';
import { withAllItems } from './subscription.fetch.js';
import type { SubscriptionResult } from './subscription-payload.js';

/** What was shown, and must still be so. */
export interface Expected {
  amountDue: number;
  linesHash: string;
  prorationDate: number | null;
}

export interface ChangePlanData extends WayData {
  change: StripeChange;
  /** The items as they were when it was decided what the change is: price and quantity by id. */
  held: [id: string, priceId: string, quantity: number | null][];
  way: 'now' | 'later';
  /** The period of the new price, for a change that is booked. */
  duration: { interval: 'day' | 'week' | 'month' | 'year'; interval_count: number };
  /** A card or the like: then the old plan can be kept until the payment has come in. */
  cardLike: boolean;
  automatic: boolean;
  /** Null when nobody looked first: then Stripe's amounts are taken as they are. */
  expected: Expected | null;
  /** How a cancellation that stands is to be taken back; null when none does. */
  undoCancellation?: 'flag' | 'moment' | null;
  prorationDate?: number | null;
  amountDue?: number;
  /** Whether Stripe makes an invoice at once. */
  billsNow?: boolean;
  scheduleId?: string;
  /** The change waits for its payment. */
  waits?: boolean;
  /** The payment has been asked for and will be known later, as with a bank debit. */
  unsettled?: boolean;
  invoiceId?: string | null;
}

/** Told when an invoice came out otherwise than shown; by then it is made, so somebody must look. */
export type Mismatch = (fields: object) => void;

export function changePlanProcedure(stripe: Stripe, mismatch: Mismatch): Procedure<ChangePlanData> {
  return {
    verb: 'changePlan',
    subject: ({ customerId }) => customerId,
    answer: resultOf,
    steps: [
      checkStep(stripe),
      releaseStep(stripe),
      dropStep(stripe),
      keepStep(stripe),
      updateStep(stripe, mismatch),
      ...bookSteps(stripe),
    ],
  };
}

export function resultOf(
  { subscriptionId, way, waits, unsettled, invoiceId = null }: ChangePlanData,
  visible: boolean,
): SubscriptionResult {
  const applied = way === 'later' ? 'SCHEDULED' : 'APPLIED';
  const outcome = waits ? 'ACTION_REQUIRED' : !visible || unsettled ? 'PROCESSING' : applied;
  return { subscriptionId, outcome, invoiceId };
}

const outdated = (message: string) =>
  new Refusal(UserErrorCode.PREVIEW_OUTDATED, message, { hint: 'Show the fresh preview and ask again.' });

/** Previews once more with the moment that was shown, and looks for what stands in the way. */
const checkStep = (stripe: Stripe): Step<ChangePlanData> => ({
  name: 'check',
  onlyReads: true,
  async run(data) {
    const { subscription, ...way } = await lookAtWay(stripe, data);
    checkItems(subscription, data);
    const { cancel_at_period_end: flag, cancel_at: moment } = subscription;
    const undoCancellation = flag ? ('flag' as const) : moment === null ? null : ('moment' as const);
    const change = {
      ...data.change,
      keptDiscountIds: subscription.discounts.map((discount) => String(idOf(discount))),
    };
    return { ...way, change, undoCancellation, ...(await previewAgain(stripe, { ...data, change })) };
  },
  probe: () => Promise.resolve(null),
});

/** Two tabs may both have read what the first of them has changed meanwhile. */
function checkItems({ items, status }: Stripe.Subscription, { expected, change, held }: ChangePlanData): void {
  if (!['active', 'trialing'].includes(status)) throw outdated('The subscription is not in good standing any more.');
  if ((status === 'trialing') !== change.trialing) throw outdated('The trial has ended meanwhile.');
  const same = items.data.every((item) =>
    held.some(
      ([id, price, quantity]) => id === item.id && price === item.price.id && quantity === (item.quantity ?? null),
    ),
  );
  if (same && items.data.length === held.length) return;
  if (expected) throw outdated('The subscription has changed since the preview.');
  throw new Refusal(UserErrorCode.CONFLICT, 'The subscription has just been changed by somebody else.', {
    hint: 'Read the subscription again and repeat the change if it still makes sense.',
  });
}

async function previewAgain(
  stripe: Stripe,
  { change, way, expected }: ChangePlanData,
): Promise<Partial<ChangePlanData>> {
  if (way === 'later') {
    await previewChanged(stripe, periodParams(change, 'next'));
    return {};
  }
  const seen = await previewChanged(stripe, nowParams(change, expected?.prorationDate ?? null)).catch(
    (thrown: unknown) => {
      // The moment has left the current period, or an item is gone.
      if (expected && thrown instanceof Stripe.errors.StripeInvalidRequestError)
        throw outdated('The preview does not fit any more.');
      throw thrown;
    },
  );
  const made = seen && isMadeNow(change, seen) ? seen : null;
  const amountDue = made?.amountDue ?? 0;
  const differs = expected && (amountDue !== expected.amountDue || (made?.linesHash ?? '') !== expected.linesHash);
  if (differs) throw outdated('The amounts have changed since the preview.');
  return { billsNow: made !== null, amountDue, prorationDate: made?.prorationDate ?? null };
}

/** A change means to go on; the preview has said so. */
const keepStep = (stripe: Stripe): Step<ChangePlanData> => ({
  name: 'keep',
  needed: ({ undoCancellation }) => Boolean(undoCancellation),
  async run({ subscriptionId, undoCancellation }, key) {
    const undo: Stripe.SubscriptionUpdateParams =
      undoCancellation === 'flag' ? { cancel_at_period_end: false } : { cancel_at: '' };
    await stripe.subscriptions.update(subscriptionId, undo, { idempotencyKey: key });
    return {};
  },
  async probe({ subscriptionId }) {
    const { cancel_at_period_end, cancel_at } = await stripe.subscriptions.retrieve(subscriptionId);
    return !cancel_at_period_end && cancel_at === null ? {} : null;
  },
});

/** The old plan stays until the invoice is paid, where Stripe can do that; else the change stands and is collected. */
const updateStep = (stripe: Stripe, mismatch: Mismatch): Step<ChangePlanData> => ({
  name: 'update',
  needed: ({ way }) => way === 'now',
  async run(data, key) {
    const { change, billsNow, prorationDate, cardLike, automatic, amountDue = 0 } = data;
    const waitsForPayment = billsNow && automatic && cardLike && amountDue > 0;
    const after = await stripe.subscriptions.update(
      change.subscriptionId,
      {
        items: change.items,
        ...discountsOf(change),
        proration_behavior: prorationOf(change),
        billing_cycle_anchor: anchorOf(change),
        ...(typeof prorationDate === 'number' && { proration_date: prorationDate }),
        ...(billsNow && { payment_behavior: waitsForPayment ? 'pending_if_incomplete' : 'allow_incomplete' }),
        expand: ['latest_invoice'],
      },
      { idempotencyKey: key },
    );
    return made(after, data, mismatch);
  },
  async probe(data) {
    const after = await withAllItems(
      stripe,
      await stripe.subscriptions.retrieve(data.change.subscriptionId, { expand: ['latest_invoice'] }),
    );
    return isMade(after, data) ? made(after, data, mismatch) : null;
  },
});

function made(after: Stripe.Subscription, data: ChangePlanData, mismatch: Mismatch): Partial<ChangePlanData> {
  const invoice = data.billsNow && typeof after.latest_invoice === 'object' ? after.latest_invoice : null;
  if (invoice && data.expected && invoice.amount_due !== data.expected.amountDue) {
    mismatch({ invoice: invoice.id, charged: invoice.amount_due, shown: data.expected.amountDue });
  }
  return {
    waits: after.pending_update !== null,
    unsettled: invoice?.status === 'open' && data.automatic,
    invoiceId: invoice?.id ?? null,
  };
}

const isThere = (items: readonly Stripe.SubscriptionItem[], target: ItemChange): boolean =>
  'deleted' in target
    ? items.every(({ id }) => id !== target.id)
    : items.some(
        ({ id, price, quantity }) =>
          (target.id === undefined || id === target.id) &&
          (target.price === undefined || price.id === target.price) &&
          quantity === target.quantity,
      );

/** Whether items, or those that wait, are the target, by an invoice of the same moment. */
function isMade(after: Stripe.Subscription, { change, billsNow, prorationDate }: ChangePlanData): boolean {
  const held = [after.items.data, after.pending_update?.subscription_items ?? []];
  const isTarget = held.some((items) => change.items.every((target) => isThere(items, target)));
  if (!isTarget || !billsNow || typeof prorationDate !== 'number') return isTarget;
  const invoice = after.latest_invoice;
  const moment =
    typeof invoice === 'object' ? invoice?.parent?.subscription_details?.subscription_proration_date : null;
  return moment === prorationDate;
}
