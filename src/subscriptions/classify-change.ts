import type { PendingItem } from './pending-change.js';
import { BillingInterval, type PlanState, type PriceState } from '../plans/plan.js';

export enum ChangeKind {
  NEW = 'NEW',
  UPGRADE = 'UPGRADE',
  DOWNGRADE = 'DOWNGRADE',
  INTERVAL_CHANGE = 'INTERVAL_CHANGE',
  SEATS_ONLY = 'SEATS_ONLY',
  CROSSGRADE = 'CROSSGRADE',
  REACTIVATION = 'REACTIVATION',
  NO_OP = 'NO_OP',
}

export enum ChangeTiming {
  NOW = 'NOW',
  PERIOD_END = 'PERIOD_END',
}

/** One side of a change: what is paid for, and how. */
export interface ChangeSide {
  planKey: string | null;
  /** Position of the plan in the ladder; higher is better. */
  rank: number;
  /** Null for the free plan, which has none. */
  priceId: string | null;
  interval: BillingInterval | null;
  intervalCount: number;
  /** What one seat costs per period in minor units; null when tiered or below one minor unit. */
  unitAmount: number | null;
  seats: number;
  /** What is bought on top. */
  extras: readonly PendingItem[];
  /** What that costs per period in minor units; null when it has no one amount. */
  extrasAmount: number | null;
}

export const sideOf = (
  plan: Pick<PlanState, 'key' | 'rank'> | null,
  price: Pick<PriceState, 'interval' | 'intervalCount' | 'unitAmount'> | null,
  priceId: string | null,
  seats: number,
  extras: readonly PendingItem[] = [],
  extrasAmount: number | null = 0,
): ChangeSide => ({
  planKey: plan?.key ?? null,
  rank: plan?.rank ?? 0,
  priceId,
  interval: price?.interval ?? null,
  intervalCount: price?.intervalCount ?? 1,
  unitAmount: price?.unitAmount ?? null,
  seats,
  extras,
  extrasAmount,
});

export interface ChangeContext {
  /** In a trial nothing has been paid for, so nothing has to wait for the end of a period. */
  trialing: boolean;
  /** A cancellation, a booked change or one that waits for its payment stands. */
  pending: boolean;
  /** What the caller asked for; null lets the rules decide. */
  timing: ChangeTiming | null;
}

export interface Classified {
  kind: ChangeKind;
  timing: ChangeTiming;
  /** The period begins anew with the change, because its length changes. */
  resetsAnchor: boolean;
  /** By the day; of two plans of the same rank it tells which is below. */
  costsLess: boolean;
}

const DAYS: Record<BillingInterval, number> = {
  [BillingInterval.DAY]: 1,
  [BillingInterval.WEEK]: 7,
  [BillingInterval.MONTH]: 30,
  [BillingInterval.YEAR]: 365,
  [BillingInterval.ONE_TIME]: 0,
};

const lengthOf = ({ interval, intervalCount }: ChangeSide): number =>
  interval === null ? 0 : DAYS[interval] * intervalCount;

/** What a change is, seen from the plan ladder, and when it happens: what costs more now, what costs less at the end of the period. */
export function classifyChange(from: ChangeSide, to: ChangeSide, context: ChangeContext): Classified {
  const kind = kindOf(from, to, context.pending);
  const resetsAnchor = !context.trialing && to.interval !== null && lengthOf(from) !== lengthOf(to);
  return { kind, timing: timingOf(kind, from, to, context), resetsAnchor, costsLess: costsLess(from, to) };
}

function kindOf(from: ChangeSide, to: ChangeSide, pending: boolean): ChangeKind {
  if (from.priceId === to.priceId && from.seats === to.seats && listed(from) === listed(to)) {
    return pending ? ChangeKind.REACTIVATION : ChangeKind.NO_OP;
  }
  if (from.planKey !== to.planKey && from.rank !== to.rank) {
    return to.rank > from.rank ? ChangeKind.UPGRADE : ChangeKind.DOWNGRADE;
  }
  if (from.planKey !== to.planKey) return ChangeKind.CROSSGRADE;
  // Of a price that the catalogue does not know, no interval is known either.
  if (from.interval !== null && lengthOf(from) !== lengthOf(to)) return ChangeKind.INTERVAL_CHANGE;
  return from.priceId === to.priceId ? ChangeKind.SEATS_ONLY : ChangeKind.CROSSGRADE;
}

const listed = ({ extras }: ChangeSide): string =>
  JSON.stringify(extras.map(({ priceId, quantity }) => [priceId, quantity]).sort());

function timingOf(kind: ChangeKind, from: ChangeSide, to: ChangeSide, context: ChangeContext): ChangeTiming {
  // Free is no subscription: what is left of the paid period, or of the trial, is used up first.
  if (to.interval === null) return ChangeTiming.PERIOD_END;
  if (context.trialing) return ChangeTiming.NOW;
  if (kind === ChangeKind.REACTIVATION || kind === ChangeKind.NO_OP) return ChangeTiming.NOW;
  if (context.timing !== null) return context.timing;
  switch (kind) {
    case ChangeKind.DOWNGRADE:
      return ChangeTiming.PERIOD_END;
    case ChangeKind.INTERVAL_CHANGE:
      return lengthOf(to) > lengthOf(from) ? ChangeTiming.NOW : ChangeTiming.PERIOD_END;
    case ChangeKind.SEATS_ONLY:
      return costsMore(from, to) ? ChangeTiming.NOW : ChangeTiming.PERIOD_END;
    case ChangeKind.CROSSGRADE:
      return costsLess(from, to) ? ChangeTiming.PERIOD_END : ChangeTiming.NOW;
    case ChangeKind.NEW:
    case ChangeKind.UPGRADE:
      return ChangeTiming.NOW;
  }
}

/** Only for comparing; an unknown amount counts as dearest, so that it is charged now rather than given away. */
const costPerDay = (side: ChangeSide): number =>
  side.unitAmount === null || side.extrasAmount === null
    ? Infinity
    : (side.unitAmount * side.seats + side.extrasAmount) / Math.max(1, lengthOf(side));

const costsLess = (from: ChangeSide, to: ChangeSide): boolean =>
  to.interval === null || costPerDay(to) < costPerDay(from);

/** Of the same price: what it costs decides, or else whether there is more of anything. */
function costsMore(from: ChangeSide, to: ChangeSide): boolean {
  const [before, after] = [costPerDay(from), costPerDay(to)];
  if (before !== after) return after > before;
  const held = new Map(from.extras.map(({ priceId, quantity }) => [priceId, quantity ?? 0]));
  return to.seats > from.seats || to.extras.some(({ priceId, quantity }) => (quantity ?? 1) > (held.get(priceId) ?? 0));
}
