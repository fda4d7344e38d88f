/** What the operator says about the catalogue beside Stripe: settings and plans.yaml. */
export interface CatalogueRules {
  /** Rank by plan key or by the name of a tier, for tiers that are no numbers. */
  ranks: ReadonlyMap<string, number>;
  /** Plan or add-on key by price id: a fallback for prices that name themselves in no other way. */
  prices: ReadonlyMap<string, string>;
  /** Names, texts and units of features by key; a feature that is not here is named after its key. */
  features: ReadonlyMap<string, FeatureTexts>;
}

export interface FeatureTexts {
  name: string | null;
  description: string | null;
  unit: string | null;
}

export const NO_RULES: CatalogueRules = { ranks: new Map(), prices: new Map(), features: new Map() };

export const configuredName = ({ prices }: CatalogueRules, priceId: string): string | null =>
  prices.get(priceId) ?? null;
