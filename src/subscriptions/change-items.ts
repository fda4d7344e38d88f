import { checkAddOns, requireAddOn } from '../checkout/purchase.js';
import type { Catalogue } from '../graphql/loaders.js';
import type { Plan } from '../plans/plan.entity.js';
import { goesWith, isSamePeriod, perInterval, PriceModel, priceOf, stripePriceId } from '../plans/plan.js';
import type { Price } from '../plans/price.entity.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import type { ItemChange } from './change-at-stripe.js';
import type { PendingItem } from './pending-change.js';
import { priceIn } from './recurring-amount.js';
import type { SubscriptionItem } from './subscription-item.entity.js';

/** What is bought on top, by key. */
export interface AddOnAsked {
  addOn: string;
  quantity: number;
}

/** One item of the subscription as it is to be; without an id it is new. */
export interface TargetItem extends PendingItem {
  id: string | null;
}

/** What the rest of a subscription is worked out from, once its plan is. */
interface Around {
  plan: Plan;
  price: Price;
  catalogue: Catalogue;
  /** Upper case. */
  currency: string;
  /** The plan or its interval becomes another one; else what is there may stay, whatever is sold now. */
  moves: boolean;
}

/**
 * The items beside the one that carries the plan. Null leaves the add-ons as they are, in the interval of the new
 * price; a list is all of them. What is no add-on stays. Throws Refusal.
 */
export function targetExtras(
  held: readonly SubscriptionItem[],
  asked: readonly AddOnAsked[] | null,
  around: Around,
): TargetItem[] {
  if (asked) checkAddOns(asked);
  const { catalogue, currency } = around;
  const wanted = new Map((asked ?? []).map(({ addOn }, place) => [addOn, place]));
  const kept = held.flatMap((item) => {
    const price = priceIn(catalogue, item.priceId, currency);
    const key = price?.addOnKey ?? null;
    if (price === null || key === null) return [{ ...item }];
    if (asked === null) return [moved(item, key, price, around)];
    const place = wanted.get(key);
    if (place === undefined) return [];
    wanted.delete(key);
    return [{ ...ordered(asked, place, around, price), id: item.id }];
  });
  const added = [...wanted.values()].map((place) => ({ ...ordered(asked ?? [], place, around, null), id: null }));
  return [...kept.map(({ id, priceId, quantity }) => ({ id, priceId, quantity })), ...added];
}

/** One of the list, at the price that is paid for it already where that still fits. */
function ordered(asked: readonly AddOnAsked[], place: number, around: Around, held: Price | null): PendingItem {
  const { plan, price: main, catalogue } = around;
  const kept = held && isSamePeriod(held, main) ? held : null;
  const { price, quantity } = requireAddOn(asked[place] as AddOnAsked, place, plan, main, catalogue, kept);
  return {
    priceId: stripePriceId(price.id),
    quantity: price.model === PriceModel.METERED ? null : quantity,
  };
}

function moved(item: SubscriptionItem, key: string, price: Price, around: Around): TargetItem {
  const { plan, price: main, catalogue, currency, moves } = around;
  if (!moves) return item;
  const addOn = catalogue.addOns.find((one) => one.key === key);
  const fits = addOn !== undefined && goesWith({ ...addOn, archived: false }, plan.key);
  const next = isSamePeriod(price, main)
    ? price
    : priceOf({ addOnKey: key }, main.interval, currency, catalogue.prices);
  if (fits && next) return { id: item.id, priceId: stripePriceId(next.id), quantity: item.quantity };
  throw new Refusal(
    UserErrorCode.PLAN_NOT_AVAILABLE,
    `'${key}', which the subscription has, is not sold with '${plan.key}' ${perInterval(main.interval)} in ${currency}.`,
    { field: ['input', 'addOns'], hint: 'Name the add-ons to keep in addOns; an empty list drops all of them.' },
  );
}

/** The way from the items that are there to those that are wanted, in Stripe's words. The plan's is always named. */
export function itemChanges(
  held: readonly SubscriptionItem[],
  targets: readonly TargetItem[],
  planItemId: string,
): ItemChange[] {
  const removed = held.filter(({ id }) => targets.every((target) => target.id !== id));
  const changed = targets.filter(({ id, priceId, quantity }) => {
    const before = held.find((item) => item.id === id);
    return id === planItemId || before?.priceId !== priceId || before.quantity !== quantity;
  });
  return [
    ...changed.map(({ id, priceId, quantity }): ItemChange => {
      const amount = quantity !== null && { quantity };
      if (id === null) return { price: priceId, ...amount };
      const other = held.find((item) => item.id === id)?.priceId !== priceId;
      return { id, ...(other && { price: priceId }), ...amount };
    }),
    ...removed.map(({ id }) => ({ id, deleted: true as const })),
  ];
}
