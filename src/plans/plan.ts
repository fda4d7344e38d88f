import type { FoundBy } from './price-seller.js';

export enum FeatureKind {
  SWITCH = 'SWITCH',
  LIMIT = 'LIMIT',
  METERED = 'METERED',
  CONFIG = 'CONFIG',
}

/** A feature as one plan grants it. */
export interface PlanFeatureState {
  key: string;
  kind: FeatureKind;
  /** Null means unlimited, for a LIMIT or METERED; always null for a SWITCH. */
  limit: number | null;
  /** Use is counted on above the limit instead of being refused. */
  soft?: true;
}

/** A plan as its Stripe product describes it. */
export interface PlanState {
  /** `plan_<key>`. */
  id: string;
  key: string;
  /** The Stripe product; null for the free plan of a catalogue that has none. */
  productId: string | null;
  /** When that product was made; null without one, and where nobody has looked since this is kept. */
  productCreatedAt: number | null;
  name: string;
  description: string | null;
  /** Position in the ladder; higher is better. */
  rank: number;
  highlights: string[];
  free: boolean;
  archived: boolean;
  region: string | null;
  tenancy: string | null;
  features: PlanFeatureState[];
  metadata: Record<string, string>;
}

export enum BillingInterval {
  DAY = 'DAY',
  WEEK = 'WEEK',
  MONTH = 'MONTH',
  YEAR = 'YEAR',
  ONE_TIME = 'ONE_TIME',
}

/** How an interval is said of a payment: `paid by the month`, `sold by a single payment`, `paid every 3 months`. */
export function perInterval(interval: string, count = 1): string {
  if (interval === (BillingInterval.ONE_TIME as string)) return 'by a single payment';
  return count === 1 ? `by the ${interval.toLowerCase()}` : `every ${count} ${interval.toLowerCase()}s`;
}

export enum PriceModel {
  FLAT = 'FLAT',
  PER_UNIT = 'PER_UNIT',
  TIERED_GRADUATED = 'TIERED_GRADUATED',
  TIERED_VOLUME = 'TIERED_VOLUME',
  PACKAGE = 'PACKAGE',
  METERED = 'METERED',
  UNRECOGNIZED = 'UNRECOGNIZED',
}

/** Seats that can be bought: from `min` on, in steps. */
export interface SeatRange {
  min: number;
  /** Null for no upper end. */
  max: number | null;
  step: number;
}

/** What is bought on top of a plan, as a further item of the same subscription. */
export interface AddOnState {
  /** `addon_<key>`. */
  id: string;
  key: string;
  productId: string;
  /** When that product was made; null where nobody has looked since this is kept. */
  productCreatedAt: number | null;
  name: string;
  description: string | null;
  archived: boolean;
  /** Keys of the plans it goes with; null for all. */
  forPlans: string[] | null;
  features: PlanFeatureState[];
  metadata: Record<string, string>;
}

/** One step of a tiered price, in minor units. */
export interface PriceTierState {
  /** Last unit covered; null for no upper end. */
  upTo: number | null;
  /** Null when below one minor unit. */
  unitAmount: number | null;
  /** Exact, as Stripe wrote it. */
  unitDecimal: string | null;
  flatAmount: number | null;
}

/** What a price costs in one currency. */
export interface PriceAmounts {
  /** Minor units; null when tiered or below one minor unit. */
  unitAmount: number | null;
  /** Exact, as Stripe wrote it; null for tiered prices. */
  unitDecimal: string | null;
  /** Null when decided by the customer's country. */
  taxInclusive: boolean | null;
  /** Null for a price without tiers. */
  tiers: PriceTierState[] | null;
}

