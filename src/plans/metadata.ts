import { FREE_PLAN_KEY, FeatureKind, type PlanFeatureState, type SeatRange } from './plan.js';

/**
 * The contract of a product's metadata at Stripe: the only place that names its keys. Products whose `app` is not ours
 * belong to somebody else and are skipped without a word.
 */
export const METADATA = {
  app: 'app',
  /** `add_on` for what is bought on top of a plan; a plan when absent. */
  kind: 'kind',
  planId: 'plan_id',
  /** Key of an add-on; `plan_id` stands in for it. */
  addOnId: 'add_on_id',
  /** Plans that an add-on goes with, comma-separated; all when absent. */
  plans: 'plans',
  tier: 'tier',
  region: 'region',
  tenancy: 'tenancy',
  capabilities: 'capabilities',
  /** When somebody set the product up, in her own words: a note that is neither read nor written. */
  created: 'created',
  /** So many at a time. */
  limitPrefix: 'limit_',
  /** So much a month. */
  meteredPrefix: 'metered_',
  /** Features whose limit only warns, comma-separated. */
  softLimits: 'soft_limits',
  recommended: 'recommended',
  trialDays: 'trial_days',
  seatsMin: 'seats_min',
  seatsMax: 'seats_max',
  seatsStep: 'seats_step',
} as const;

/** Value of `app` on products that are plans or add-ons of this gateway. */
export const APP = 'billing';
export const ADD_ON = 'add_on';

export interface PlanMetadata {
  key: string;
  rank: number;
  free: boolean;
  region: string | null;
  tenancy: string | null;
  features: PlanFeatureState[];
}

export interface AddOnMetadata {
  key: string;
  /** Keys of the plans it goes with; null for all. */
  forPlans: string[] | null;
  features: PlanFeatureState[];
}

export interface MetadataProblem {
  field: string;
  reason: string;
}

type Metadata = Readonly<Record<string, string>>;

const KEY = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const UNLIMITED = new Set(['-1', 'infinity']);
/** Stripe gives no longer trials. */
const MOST_TRIAL_DAYS = 730;

export const isPlanKey = (text: string): boolean => KEY.test(text);
export const isAddOn = (metadata: Metadata): boolean => metadata[METADATA.kind] === ADD_ON;

/** The plan or add-on that metadata names, also where the rest of it cannot be read; null when it names none. */
export const claimedKey = (metadata: Metadata): string | null =>
  (isAddOn(metadata) ? metadata[METADATA.addOnId] : undefined) ?? metadata[METADATA.planId] ?? null;

/**
 * Reads a plan's metadata. Answers the plan it describes, or every problem by name. A tier that is no number takes its
 * rank from `ranks`, by plan key or by the tier's own name.
 */
export function readMetadata(
  metadata: Metadata,
  ranks: ReadonlyMap<string, number> = new Map(),
): { plan: PlanMetadata; problems: [] } | { plan: null; problems: MetadataProblem[] } {
  const problems: MetadataProblem[] = [];
  const kind = metadata[METADATA.kind];
  if (kind !== undefined && kind !== 'plan') {
    problems.push({ field: METADATA.kind, reason: `must be plan or ${ADD_ON}, found '${kind}'` });
  }
  const key = readKey(metadata, METADATA.planId, problems);
  const rank = readRank(metadata, key, ranks, problems);
  const features = readFeatures(metadata, problems);
  seatsOf(metadata, problems);
  trialDaysOf(metadata, problems);
  if (problems.length > 0) return { plan: null, problems };
  return {
    plan: {
      key,
      rank,
      free: key === FREE_PLAN_KEY,
      region: metadata[METADATA.region] ?? null,
      tenancy: metadata[METADATA.tenancy] ?? null,
      features,
    },
    problems: [],
  };
}

/** Reads an add-on's metadata. Answers the add-on it describes, or every problem by name. */
export function readAddOnMetadata(
  metadata: Metadata,
): { addOn: AddOnMetadata; problems: [] } | { addOn: null; problems: MetadataProblem[] } {
  const problems: MetadataProblem[] = [];
  const key = readKey(
    metadata,
    metadata[METADATA.addOnId] === undefined ? METADATA.planId : METADATA.addOnId,
    problems,
  );
  const plans = metadata[METADATA.plans] === undefined ? null : listOf(metadata[METADATA.plans]);
  const features = readFeatures(metadata, problems);
  seatsOf(metadata, problems);
  return problems.length > 0 ? { addOn: null, problems } : { addOn: { key, forPlans: plans, features }, problems: [] };
}

