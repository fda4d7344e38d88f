import { perInterval } from '../plans/plan.js';
import type { PendingChangeState, PendingItem } from '../subscriptions/pending-change.js';
import type { Names } from './sentence.js';

/** A change that was booked, began to wait, or was dropped, in one sentence. `held` is what the subscription consists of. */
export function pendingChangeText(
  { from, to }: { from: PendingChangeState | null; to: PendingChangeState | null },
  held: readonly PendingItem[],
  names: Names,
  day: (at: unknown) => string,
): string {
  const [what, into] = differenceOf(held, (to ?? from)?.items ?? [], names);
  if (to?.state === 'SCHEDULED') return `A change of ${what} was booked for ${day(to.effectiveAt)}${into}.`;
  if (to) return `A change of ${what} waits for its payment${into}; nothing changes until then.`;
  return from?.state === 'AWAITING_PAYMENT'
    ? `The change of ${what} that waited for its payment was given up.`
    : `The booked change of ${what} was taken back.`;
}

/** Which parts differ, and after a colon what they become. */
function differenceOf(
  before: readonly PendingItem[],
  after: readonly PendingItem[],
  names: Names,
): [what: string, into: string] {
  const [old, next] = [partsOf(before, names), partsOf(after, names)];
  const parts = Object.entries(next).filter(([part, value]) => before.length > 0 && value !== old[part as keyof Parts]);
  const list = new Intl.ListFormat('en-US').format(parts.map(([part]) => part));
  return [list || 'plan', parts.length > 0 ? `: ${parts.map(([, value]) => value).join(', ')}` : ''];
}

type Parts = Record<'plan' | 'interval' | 'seats' | 'add-ons', string>;

function partsOf(items: readonly PendingItem[], names: Names): Parts {
  const { plans, prices } = names;
  const item = items.find(({ priceId }) => prices.get(priceId)?.planKey) ?? items[0];
  const price = prices.get(item?.priceId ?? '');
  const plan = price?.planKey ?? '';
  return {
    plan: plans.get(plan) ?? plan,
    interval: price ? `paid ${perInterval(price.interval, price.intervalCount)}` : '',
    seats: item?.quantity === 1 ? '1 seat' : `${item?.quantity} seats`,
    'add-ons': addOnsText(items, names) || 'no add-ons',
  };
}

/** What is bought on top, such as `2 × Storage and 1 × Backup`; empty where nothing is that has a name. */
function addOnsText(items: readonly PendingItem[], { prices, addOns }: Names): string {
  const bought = items.flatMap(({ priceId, quantity }) => {
    const key = prices.get(priceId)?.addOnKey;
    return key ? [`${quantity ?? 1} × ${addOns.get(key) ?? key}`] : [];
  });
  return new Intl.ListFormat('en-US').format(bought.sort());
}

/** What the items beside the plan are now, in one sentence. */
export function boughtText(items: readonly PendingItem[], names: Names): string {
  if (items.length === 0) return 'Nothing is bought on top any more.';
  const bought = addOnsText(items, names);
  return bought ? `What is bought on top is now ${bought}.` : 'What is bought on top was changed.';
}
