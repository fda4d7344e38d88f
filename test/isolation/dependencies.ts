/** `to` can only have come after `from`: it wrote over it (ww), read it (wr), or wrote over what it had read (rw). */
export interface Dependency {
  from: number;
  to: number;
  by: 'ww' | 'wr' | 'rw';
}

/** Visits all that can be reached from a node and was not seen before; `left` hears of each when its own are done. */
function walk(start: number, next: ReadonlyMap<number, number[]>, seen: Set<number>, left: (node: number) => void) {
  const path: { node: number; at: number }[] = [];
  const enter = (node: number) => {
    seen.add(node);
    path.push({ node, at: 0 });
  };
  if (!seen.has(start)) enter(start);
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const to = next.get(top.node)?.[top.at++];
    if (to === undefined) left(path.pop()?.node ?? 0);
    else if (!seen.has(to)) enter(to);
  }
}

function neighbours(dependencies: readonly Dependency[], from: 'from' | 'to', to: 'from' | 'to') {
  const next = new Map<number, number[]>();
  for (const one of dependencies) {
    const known = next.get(one[from]);
    if (known) known.push(one[to]);
    else next.set(one[from], [one[to]]);
  }
  return next;
}

export function reaches(dependencies: readonly Dependency[], start: number, end: number): boolean {
  const seen = new Set<number>();
  walk(start, neighbours(dependencies, 'from', 'to'), seen, () => {});
  return seen.has(end);
}

/** The dependencies that lie on cycles, those of nodes that reach each other together (Kosaraju's way). */
export function cyclesIn(nodes: number, dependencies: readonly Dependency[]): Dependency[][] {
  const order: number[] = [];
  const seen = new Set<number>();
  const onwards = neighbours(dependencies, 'from', 'to');
  for (let node = 0; node < nodes; node++) walk(node, onwards, seen, (done) => order.push(done));
  const back = neighbours(dependencies, 'to', 'from');
  const knotOf = new Map<number, number>();
  const reached = new Set<number>();
  for (const node of order.reverse()) walk(node, back, reached, (member) => knotOf.set(member, node));
  const knots = new Map<number | undefined, Dependency[]>();
  for (const one of dependencies) {
    const knot = knotOf.get(one.from);
    if (knot === knotOf.get(one.to)) knots.set(knot, [...(knots.get(knot) ?? []), one]);
  }
  return [...knots.values()];
}
