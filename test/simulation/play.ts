import type { Plan } from './history.js';
import { openLearnedStore, planOf, runSimulation } from './run.js';
import { shrink } from './shrink.js';
import type { Store } from './store.js';

/** Seeds from one on, each so many after the one before, until so many histories were played. */
export interface Share {
  from: number;
  step: number;
  histories: number;
}

export interface Played {
  histories: number;
  counts: [what: string, times: number][];
  /** Milliseconds. */
  longestDrift: number;
  /** Of a core. */
  cpuMs: number;
  /** A report of each seed that ended wrong. */
  wrong: string[];
}

const MOST_WRONG = 3;

export async function play({ from, step, histories }: Share): Promise<Played> {
  const before = process.cpuUsage();
  const store = await openLearnedStore();
  const counts = new Map<string, number>();
  const wrong: string[] = [];
  let [played, longestDrift] = [0, 0];
  for (let seed = from; played < histories && wrong.length < MOST_WRONG; seed += step) {
    const end = await runSimulation(store, { seed });
    longestDrift = Math.max(longestDrift, end.longestDrift);
    for (const [what, times] of end.counts) counts.set(what, (counts.get(what) ?? 0) + times);
    if (end.violations.length > 0) wrong.push(await report(store, seed, end.violations));
    played += planOf(seed).customers;
  }
  await store.close();
  const { user, system } = process.cpuUsage(before);
  const cpuMs = (user + system) / 1000;
  return { histories: played, counts: [...counts], longestDrift, cpuMs, wrong };
}

async function report(store: Store, seed: number, violations: readonly string[]): Promise<string> {
  const { customers, steps } = planOf(seed);
  const fails = async (some: Plan['steps']) =>
    (await runSimulation(store, { seed, plan: { customers, steps: some } })).violations.length > 0;
  const fewest = await shrink(steps, fails);
  return [
    `Seed ${seed} ends wrong:`,
    ...violations.slice(0, 5),
    `So do these ${fewest.length} of its steps:`,
    ...fewest.map(
      ({ at, change, customer, subscription }) => `${at} ms: ${change} (cus_${customer} sub_${subscription})`,
    ),
    `SIM_SEED=${seed} npx jest test/simulation/simulation`,
  ].join('\n  ');
}
