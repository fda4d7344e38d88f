/** What one round or one verb did to one thing; only the fields that differ. */
export interface Change {
  object:
    | 'account'
    | 'subscription'
    | 'invoice'
    | 'checkoutSession'
    | 'paymentMethod'
    | 'taxId'
    | 'plan'
    | 'access'
    | 'usage';
  id: string;
  /** Null when it was not there before. */
  before: Record<string, unknown> | null;
  /** Null when it is gone. */
  after: Record<string, unknown> | null;
  /** What stayed as it was, but is needed to tell what changed; left out where nothing is. */
  beside?: Record<string, unknown>;
}

const same = (left: unknown, right: unknown) => left === right || JSON.stringify(left) === JSON.stringify(right);

/** The change from one state to the next; null when they agree in every field of `after`. */
export function changeOf(
  object: Change['object'],
  id: string,
  before: object | null,
  after: object | null,
): Change | null {
  if (!before || !after) {
    return before === after ? null : { object, id, before: before && { ...before }, after: after && { ...after } };
  }
  const old = before as Record<string, unknown>;
  const fields = Object.entries(after).filter(([field, value]) => !same(old[field] ?? null, value ?? null));
  if (fields.length === 0) return null;
  return {
    object,
    id,
    before: Object.fromEntries(fields.map(([field]) => [field, old[field] ?? null])),
    after: Object.fromEntries(fields),
  };
}
