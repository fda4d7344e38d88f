type Fields = Record<string, unknown>;

/** What the changed fields held before: nested objects by changed key, arrays whole; null if nothing changed. */
export function previousAttributes(before: object, after: object): Fields | null {
  const previous: Fields = {};
  const old = before as Fields;
  const fresh = after as Fields;
  for (const key in { ...old, ...fresh }) {
    const was = old[key];
    const is = fresh[key];
    if (same(was, is)) continue;
    const inner = isGroup(was) && isGroup(is) ? previousAttributes(was, is) : undefined;
    previous[key] = inner ?? was ?? null;
  }
  return Object.keys(previous).length === 0 ? null : previous;
}

function isGroup(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => same((one as Fields)[key], (other as Fields)[key]));
}
