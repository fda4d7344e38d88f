import type { Account } from '../accounts/account.entity.js';
import type { Parts } from '../parts.js';
import { AddOn } from '../plans/add-on.entity.js';
import { seatsOf, trialDaysOf } from '../plans/metadata.js';
import { Plan } from '../plans/plan.entity.js';
import {
  type BillingInterval,
  goesWith,
  isSamePeriod,
  inEachCurrency,
  perInterval,
  priceFor,
  PriceModel,
  priceOf,
  type PriceState,
  seatsProblem,
  stripePriceId,
} from '../plans/plan.js';
import { Price } from '../plans/price.entity.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';

/** What somebody wants to buy, in the catalogue's words. */
export interface PurchaseAsked {
  plan: string;
  interval: BillingInterval;
  /** The account's own when null, or else the one of the settings. */
  currency: string | null;
  /** The fewest the plan is sold with when null. */
  seats: number | null;
  addOns: readonly { addOn: string; quantity: number }[];
  /** Take the plan's trial if the account has not had one. */
  trial: boolean;
}

export interface PurchaseItem {
  /** Stripe's id. */
  price: string;
  /** Null for metered prices, which have none. */
  quantity: number | null;
}

/** The same in Stripe's words. The first item carries the plan. */
export interface Purchase {
  items: PurchaseItem[];
  seats: number;
  /** Set where the price is paid in another currency than its own. */
  currency: string | null;
  /** Null for no trial. */
  trialDays: number | null;
  /** What one period costs before discounts and tax, for judging codes; null where use or tiers decide. */
  amount: number | null;
  paidIn: string;
  productIds: string[];
}

interface Shelf {
  prices: PriceState[];
  addOns: AddOn[];
}

/** Finds what is asked for among what is on sale. Throws Refusal. */
export async function findPurchase(parts: Parts, account: Account, asked: PurchaseAsked): Promise<Purchase> {
  const { manager } = parts.database.read;
  const plan = await requirePlan(parts, asked.plan);
  const shelf: Shelf = {
    prices: (await manager.find(Price, { where: { active: true } })).flatMap(inEachCurrency),
    addOns: await manager.find(AddOn),
  };
  const price = requirePrice(plan, account, asked, shelf.prices, parts.config.defaultCurrency);
  const range = seatsOf(plan.metadata);
  const seats = asked.seats ?? range?.min ?? 1;
  checkQuantity(seats, range, ['input', 'seats']);
  const extras = asked.addOns.map((wanted, place) => requireAddOn(wanted, place, plan, price, shelf));
  const chosen = [{ price, quantity: seats }, ...extras];
  const trialDays = asked.trial ? trialDaysOf(plan.metadata) : null;
  return {
    items: chosen.map(toItem),
    seats,
    currency: price.id === stripePriceId(price.id) ? null : price.currency,
    trialDays: trialDays !== null && (await hadTrial(parts, account.id)) ? null : trialDays,
    amount: amountOf(chosen),
    paidIn: price.currency,
    productIds: chosen.map(({ price: { productId } }) => productId),
  };
}

const toItem = ({ price, quantity }: { price: PriceState; quantity: number }): PurchaseItem => ({
  price: stripePriceId(price.id),
  quantity: price.model === PriceModel.METERED ? null : quantity,
});

/** Minor units of one period; null where use or tiers decide. */
export function amountOf(chosen: readonly { price: PriceState; quantity: number }[]): number | null {
  return chosen.reduce<number | null>(
    (sum, { price, quantity }) =>
      sum === null || price.unitAmount === null || price.model !== PriceModel.PER_UNIT
        ? null
        : sum + price.unitAmount * quantity,
    0,
  );
}

const notAvailable = (reason: string, field: string) =>
  new Refusal(UserErrorCode.PLAN_NOT_AVAILABLE, reason, { field: ['input', field], hint: 'Offer what `plans` lists.' });

async function requirePlan({ database }: Parts, key: string): Promise<Plan> {
  const plan = await database.read.manager.findOneBy(Plan, { key });
  if (!plan || plan.archived) throw notAvailable(`There is no plan '${key}' on sale.`, 'plan');
  if (plan.free) throw notAvailable('The free plan needs no checkout.', 'plan');
  return plan;
}

function requirePrice(
  plan: Plan,
  account: Account,
  { interval, currency }: PurchaseAsked,
  prices: readonly PriceState[],
  usual: string,
): PriceState {
  if (account.currency !== null && currency !== null && currency !== account.currency) {
    throw new Refusal(
      UserErrorCode.PRICE_CURRENCY_MISMATCH,
      `This account pays in ${account.currency}; ${currency} was asked for.`,
      { field: ['input', 'currency'], hint: 'Stripe fixes the currency of a customer at the first invoice.' },
    );
  }
  const wanted = currency ?? account.currency;
  const price =
    priceFor(plan, interval, wanted ?? usual, prices) ??
    (wanted === null ? priceFor(plan, interval, null, prices) : null);
  if (price) return price;
  const inCurrency = wanted === null ? '' : ` in ${wanted}`;
  const otherwise = priceFor(plan, interval, null, prices);
  throw notAvailable(
    `'${plan.key}' is not sold ${perInterval(interval)}${inCurrency}.`,
    currency !== null && otherwise ? 'currency' : 'interval',
  );
}

/** The price of an add-on beside the price of its plan. Throws Refusal. */
export function requireAddOn<Held extends PriceState>(
  { addOn: key, quantity }: PurchaseAsked['addOns'][number],
  place: number,
  plan: Plan,
  main: PriceState,
  { prices, addOns }: { prices: readonly Held[]; addOns: readonly AddOn[] },
  kept: Held | null = null,
): { price: Held; quantity: number } {
  const addOn = addOns.find((one) => one.key === key);
  const found = kept ?? priceOf({ addOnKey: key }, main.interval, main.currency, prices);
  const price = addOn && goesWith(addOn, plan.key) && found && isSamePeriod(found, main) ? found : null;
  if (!addOn || !price)
    throw notAvailable(
      `'${key}' is not sold with '${plan.key}' ${perInterval(main.interval, main.intervalCount)} in ${main.currency}.`,
      'addOns',
    );
  checkQuantity(quantity, seatsOf(addOn.metadata), ['input', 'addOns', String(place), 'quantity']);
  return { price, quantity };
}

function checkQuantity(quantity: number, range: ReturnType<typeof seatsOf>, field: string[]): void {
  const problem = seatsProblem(quantity, range);
  if (problem) throw new Refusal(UserErrorCode.QUANTITY_OUT_OF_RANGE, `${field.at(-1)} ${problem}.`, { field });
}

/** One trial for an account, whichever plan and customer it was on. */
const hadTrial = async ({ database }: Parts, accountId: string): Promise<boolean> =>
  (await database.read.manager.findBy(BillingSubscription, { accountId })).some(
    ({ trialStart }) => trialStart !== null,
  );

/** The same add-on twice would be two items of one subscription. Throws Refusal. */
export function checkAddOns(addOns: PurchaseAsked['addOns']): void {
  const twice = addOns.find(({ addOn }, place) => addOns.findIndex((one) => one.addOn === addOn) < place);
  if (twice)
    throw new Refusal(UserErrorCode.INVALID, `addOns names '${twice.addOn}' twice.`, {
      field: ['input', 'addOns'],
      hint: 'Name it once, with the quantity.',
    });
}
