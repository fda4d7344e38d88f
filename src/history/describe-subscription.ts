import type { HeldDiscount } from '../checkout/promotion-code.js';
import { perInterval } from '../plans/plan.js';
import type { PauseState, PendingChangeState, PendingItem } from '../subscriptions/pending-change.js';
import type { Change } from './change.js';
import { boughtText, pendingChangeText } from './describe-change.js';
import { day, nameOf, type Names, say, type Sentence, TimelineKind } from './sentence.js';

const statusTexts: Record<string, string> = {
  ACTIVE: 'The subscription is active.',
  TRIALING: 'The free trial began.',
  PAST_DUE: 'A payment failed; the subscription is past due.',
  UNPAID: 'Payment failed for good; the subscription is unpaid.',
  PAUSED: 'The subscription was paused.',
  CANCELED: 'The subscription ended.',
  INCOMPLETE: 'The subscription waits for its first payment.',
  INCOMPLETE_EXPIRED: 'The first payment never came in; the subscription lapsed.',
};

/** What happened to a subscription: a sentence for each part of it, but its plan where the account's is told. */
export function aboutSubscription(
  change: Change,
  names: Names,
  locale: string,
  planTold: boolean,
): (Sentence | null)[] {
  const { before, after } = change;
  if (!after) return [];
  if (!before) {
    const text =
      after.status === 'ACTIVE'
        ? `The subscription to ${nameOf(names.plans, after.planKey)} began.`
        : statusTexts[String(after.status)];
    return [
      say(TimelineKind.SUBSCRIPTION, 1, text ?? 'A subscription appeared.'),
      after.pendingChange ? aboutPendingChange(change, names, locale) : null,
    ];
  }
  if (Object.keys(after).every(isToldByInvoice)) return [];
  const told = [
    'pause' in after || 'status' in after ? aboutStatus(after, locale) : null,
    'planKey' in after && !planTold ? aboutPlanNotInForce(after, names) : null,
    'pendingChange' in after ? aboutPendingChange(change, names, locale) : null,
    isOver(after) ? null : aboutCancellation(after, locale),
    'seats' in after
      ? say(TimelineKind.PLAN_CHANGE, 2, `Seats changed from ${String(before.seats)} to ${String(after.seats)}.`)
      : null,
    'priceId' in after ? aboutInterval(before, after, names) : null,
    'addOns' in after ? say(TimelineKind.PLAN_CHANGE, 2, boughtText(itemsOf(after.addOns), names)) : null,
    'discounts' in after ? aboutDiscounts(after.discounts) : null,
    after.unmapped === true ? aboutUnknownPrice('priceId' in after) : null,
  ].filter((one) => one !== null);
  if (told.length > 0 || 'planKey' in after) return told;
  if (Object.keys(after).join() === 'schedule') {
    const text = after.schedule ? 'follows a schedule now' : 'follows no schedule any more';
    return [say(TimelineKind.SUBSCRIPTION, 7, `The subscription ${text}.`)];
  }
  return 'currentPeriodEnd' in after
    ? [say(TimelineKind.SUBSCRIPTION, 4, `A new period began; it ends on ${day(after.currentPeriodEnd, locale)}.`)]
    : [say(TimelineKind.SUBSCRIPTION, 7, 'The subscription was updated.')];
}

const isToldByInvoice = (field: string) => field.startsWith('lastPayment') || field === 'unpaidChangeId';
const itemsOf = (items: unknown) => (items ?? []) as PendingItem[];
const sameItems = (...lists: [readonly PendingItem[], readonly PendingItem[]]) => {
  const [left, right] = lists.map((list) => list.map(({ priceId, quantity }) => `${priceId} ${quantity ?? 1}`).sort());
  return left?.join() === right?.join();
};
const isOver = ({ status }: Record<string, unknown>) => status === 'CANCELED' || status === 'INCOMPLETE_EXPIRED';

function aboutStatus(after: Record<string, unknown>, locale: string): Sentence {
  return 'pause' in after && !isOver(after)
    ? aboutPause(after, locale)
    : say(TimelineKind.SUBSCRIPTION, 1, statusTexts[String(after.status)] ?? 'The subscription changed its status.');
}