function readKey(metadata: Metadata, field: string, problems: MetadataProblem[]): string {
  const key = metadata[field] ?? '';
  if (!KEY.test(key)) problems.push({ field, reason: `must be a slug such as 'team', found '${key}'` });
  return key;
}

function readRank(
  metadata: Metadata,
  key: string,
  ranks: ReadonlyMap<string, number>,
  problems: MetadataProblem[],
): number {
  const tier = metadata[METADATA.tier] ?? '';
  if (/^\d{1,6}$/.test(tier)) return Number(tier);
  const listed = ranks.get(key) ?? ranks.get(tier);
  if (listed === undefined) problems.push({ field: METADATA.tier, reason: `must be a whole number, found '${tier}'` });
  return listed ?? 0;
}

const listOf = (text = ''): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

function readFeatures(metadata: Metadata, problems: MetadataProblem[]): PlanFeatureState[] {
  const switches = listOf(metadata[METADATA.capabilities]).map((key) => ({
    key,
    kind: FeatureKind.SWITCH,
    limit: null,
  }));
  return [...switches, ...readLimits(metadata, problems)];
}

const COUNTED = [
  [METADATA.limitPrefix, FeatureKind.LIMIT],
  [METADATA.meteredPrefix, FeatureKind.METERED],
] as const;

function readLimits(metadata: Metadata, problems: MetadataProblem[]): PlanFeatureState[] {
  const features = new Map<string, PlanFeatureState>();
  for (const [field, text] of Object.entries(metadata)) {
    const [prefix, kind] = COUNTED.find(([start]) => field.startsWith(start)) ?? [];
    if (!prefix) continue;
    const key = field.slice(prefix.length).replaceAll('_', '-');
    if (!UNLIMITED.has(text) && !(/^\d+$/.test(text) && Number.isSafeInteger(Number(text))))
      problems.push({ field, reason: `must be a whole number, -1 or infinity, found '${text}'` });
    else if (features.has(key)) problems.push({ field, reason: `'${key}' has a limit already; keep one of the two` });
    else features.set(key, { key, kind, limit: UNLIMITED.has(text) ? null : Number(text) });
  }
  for (const key of listOf(metadata[METADATA.softLimits]).map((word) => word.replaceAll('_', '-'))) {
    const feature = features.get(key);
    if (feature) features.set(key, { ...feature, soft: true });
    else problems.push({ field: METADATA.softLimits, reason: `names '${key}', which has no limit here` });
  }
  return [...features.values()];
}

/** Seats that can be bought; null when the product says nothing about them, so that any number goes. */
export function seatsOf(metadata: Metadata, problems: MetadataProblem[] = []): SeatRange | null {
  const read = (field: string): number | null => {
    const text = metadata[field];
    if (text === undefined) return null;
    if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
    problems.push({ field, reason: `must be a whole number from 1, found '${text}'` });
    return null;
  };
  const [min, max, step] = [read(METADATA.seatsMin), read(METADATA.seatsMax), read(METADATA.seatsStep)];
  if (min === null && max === null && step === null) return null;
  if (max !== null && max < (min ?? 1))
    problems.push({ field: METADATA.seatsMax, reason: `must not be below seats_min (${min ?? 1}), found '${max}'` });
  return { min: min ?? 1, max, step: step ?? 1 };
}

/** Days of free trial for an account that has not had one; null for none. */
export function trialDaysOf(metadata: Metadata, problems: MetadataProblem[] = []): number | null {
  const text = metadata[METADATA.trialDays];
  if (text === undefined || text === '0') return null;
  if (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= MOST_TRIAL_DAYS) return Number(text);
  problems.push({
    field: METADATA.trialDays,
    reason: `must be a number of days up to ${MOST_TRIAL_DAYS}, found '${text}'`,
  });
  return null;
}

export const isRecommended = (metadata: Metadata): boolean => metadata[METADATA.recommended] === 'true';
