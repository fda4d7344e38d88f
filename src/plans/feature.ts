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
  /** Use above the limit is counted instead of being refused. */
  softLimit: boolean;
  /** Ready-to-show cell text. */
  label: string;
}

interface Grants {
  features: readonly PlanFeatureState[];
}

/**
 * Every feature that anything grants, in the order of its first mention. What is a capability here and has a limit there is
 * counted everywhere, so that its limit holds.
 */
export function featuresOf(grants: readonly Grants[], texts: ReadonlyMap<string, FeatureTexts>): FeatureState[] {
  const found = new Map<string, FeatureState>();
  for (const { key, kind } of grants.flatMap(({ features }) => features)) {
    const held = found.get(key);
    if (!held || (isCounted(kind) && !isCounted(held.kind))) found.set(key, toFeature(key, kind, texts.get(key)));
  }
  return [...found.values()];
}

function toFeature(key: string, kind: FeatureKind, texts: FeatureTexts | undefined): FeatureState {
  return {
    id: `feat_${key}`,
    key,
    name: featureName(key, texts),
    description: texts?.description ?? null,
    kind,
    unit: texts?.unit ?? null,
  };
}

/** Its name in `plans.yaml`; without one `members-per-team` reads as "Members per team". */
export function featureName(key: string, texts: FeatureTexts | undefined): string {
  if (texts?.name) return texts.name;
  const words = key.replaceAll(/[-_]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The whole column of a plan in a table of features: what it grants, and what only others do. */
export function columnOf({ features }: Grants, all: readonly FeatureState[]): GrantedFeature[] {
  const own = new Map(features.map((granted) => [granted.key, granted]));
  return all.map((feature) => {
    const granted = own.get(feature.key);
    const [limit, softLimit] = [granted?.limit ?? null, granted?.soft ?? false];
    return { feature, included: granted !== undefined, limit, softLimit, label: labelOf(feature, granted) };
  });
}

function labelOf({ kind, unit }: FeatureState, granted: PlanFeatureState | undefined): string {
  if (!granted) return 'Not included';
  if (kind === FeatureKind.SWITCH) return 'Included';
  if (granted.limit === null) return 'Unlimited';
  const amount = new Intl.NumberFormat('en-US').format(granted.limit);
  const units = unit === null ? amount : `${amount} ${granted.limit === 1 ? unit : `${unit}s`}`;
  return kind === FeatureKind.METERED ? `${units} a month` : units;
}

/** Whether use of it is counted at all. */
export const isCounted = (kind: FeatureKind): boolean => kind === FeatureKind.LIMIT || kind === FeatureKind.METERED;

/** A feature that nothing in the catalogue grants, so that it can be told from one that this plan lacks. */
export const unknownFeature = (key: string): FeatureState => toFeature(key, FeatureKind.SWITCH, undefined);

/** What a plan grants with something on top, so many times: limits add up, and without a limit there is none. */
export function addGrants(
  plan: readonly PlanFeatureState[],
  extras: readonly { features: readonly PlanFeatureState[]; quantity: number }[],
): PlanFeatureState[] {
  const granted = new Map<string, PlanFeatureState>();
  for (const feature of plan)
    if (!granted.has(feature.key) || isCounted(feature.kind)) granted.set(feature.key, feature);
  for (const { features, quantity } of extras) {
    for (const feature of features) {
      const held = granted.get(feature.key) ?? { ...feature, limit: feature.limit === null ? null : 0 };
      const unlimited = held.limit === null || feature.limit === null;
      const limit = unlimited ? null : Number(held.limit) + Number(feature.limit) * quantity;
      granted.set(feature.key, { ...held, limit, ...(feature.soft && { soft: true as const }) });
    }
  }
  return [...granted.values()];
}

/** How a feature that is above its limit gets below it: what is counted by the month is not given back. */
export const untilFree = (metered: boolean, above: number): string =>
  `nothing new is let in until ${metered ? 'the new month' : `${above} are given back`}.`;