/** Null where no cancellation was made or taken back. */
function aboutCancellation(after: Record<string, unknown>, locale: string): Sentence | null {
  const endsAt = after.cancelAt ?? (after.cancelAtPeriodEnd === true ? after.currentPeriodEnd : null);
  if (after.cancelAtPeriodEnd === true || ('cancelAt' in after && after.cancelAt !== null)) {
    const when = endsAt ? `on ${day(endsAt, locale)}` : 'at the end of the period';
    return say(TimelineKind.CANCELLATION, 2, `The subscription was canceled; it ends ${when}.${reasonOf(after)}`);
  }
  return after.cancelAtPeriodEnd === false || ('cancelAt' in after && after.cancelAt === null)
    ? say(TimelineKind.CANCELLATION, 2, 'The cancellation was taken back.')
    : null;
}

/** What the customer chose on the way out, in Stripe's words. */
const reasonOf = ({ cancellationFeedback: feedback }: Record<string, unknown>) =>
  typeof feedback === 'string' ? ` Reason: ${feedback.replaceAll('_', ' ')}.` : '';

/** Its plan, which is not that of the account: not yet, while a bank debit is under way, or beside the one that decides. */
function aboutPlanNotInForce({ planKey, unpaidChangeId }: Record<string, unknown>, { plans }: Names): Sentence {
  const until = typeof unpaidChangeId === 'string' ? '; that is in force once it is paid' : '';
  return say(TimelineKind.PLAN_CHANGE, 2, `The subscription is for ${nameOf(plans, planKey)} now${until}.`);
}

/** Null where it is paid for as often as before, or nobody knows. */
function aboutInterval(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  { prices }: Names,
): Sentence | null {
  const [old, next] = [before, after].map(({ priceId }) => {
    const price = prices.get(String(priceId));
    return price && perInterval(price.interval, price.intervalCount);
  });
  return old && next && old !== next ? say(TimelineKind.PLAN_CHANGE, 2, `It is paid ${next} now.`) : null;
}

/** Null where the change was made rather than booked or dropped: then the plan, the seats or the period say it. */
function aboutPendingChange({ before, after, beside }: Change, names: Names, locale: string): Sentence | null {
  const [from, to] = [before, after].map((side) => (side?.pendingChange ?? null) as PendingChangeState | null);
  const held = itemsOf(beside?.items);
  const made = beside
    ? from && sameItems(held, from.items)
    : ['priceId', 'seats'].some((field) => after && field in after);
  if ((!from && !to) || (!to && (made || isOver(after ?? {})))) return null;
  const text = pendingChangeText({ from: from ?? null, to: to ?? null }, held, names, (at) => day(at, locale));
  return say(TimelineKind.PLAN_CHANGE, 2, text);
}

const aboutUnknownPrice = (isAnother: boolean) =>
  say(
    TimelineKind.SUBSCRIPTION,
    3,
    `The price of the subscription is ${isAnother ? 'not' : 'no longer'} in the catalogue; its plan stays as it is.`,
  );

export function aboutDiscounts(discounts: unknown): Sentence {
  const labels = ((discounts ?? []) as HeldDiscount[]).map(({ label }) => label);
  const text = labels.length > 0 ? `The discount is now ${labels.join(' and ')}.` : 'The discount has ended.';
  return say(TimelineKind.SUBSCRIPTION, 3, text);
}

function aboutPause({ pause, status }: Record<string, unknown>, locale: string): Sentence {
  const now = pause as PauseState | null;
  if (now === null) {
    const text =
      status === 'PAST_DUE' ? 'The subscription was resumed, but its payment failed.' : 'The subscription was resumed.';
    return say(TimelineKind.SUBSCRIPTION, 1, text);
  }
  if (now.cause === 'COLLECTION_ONLY') return say(TimelineKind.SUBSCRIPTION, 2, 'Collection of payments was paused.');
  const until = now.resumesAt === null ? '' : ` until ${day(now.resumesAt, locale)}`;
  return say(TimelineKind.SUBSCRIPTION, 1, `The subscription was paused${until}.`);
}
