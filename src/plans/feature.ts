import { FeatureKind, type PlanFeatureState } from './plan.js';
import type { FeatureTexts } from './rules.js';

/** Something a plan can grant. */
export interface FeatureState {
  /** `feat_<key>`. */
  id: string;
  key: string;
  name: string;
  description: string | null;
  kind: FeatureKind;
  /** Singular name of what is counted; null where nothing is. */
  unit: string | null;
}

/** A feature as granted by one plan. */
export interface GrantedFeature {
  feature: FeatureState;
  included: boolean;
  /** Null means unlimited when included. */
  limit: number | null;
  /** Ready-to-show cell text. */
  label: string;
}

interface Grants {
  features: readonly PlanFeatureState[];
}

/** Every feature that anything grants, in the order of its first mention. */
export function featuresOf(grants: readonly Grants[], texts: ReadonlyMap<string, FeatureTexts>): FeatureState[] {
  const found = new Map<string, FeatureState>();
  for (const { key, kind } of grants.flatMap(({ features }) => features)) {
    if (!found.has(key)) found.set(key, toFeature(key, kind, texts.get(key)));
  }
  return [...found.values()];
}

function toFeature(key: string, kind: FeatureKind, texts: FeatureTexts | undefined): FeatureState {
  return {
    id: `feat_${key}`,
    key,
    name: texts?.name ?? nameOf(key),
    description: texts?.description ?? null,
    kind,
    unit: texts?.unit ?? null,
  };
}

/** `members-per-team` reads as "Members per team". */
function nameOf(key: string): string {
  const words = key.replaceAll(/[-_]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The whole column of a plan in a table of features: what it grants, and what only others do. */
export function columnOf({ features }: Grants, all: readonly FeatureState[]): GrantedFeature[] {
  const own = new Map(features.map((granted) => [granted.key, granted]));
  return all.map((feature) => {
    const granted = own.get(feature.key);
    const limit = granted?.limit ?? null;
    return { feature, included: granted !== undefined, limit, label: labelOf(feature, granted) };
  });
}

function labelOf({ kind, unit }: FeatureState, granted: PlanFeatureState | undefined): string {
  if (!granted) return 'Not included';
  if (kind === FeatureKind.SWITCH) return 'Included';
  if (granted.limit === null) return 'Unlimited';
  const amount = new Intl.NumberFormat('en-US').format(granted.limit);
  return unit === null ? amount : `${amount} ${granted.limit === 1 ? unit : `${unit}s`}`;
}