/** A price as Stripe shows it. */
export interface PriceState extends PriceAmounts {
  /** Stripe's id; followed by `:<currency>` where it stands for the same price in another of its currencies. */
  id: string;
  productId: string;
  /** The plan it sells; null when it sells none that is known. */
  planKey: string | null;
  /** The add-on it sells; null when it sells none. */
  addOnKey: string | null;
  /** What said so. */
  foundBy: FoundBy | null;
  lookupKey: string | null;
  active: boolean;
  interval: BillingInterval;
  intervalCount: number;
  model: PriceModel;
  /** Upper case. */
  currency: string;
  /** The same price in its other currencies, by upper-case code; null when it has none. */
  currencyOptions: Record<string, PriceAmounts> | null;
  createdAt: number;
}

export const FREE_PLAN_KEY = 'free';

/** The plan of accounts without a subscription, when the catalogue describes none. */
export const BUILT_IN_FREE_PLAN: PlanState = {
  id: `plan_${FREE_PLAN_KEY}`,
  key: FREE_PLAN_KEY,
  productId: null,
  productCreatedAt: null,
  name: 'Free',
  description: null,
  rank: 0,
  highlights: [],
  free: true,
  archived: false,
  region: null,
  tenancy: null,
  features: [],
  metadata: {},
};

/** Whether a subscription can be begun with it: it is paid again and again, at each of its intervals. */
export const isSold = ({
  active,
  interval,
  intervalCount,
}: Pick<PriceState, 'active' | 'interval' | 'intervalCount'>): boolean =>
  active && intervalCount === 1 && interval !== BillingInterval.ONE_TIME;

/** What can be bought: on sale, and either free or with a price that can be bought. */
export const isOffered = (plan: PlanState, prices: readonly PriceState[]): boolean =>
  !plan.archived && (plan.free || prices.some((price) => isSold(price) && price.planKey === plan.key));

type Period = Pick<PriceState, 'interval' | 'intervalCount'>;

/** Whether both are paid for equally often. */
export const isSamePeriod = (one: Period, other: Period): boolean =>
  one.interval === other.interval && one.intervalCount === other.intervalCount;

const MONTHS: Partial<Record<BillingInterval, number>> = { [BillingInterval.MONTH]: 1, [BillingInterval.YEAR]: 12 };

/** The same price per month in minor units, rounded half up, for comparing intervals; null where that means nothing. */
export function perMonth(price: Pick<PriceState, 'interval' | 'intervalCount' | 'unitAmount'>): number | null {
  const months = MONTHS[price.interval];
  if (months === undefined || price.unitAmount === null) return null;
  return Math.floor((2 * price.unitAmount + months * price.intervalCount) / (2 * months * price.intervalCount));
}

/** How much less a price costs than the monthly one of its plan and currency, in whole percent; null when it is not less. */
export function savingPercent(price: PriceState, siblings: readonly PriceState[]): number | null {
  const monthly = siblings.find(
    (other) =>
      other.active &&
      other.planKey === price.planKey &&
      other.currency === price.currency &&
      other.interval === BillingInterval.MONTH &&
      other.intervalCount === 1,
  );
  const [ours, theirs] = [price.unitAmount, monthly?.unitAmount];
  const months = MONTHS[price.interval];
  if (!ours || !theirs || months === undefined || price.id === monthly?.id) return null;
  const full = theirs * months * price.intervalCount;
  return ours < full ? Math.floor(((full - ours) * 100) / full) : null;
}

const SHORTEST_FIRST = [
  BillingInterval.DAY,
  BillingInterval.WEEK,
  BillingInterval.MONTH,
  BillingInterval.YEAR,
  BillingInterval.ONE_TIME,
];

/** The order of a pricing table: by interval from the shortest, then as they were made. */
export const inTableOrder = <Held extends PriceState>(prices: readonly Held[]): Held[] =>
  [...prices].sort(
    (left, right) =>
      SHORTEST_FIRST.indexOf(left.interval) - SHORTEST_FIRST.indexOf(right.interval) ||
      left.intervalCount - right.intervalCount ||
      left.createdAt - right.createdAt ||
      (left.id < right.id ? -1 : 1),
  );

