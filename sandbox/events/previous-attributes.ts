type Fields = Record<string, unknown>;

/** What the changed fields held before: nested objects by changed key, arrays whole; null if nothing changed. */
export function previousAttributes(before: object, after: object): Fields | null {
  const previous: Fields = {};
  const old = before as Fields;
  const fresh = after as Fields;
  for (const key of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
    const was = old[key];
    const is = fresh[key];
    if (was === is || JSON.stringify(was) === JSON.stringify(is)) continue;
    const inner = isGroup(was) && isGroup(is) ? previousAttributes(was, is) : undefined;
    previous[key] = inner ?? was ?? null;
  }
  return Object.keys(previous).length === 0 ? null : previous;
}

function isGroup(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
