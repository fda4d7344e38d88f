import { cyclesIn, type Dependency, reaches } from './dependencies.js';

/** What one transaction did to lists: it read one whole, or put a value behind its end. No value is appended twice. */
export type Operation = { key: string; found: readonly number[] } | { key: string; appended: number };

export interface Recorded {
  operations: readonly Operation[];
  committed: boolean;
}

/** Adya's names where he has one. */
export type AnomalyKind =
  'G0' | 'G1a' | 'G1b' | 'G1c' | 'G-single' | 'G2-item' | 'lost update' | 'duplicate' | 'contradiction' | 'internal';

export interface Anomaly {
  kind: AnomalyKind;
  what: string;
}

/**
 * Everything in a history that no order of its transactions, one after the other, could have brought about: as Elle does
 * it (Kingsbury and Alvaro, 2020), from the lists alone, whose values tell in which order they were appended and by whom.
 * The history must end with a read of every list.
 */
export function findAnomalies(history: readonly Recorded[]): Anomaly[] {
  const appends = new Map<string, { by: number; last: boolean; committed: boolean }>();
  const nameOf = (key: string, value: number | undefined) => `${value} of ${key}`;
  history.forEach(({ operations, committed }, by) => {
    for (const one of operations) {
      if (!('appended' in one)) continue;
      const mine = operations.filter((other) => 'appended' in other && other.key === one.key);
      appends.set(nameOf(one.key, one.appended), { by, last: mine.at(-1) === one, committed });
    }
  });
  const anomalies: Anomaly[] = [];
  const note = (kind: AnomalyKind, what: string) => void anomalies.push({ kind, what });
  const orders = longestReads(history);

  history.forEach(({ operations, committed }, by) => {
    if (!committed) return;
    for (const { key, found } of reads(operations)) {
      const order = orders.get(key) ?? [];
      if (found.some((value, at) => value !== order[at])) note('contradiction', `${key} was ${found} and ${order}`);
      if (new Set(found).size < found.length) note('duplicate', `${key} was ${found}`);
      for (const value of found)
        if (appends.get(nameOf(key, value))?.committed === false)
          note('G1a', `${nameOf(key, value)} was read and rolled back`);
      const newest = appends.get(nameOf(key, found.at(-1)));
      if (newest && newest.by !== by && !newest.last)
        note('G1b', `${nameOf(key, found.at(-1))} was read and not yet all`);
    }
    if (!agreesWithItself(operations)) note('internal', `transaction ${by} did not see what it had done or seen`);
    for (const one of operations)
      if ('appended' in one && !orders.get(one.key)?.includes(one.appended))
        note('lost update', `${nameOf(one.key, one.appended)} was committed and is gone`);
  });

  const writer = (key: string, value: number | undefined) => appends.get(nameOf(key, value))?.by;
  const dependencies = dependenciesOf(history, orders, writer);
  for (const cycle of cyclesIn(history.length, dependencies)) note(classify(cycle), `transactions ${nodesOf(cycle)}`);
  return anomalies;
}

const reads = (operations: readonly Operation[]) =>
  operations.flatMap((one) => ('found' in one ? { key: one.key, found: one.found } : []));

function longestReads(history: readonly Recorded[]): Map<string, readonly number[]> {
  const longest = new Map<string, readonly number[]>();
  for (const { operations, committed } of history)
    for (const { key, found } of committed ? reads(operations) : [])
      if (found.length >= (longest.get(key)?.length ?? 0)) longest.set(key, found);
  return longest;
}

/** A transaction that was alone would find each list as it saw it before, and what it has appended since behind that. */
function agreesWithItself(operations: readonly Operation[]): boolean {
  const seen = new Map<string, readonly number[]>();
  const added = new Map<string, readonly number[]>();
  return operations.every((one) => {
    const mine = added.get(one.key) ?? [];
    if ('appended' in one) {
      added.set(one.key, [...mine, one.appended]);
      return true;
    }
    const before = seen.get(one.key) ?? one.found.slice(0, Math.max(0, one.found.length - mine.length));
    seen.set(one.key, before);
    return String([...before, ...mine]) === String(one.found);
  });
}

/** Who must have come before whom: by what one appended behind the other's, read of it, or read before it was there. */
function dependenciesOf(
  history: readonly Recorded[],
  orders: ReadonlyMap<string, readonly number[]>,
  writer: (key: string, value: number | undefined) => number | undefined,
): Dependency[] {
  const all: Dependency[] = [];
  const add = (from: number | undefined, to: number | undefined, by: Dependency['by']) => {
    if (from !== undefined && to !== undefined && from !== to) all.push({ from, to, by });
  };
  for (const [key, order] of orders)
    order.forEach((value, at) => at > 0 && add(writer(key, order[at - 1]), writer(key, value), 'ww'));
  history.forEach(({ operations, committed }, by) => {
    for (const { key, found } of committed ? reads(operations) : []) {
      add(writer(key, found.at(-1)), by, 'wr');
      add(by, writer(key, orders.get(key)?.[found.length]), 'rw');
    }
  });
  return all;
}

const nodesOf = (cycle: readonly Dependency[]) => [...new Set(cycle.map(({ from }) => from))].join(', ');

function classify(cycle: readonly Dependency[]): AnomalyKind {
  const without = (...left: Dependency['by'][]) => cycle.filter(({ by }) => !left.includes(by));
  const nodes = 1 + Math.max(...cycle.flatMap(({ from, to }) => [from, to]));
  if (cyclesIn(nodes, without('wr', 'rw')).length > 0) return 'G0';
  if (cyclesIn(nodes, without('rw')).length > 0) return 'G1c';
  const back = without('rw');
  return cycle.some(({ from, to, by }) => by === 'rw' && reaches(back, to, from)) ? 'G-single' : 'G2-item';
}