/** What names a price: a plan, or an add-on. */
export type Sold = { planKey: string } | { addOnKey: string };

const NAMED_BY: readonly (string | null)[] = ['LOOKUP_KEY', 'PRICE_METADATA', 'PRODUCT_METADATA', null, 'CONFIGURED'];

/**
 * The one price for an interval and a currency: by lookup key first, then as the price, the product and the settings
 * name it, then the oldest, so that the answer never flickers.
 */
export function priceOf<Held extends PriceState>(
  sold: Sold,
  interval: BillingInterval,
  currency: string | null,
  prices: readonly Held[],
): Held | null {
  const key = 'planKey' in sold ? sold.planKey : sold.addOnKey;
  const named = `${key}_${interval.toLowerCase()}`;
  const standing = ({ lookupKey, currency: its, foundBy }: PriceState) => {
    if (lookupKey === `${named}_${its.toLowerCase()}`) return -2;
    return lookupKey === named ? -1 : NAMED_BY.indexOf(foundBy ?? null);
  };
  const fitting = prices.filter(
    (price) =>
      isSold(price) &&
      ('planKey' in sold ? price.planKey : price.addOnKey) === key &&
      price.interval === interval &&
      (currency === null || price.currency === currency),
  );
  fitting.sort(
    (left, right) =>
      standing(left) - standing(right) ||
      left.createdAt - right.createdAt ||
      left.id.length - right.id.length ||
      (left.id < right.id ? -1 : 1),
  );
  return fitting[0] ?? null;
}

/** Whether nobody new pays it any more: it is sold no more, or a later one has taken its place for its interval and currency. */
export function isReplaced(price: PriceState, prices: readonly PriceState[]): boolean {
  if (!price.active) return true;
  const { planKey, addOnKey, interval, currency, createdAt } = price;
  const sold = planKey !== null ? { planKey } : addOnKey !== null ? { addOnKey } : null;
  const chosen = sold && isSold(price) ? priceOf(sold, interval, currency, prices) : null;
  return chosen !== null && chosen.id !== price.id && chosen.createdAt >= createdAt;
}

/** The one price of a plan for an interval and a currency; null when it is not sold so. */
export const priceFor = <Held extends PriceState>(
  plan: Pick<PlanState, 'key'>,
  interval: BillingInterval,
  currency: string | null,
  prices: readonly Held[],
): Held | null => priceOf({ planKey: plan.key }, interval, currency, prices);

/** Stripe's id of a price, whichever currency it is shown in. */
export const stripePriceId = (id: string): string => id.split(':', 1)[0] ?? id;

/** A price once for each currency it can be paid in, its own first. */
export function inEachCurrency<Held extends PriceState>(price: Held): Held[] {
  const others = Object.entries(price.currencyOptions ?? {}).map(([currency, amounts]) =>
    Object.assign(Object.create(Object.getPrototypeOf(price) as object) as Held, price, amounts, {
      id: `${price.id}:${currency.toLowerCase()}`,
      currency,
    }),
  );
  return [price, ...others];
}

/** Whether an add-on goes with a plan. */
export const goesWith = ({ archived, forPlans }: AddOnState, planKey: string): boolean =>
  !archived && (forPlans === null || forPlans.includes(planKey));

/** Why so many seats cannot be bought; null when they can. */
export function seatsProblem(seats: number, range: SeatRange | null): string | null {
  const { min, max, step } = range ?? { min: 1, max: MOST_SEATS, step: 1 };
  const most = max ?? MOST_SEATS;
  if (!Number.isInteger(seats) || seats < min || seats > most) return `must be ${min} to ${most}, found ${seats}`;
  return (seats - min) % step === 0 ? null : `must be ${min} to ${most} in steps of ${step}, found ${seats}`;
}

/** Nobody buys more by mistake. */
export const MOST_SEATS = 10_000;
