/** What counts where two products claim the same plan or add-on. */
export interface Claim {
  productId: string | null;
  /** Null where nobody has looked since this is kept. */
  productCreatedAt: number | null;
  archived: boolean;
}

/**
 * Whether `one` sells what both claim. What is on sale goes before what is archived, then what was made first, so that
 * every gateway sells the same; an archived product takes nothing from anybody.
 */
export function goesBefore(one: Claim, other: Claim): boolean {
  if (one.archived || other.archived) return !one.archived;
  const [mine, theirs] = [one.productCreatedAt, other.productCreatedAt];
  if (mine === null || theirs === null) return false;
  return mine < theirs || (mine === theirs && (one.productId ?? '') < (other.productId ?? ''));
}
