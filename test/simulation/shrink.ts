import type { Step } from './history.js';

/** The fewest steps that still fail, by leaving out ever smaller pieces; gives up at the limit of tries. */
export async function shrink(
  history: readonly Step[],
  fails: (history: readonly Step[]) => Promise<boolean>,
  tries = 120,
): Promise<Step[]> {
  let shortest = [...history];
  for (let piece = Math.ceil(shortest.length / 2); piece >= 1; piece = piece === 1 ? 0 : Math.ceil(piece / 2)) {
    for (let start = 0; start < shortest.length && tries > 0;) {
      const without = [...shortest.slice(0, start), ...shortest.slice(start + piece)];
      tries -= 1;
      if (without.length > 0 && (await fails(without))) shortest = without;
      else start += piece;
    }
  }
  return shortest;
}
