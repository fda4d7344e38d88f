import type { Random } from '../../src/ports.js';

/** Everything that a run leaves to chance; the same seed makes the same run. */
export interface Chance {
  /** At least 0, below 1. */
  fraction(): number;
  /** A whole number between both, both included. */
  whole(from: number, to: number): number;
  pick<Value>(from: readonly Value[]): Value;
  often(probability: number): boolean;
  /** A stream of its own, so that taking more from one leaves the others as they are. */
  fork(): Chance;
}

/** Mulberry32. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    fraction,
    whole: (from, to) => from + Math.floor(fraction() * (to - from + 1)),
    pick: <Value>(from: readonly Value[]) => from[Math.floor(fraction() * from.length)] as Value,
    often: (probability) => fraction() < probability,
    fork: () => createChance(Math.floor(fraction() * 4_294_967_296)),
  };
}

/** The gateway's port of chance. */
export function createSeededRandom(chance: Chance): Random {
  let count = 0;
  const digits = (length: number) => Array.from({ length }, () => chance.whole(0, 9)).join('');
  return {
    ulid: () => `01${String(++count).padStart(10, '0')}${digits(14)}`,
    uuid: () => `${digits(8)}-${digits(4)}-4${digits(3)}-8${digits(3)}-${digits(12)}`,
    fraction: () => chance.fraction(),
  };
}
