/** Ids of the one customer that all others are copies of. */
export interface TemplateIds {
  customer: string;
  subscription: string;
}

const SUFFIX = 'copy';

/** Ids of the n-th copy. */
export const idsOf = (n: number, { customer, subscription }: TemplateIds): TemplateIds => ({
  customer: `${customer}${SUFFIX}${n}`,
  subscription: `${subscription}${SUFFIX}${n}`,
});

/** Which copy an id belongs to; undefined for an original. */
export function copyOf(id: string): number | undefined {
  const found = new RegExp(`${SUFFIX}(\\d+)$`).exec(id)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** An object's JSON as that of the n-th copy: what is hers gets ids of its own, what is sold stays. */
export const copied = (json: string, n: number, owner: string): string =>
  json.replace(/\b(cus|sub|si|in|il|pi|pm)_[A-Za-z0-9]+/g, `$&${SUFFIX}${n}`).replace(/\bacc_[A-Za-z0-9]+/g, owner);
