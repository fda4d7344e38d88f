import { FREE_PLAN_KEY, FeatureKind, type PlanFeatureState } from './plan.js';

/**
 * The contract of a product's metadata at Stripe: the only place that names its keys. Products whose `app` is not ours
 * belong to somebody else and are skipped without a word.
 */
export const METADATA = {
  app: 'app',
  planId: 'plan_id',
  tier: 'tier',
  region: 'region',
  tenancy: 'tenancy',
  capabilities: 'capabilities',
  limitPrefix: 'limit_',
} as const;

/** Value of `app` on products that are plans of this gateway. */
export const APP = 'billing';

export interface PlanMetadata {
  key: string;
  rank: number;
  free: boolean;
  region: string | null;
  tenancy: string | null;
  features: PlanFeatureState[];
}

export interface MetadataProblem {
  field: string;
  reason: string;
}

const KEY = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const UNLIMITED = new Set(['-1', 'infinity']);

/** Reads a product's metadata. Answers the plan it describes, or every problem by name. */
export function readMetadata(
  metadata: Readonly<Record<string, string>>,
): { plan: PlanMetadata; problems: [] } | { plan: null; problems: MetadataProblem[] } {
  const problems: MetadataProblem[] = [];
  const key = metadata[METADATA.planId] ?? '';
  if (!KEY.test(key)) {
    problems.push({ field: METADATA.planId, reason: `must be a slug such as 'team', found '${key}'` });
  }
  const tier = metadata[METADATA.tier] ?? '';
  if (!/^\d{1,6}$/.test(tier))
    problems.push({ field: METADATA.tier, reason: `must be a whole number, found '${tier}'` });
  const features = [...readCapabilities(metadata), ...readLimits(metadata, problems)];
  if (problems.length > 0) return { plan: null, problems };
  return {
    plan: {
      key,
      rank: Number(tier),
      free: key === FREE_PLAN_KEY,
      region: metadata[METADATA.region] ?? null,
      tenancy: metadata[METADATA.tenancy] ?? null,
      features,
    },
    problems: [],
  };
}

function readCapabilities(metadata: Readonly<Record<string, string>>): PlanFeatureState[] {
  return (metadata[METADATA.capabilities] ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .map((key) => ({ key, kind: FeatureKind.SWITCH, limit: null }));
}

function readLimits(metadata: Readonly<Record<string, string>>, problems: MetadataProblem[]): PlanFeatureState[] {
  const features: PlanFeatureState[] = [];
  for (const [field, text] of Object.entries(metadata)) {
    if (!field.startsWith(METADATA.limitPrefix)) continue;
    if (!UNLIMITED.has(text) && !(/^\d+$/.test(text) && Number.isSafeInteger(Number(text)))) {
      problems.push({ field, reason: `must be a whole number, -1 or infinity, found '${text}'` });
      continue;
    }
    const key = field.slice(METADATA.limitPrefix.length).replaceAll('_', '-');
    features.push({ key, kind: FeatureKind.LIMIT, limit: UNLIMITED.has(text) ? null : Number(text) });
  }
  return features;
}
