import type { Change } from '../history/change.js';
import { lastPayment, NEVER_PAID } from '../payments/invoice-payment.js';
import {
  isLive,
  isTerminal,
  mainSubscription,
  type SubscriptionItemState,
  SubscriptionStatus,
  type SubscriptionState,
} from '../subscriptions/subscription.js';
import type { SeenSubscription } from '../subscriptions/subscription.fetch.js';
import type { DecideInput, Stored, Trouble } from './decision.js';
import { planItem } from './plan-item.js';
import { takesBackSubscription } from './verdict.js';

/** What becomes of the subscriptions that were seen, and of those that go with their customer. */
export function decideSubscriptions(
  { stored, seen, customerId, now }: DecideInput,
  accountId: string | null,
  deletedAt: number | null,
  { resurrected, failures }: Trouble,
): SubscriptionState[] {
  const held = new Map(stored.subscriptions.map((subscription) => [subscription.id, subscription]));
  const next: SubscriptionState[] = [];
  for (const [id, { state }] of seen.subscription) {
    const before = held.get(id);
    if (state === null) {
      if (before && !isTerminal(before) && isOldEnough(before, now)) next.push({ ...ended(before, now), accountId });
    } else if (takesBackSubscription(before, state)) {
      resurrected.add(id);
    } else {
      try {
        next.push({ ...subscriptionAsSeen(state, before, stored, now), accountId });
      } catch (thrown) {
        failures.set(id, { transient: false, message: thrown instanceof Error ? thrown.message : String(thrown) });
      }
    }
  }
  const done = new Set(next.map(({ id }) => id));
  for (const before of held.values()) {
    if (done.has(before.id) || before.customerId !== customerId) continue;
    // Deleting a customer cancels what is hers; linking one gives her rows their owner.
    if (deletedAt !== null && !isTerminal(before) && !failures.has(before.id))
      next.push({ ...ended(before, deletedAt), accountId });
    else if (before.accountId !== accountId) next.push({ ...before, accountId });
  }
  return next;
}

function subscriptionAsSeen(
  state: SeenSubscription,
  before: SubscriptionState | undefined,
  { planOfPrice, rankOfPlan }: Pick<Stored, 'planOfPrice' | 'rankOfPlan'>,
  now: number,
): Omit<SubscriptionState, 'accountId'> {
  const { items: _items, claimedAccountId: _owner, claimedPlanKey, productId: _product, ...shown } = state;
  const main = planItem(state, planOfPrice);
  // What somebody wrote on the subscription counts only where no price says which plan it is.
  const claimed = rankOfPlan.has(claimedPlanKey ?? '') ? claimedPlanKey : null;
  const known = planOfPrice.get(main.priceId) ?? claimed;
  return {
    ...lastPayment({ ...(before ?? NEVER_PAID), latestInvoiceId: null }, []),
    unpaidChangeId: before?.unpaidChangeId ?? null,
    ...shown,
    ...main,
    planKey: known ?? before?.planKey ?? null,
    unmapped: known === null,
    pause: shown.pause && { ...shown.pause, since: shown.pause.since ?? before?.pause?.since ?? now },
  };
}

/** Stripe may not know yet what it has only just made; after a minute its "there is none" is an answer. */
export const isOldEnough = ({ createdAt }: { createdAt: number }, now: number): boolean => now - createdAt > 60_000;

const ended = (subscription: SubscriptionState, at: number): SubscriptionState => ({
  ...subscription,
  status: SubscriptionStatus.CANCELED,
  statusRaw: 'canceled',
  endedAt: subscription.endedAt ?? at,
});

/**
 * Live subscriptions beside the main one, whenever another one has become live; empty otherwise. The gateway sells no
 * second one and cancels none, so somebody else has made them, and somebody must decide.
 */
export function besideMain(
  before: readonly SubscriptionState[],
  after: readonly SubscriptionState[],
  rankOfPlan: ReadonlyMap<string, number>,
): string[] {
  const live = after.filter(isLive);
  const wasLive = new Set(before.filter(isLive).map(({ id }) => id));
  if (live.every(({ id }) => wasLive.has(id))) return [];
  const main = mainSubscription(live, (key) => rankOfPlan.get(key ?? '') ?? 0);
  return live.flatMap(({ id }) => (id === main?.id ? [] : id));
}

type Items = ReadonlyMap<string, readonly SubscriptionItemState[]>;

/** The items of a subscription as history keeps them; from the first that knows them. */
const itemsIn = (known: readonly Items[], id: string) =>
  (known.find((items) => items.has(id))?.get(id) ?? []).map(({ priceId, quantity }) => ({ priceId, quantity }));

/** With what is sold beside the plan, as history tells it. */
export const withAddOns = (subscriptions: readonly SubscriptionState[], ...known: Items[]) =>
  subscriptions.map((state) => {
    const addOns = itemsIn(known, state.id)
      .filter(({ priceId }) => priceId !== state.priceId)
      .sort((left, right) => (left.priceId < right.priceId ? -1 : 1));
    return { ...state, addOns };
  });

/** A change that is booked or dropped goes with what is held, because it is told by what it would change. */
export const withHeld = (changes: readonly Change[], ...known: Items[]): Change[] =>
  changes.map((change) =>
    change.before?.pendingChange || change.after?.pendingChange
      ? { ...change, beside: { items: itemsIn(known, change.id) } }
      : change,
  );
