import { type FeatureState, isCounted, unknownFeature } from '../plans/feature.js';
import { FeatureKind, type PlanFeatureState } from '../plans/plan.js';
import { type AccessDecision, AccessLevel, Remedy } from './access.js';
import type { UsageWindow } from './usage-window.js';

export enum EntitlementSource {
  PLAN = 'PLAN',
  ADD_ON = 'ADD_ON',
  TRIAL = 'TRIAL',
  DEFAULT = 'DEFAULT',
}

export enum EntitlementDeniedReason {
  FEATURE_UNKNOWN = 'FEATURE_UNKNOWN',
  NO_ACCESS = 'NO_ACCESS',
  NOT_IN_PLAN = 'NOT_IN_PLAN',
  LIMIT_REACHED = 'LIMIT_REACHED',
}

/** What was counted of one feature; never cut to a limit. */
export interface CounterState {
  feature: string;
  used: number;
  /** First moment of the window it was counted in; 0 for what is not counted by the month. */
  windowStart: number;
}

export interface Grant extends PlanFeatureState {
  source: EntitlementSource;
}

/** Everything that decides what an account may use at one moment. */
export interface Standing<Sold extends { features: readonly PlanFeatureState[] }> {
  access: AccessDecision;
  /** What the plan in force and its add-ons grant, by feature. */
  grants: ReadonlyMap<string, Grant>;
  /** Every feature of the catalogue. */
  features: readonly FeatureState[];
  window: UsageWindow;
  counters: ReadonlyMap<string, CounterState>;
  /** Plans that can be bought, cheapest first. */
  ladder: readonly Sold[];
}

/** What an account may use of one feature. */
export interface EntitlementState<Sold> {
  feature: FeatureState;
  granted: boolean;
  unlimited: boolean;
  /** Null without a limit and for what is not counted; 0 for what is counted and not granted. */
  limit: number | null;
  /** Null for what is not counted. */
  used: number | null;
  remaining: number | null;
  overBy: number | null;
  /** Null without a limit, or with one of 0. */
  usedPercent: number | null;
  softLimit: boolean;
  /** Null for what does not begin anew. */
  resetsAt: number | null;
  source: EntitlementSource;
  /** Why no more may be used; null when more may. */
  deniedReason: EntitlementDeniedReason | null;
  remedy: Remedy;
  unlockedBy: Sold | null;
}

/** What was used of it in the window that counts now. */
export function usedNow(counter: CounterState | undefined, kind: FeatureKind, { startsAt }: UsageWindow): number {
  if (!counter || (kind === FeatureKind.METERED && counter.windowStart < startsAt)) return 0;
  return counter.used;
}

type Limits = Pick<PlanFeatureState, 'limit' | 'soft'>;

const fits = ({ limit, soft }: Limits, total: number): boolean => limit === null || soft === true || total <= limit;

/** May `quantity` more of a feature be used? Pure: the same answer for the same standing. */
export function decideEntitlement<Sold extends { features: readonly PlanFeatureState[] }>(
  standing: Standing<Sold>,
  key: string,
  quantity = 1,
): EntitlementState<Sold> {
  const { access, window } = standing;
  const known = standing.features.find((feature) => feature.key === key);
  const feature = known ?? unknownFeature(key);
  const grant = standing.grants.get(key);
  const counted = isCounted(feature.kind);
  const used = counted ? usedNow(standing.counters.get(key), feature.kind, window) : null;
  const limit = counted ? (grant ? grant.limit : 0) : null;
  const total = (used ?? 0) + quantity;
  const deniedReason = known ? reasonOf(access, grant, counted ? total : 0) : EntitlementDeniedReason.FEATURE_UNKNOWN;
  const unlockedBy = deniedReason && known ? unlocking(standing, key, counted ? total : 0) : null;
  return {
    feature,
    granted: grant !== undefined && access.allowed,
    unlimited: grant !== undefined && access.allowed && limit === null,
    limit,
    used,
    ...shareOf(limit, used),
    softLimit: grant?.soft ?? false,
    resetsAt: feature.kind === FeatureKind.METERED ? window.endsAt : null,
    source: grant?.source ?? EntitlementSource.DEFAULT,
    deniedReason,
    remedy: remedyOf(access, deniedReason, unlockedBy !== null),
    unlockedBy,
  };
}

function shareOf(limit: number | null, used: number | null) {
  if (limit === null || used === null) return { remaining: null, overBy: null, usedPercent: null };
  return {
    remaining: Math.max(0, limit - used),
    overBy: Math.max(0, used - limit),
    usedPercent: limit === 0 ? null : (used * 100) / limit,
  };
}

function reasonOf(access: AccessDecision, grant: Grant | undefined, total: number): EntitlementDeniedReason | null {
  if (!access.allowed) return EntitlementDeniedReason.NO_ACCESS;
  if (!grant) return EntitlementDeniedReason.NOT_IN_PLAN;
  return fits(grant, total) ? null : EntitlementDeniedReason.LIMIT_REACHED;
}

/** The cheapest plan that would grant it; null while something else, such as a payment, is what helps. */
function unlocking<Sold extends { features: readonly PlanFeatureState[] }>(
  { access, ladder }: Standing<Sold>,
  key: string,
  total: number,
): Sold | null {
  if (access.level !== AccessLevel.FULL) return null;
  return ladder.find(({ features }) => features.some((one) => one.key === key && fits(one, total))) ?? null;
}

function remedyOf(access: AccessDecision, reason: EntitlementDeniedReason | null, unlockable: boolean): Remedy {
  if (reason === null || reason === EntitlementDeniedReason.FEATURE_UNKNOWN) return Remedy.NONE;
  if (access.level !== AccessLevel.FULL) return access.remedy;
  return unlockable ? Remedy.CHOOSE_PLAN : Remedy.CONTACT_SUPPORT;
}
