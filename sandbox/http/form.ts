/** Parameters as they arrive: words, and groups of them by key or position. */
export type Raw = string | RawGroup;
export interface RawGroup {
  [key: string]: Raw;
}

export function emptyGroup(): RawGroup {
  return Object.create(null) as RawGroup;
}

/** Reads `a[b][0]=c`, `a%5Bb%5D=c` and `a[]=c` into groups. */
export function parseForm(text: string): RawGroup {
  const root = emptyGroup();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const cut = pair.indexOf('=');
    const name = decode(cut < 0 ? pair : pair.slice(0, cut));
    const value = cut < 0 ? '' : decode(pair.slice(cut + 1));
    place(root, keysOf(name), value);
  }
  return root;
}

/** The same groups from a JSON body, so that v2 paths share the parameter checks. Everything v2 takes in a body here is a string: `refuse` hears of what is not. */
export function groupFromJson(value: unknown, refuse: (name: string, found: unknown) => never, name = ''): Raw {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return refuse(name, value);
  const group = emptyGroup();
  for (const [key, inner] of Object.entries(value))
    group[key] = groupFromJson(inner, refuse, name === '' ? key : `${name}[${key}]`);
  return group;
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

function keysOf(name: string): string[] {
  const bracket = name.indexOf('[');
  if (bracket < 1) return [name];
  const inner = name.slice(bracket + 1).replace(/\]$/, '');
  return [name.slice(0, bracket), ...inner.split('][')];
}

function place(root: RawGroup, keys: string[], value: string): void {
  let group = root;
  keys.forEach((key, depth) => {
    const last = depth === keys.length - 1;
    const slot = key === '' ? nextSlot(group, keys, depth) : key;
    if (last) {
      group[slot] = value;
      return;
    }
    const inner = group[slot];
    if (inner === undefined || typeof inner === 'string') group[slot] = emptyGroup();
    group = group[slot] as RawGroup;
  });
}

/** `a[][b]=1&a[][c]=2` fills one entry until a key repeats, as Rack does. */
function nextSlot(group: RawGroup, keys: string[], depth: number): string {
  const length = Object.keys(group).length;
  const latest = group[String(length - 1)];
  const following = keys[depth + 1];
  if (following !== undefined && following !== '' && latest && typeof latest !== 'string' && !(following in latest)) {
    return String(length - 1);
  }
  return String(length);
}
