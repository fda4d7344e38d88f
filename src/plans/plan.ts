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
  /** Null means unlimited, for a LIMIT; always null for a SWITCH. */
  limit: number | null;
}

/** A plan as its Stripe product describes it. */
export interface PlanState {
  /** `plan_<key>`. */
  id: string;
  key: string;
  /** The Stripe product; null for the free plan of a catalogue that has none. */
  productId: string | null;
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

export enum PriceModel {
  FLAT = 'FLAT',
  PER_UNIT = 'PER_UNIT',
  TIERED_GRADUATED = 'TIERED_GRADUATED',
  TIERED_VOLUME = 'TIERED_VOLUME',
  PACKAGE = 'PACKAGE',
  METERED = 'METERED',
  UNRECOGNIZED = 'UNRECOGNIZED',
}

/** A price as Stripe shows it. */
export interface PriceState {
  id: string;
  productId: string;
  /** The plan it sells; null when the product is no plan of ours. */
  planKey: string | null;
  lookupKey: string | null;
  active: boolean;
  interval: BillingInterval;
  intervalCount: number;
  model: PriceModel;
  /** Upper case. */
  currency: string;
  /** Minor units; null when tiered or below one minor unit. */
  unitAmount: number | null;
  /** Exact, as Stripe wrote it; null for tiered prices. */
  unitDecimal: string | null;
  /** Null when decided by the customer's country. */
  taxInclusive: boolean | null;
  createdAt: number;
}

export const FREE_PLAN_KEY = 'free';

/** The plan of accounts without a subscription, when the catalogue describes none. */
export const BUILT_IN_FREE_PLAN: PlanState = {
  id: `plan_${FREE_PLAN_KEY}`,
  key: FREE_PLAN_KEY,
  productId: null,
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

/** What can be bought: on sale, and either free or with a price that can be bought. */
export const isOffered = (plan: PlanState, prices: readonly PriceState[]): boolean =>
  !plan.archived && (plan.free || prices.some((price) => price.active && price.planKey === plan.key));

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

/** The one price for an interval and a currency: by lookup key first, then the oldest, so that the answer never flickers. */
export function priceFor(
  plan: Pick<PlanState, 'key'>,
  interval: BillingInterval,
  currency: string | null,
  prices: readonly PriceState[],
): PriceState | null {
  const named = `${plan.key}_${interval.toLowerCase()}`;
  const isNamed = ({ lookupKey, currency: its }: PriceState) =>
    lookupKey === named || lookupKey === `${named}_${its.toLowerCase()}`;
  const fitting = prices.filter(
    (price) =>
      price.active &&
      price.planKey === plan.key &&
      price.interval === interval &&
      price.intervalCount === 1 &&
      (currency === null || price.currency === currency),
  );
  fitting.sort(
    (left, right) =>
      Number(isNamed(right)) - Number(isNamed(left)) ||
      left.createdAt - right.createdAt ||
      (left.id < right.id ? -1 : 1),
  );
  return fitting[0] ?? null;
}
