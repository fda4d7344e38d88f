import { historyOf, runSimulation } from './run.js';
import type { Step } from './history.js';
import { shrink } from './shrink.js';
import { openStore, type Store } from './store.js';

/** `SIM_SEED=17 npx jest test/simulation` plays one seed; `SIM_RUNS=10000` plays many, from SIM_FROM on. */
const ONE = process.env.SIM_SEED === undefined ? null : Number(process.env.SIM_SEED);
const RUNS = Number(process.env.SIM_RUNS ?? 40);
const FROM = Number(process.env.SIM_FROM ?? 1);

/** What a run of this many seeds must have met; otherwise it proves nothing. */
const MET = [
  'ties',
  'duplicates',
  'stale reads',
  'suspect reads',
  'freezes',
  'leases stolen',
  'fences rejected',
  'streams opened',
  'crash in intake',
  'crash in claim',
  'crash in fetch',
  'crash in apply',
  'crash in applying',
  'crash in applied',
];

async function report(store: Store, seed: number, violations: readonly string[]): Promise<string> {
  const fails = async (history: readonly Step[]) =>
    (await runSimulation(store, { seed, history })).violations.length > 0;
  const history = await shrink(historyOf(seed), fails);
  const steps = history.map(
    ({ change, customer, subscription, wait }) => `+${wait} ms: ${change} (cus_${customer} sub_${subscription})`,
  );
  return [
    `Seed ${seed} ends wrong:`,
    ...violations.slice(0, 5),
    `So does the history of ${history.length} steps:`,
    ...steps,
    `SIM_SEED=${seed} npx jest test/simulation/simulation`,
  ].join('\n  ');
}

describe('the sync under everything that can go wrong', () => {
  let store: Store;
  beforeAll(async () => (store = await openStore()));
  afterAll(() => store.close());

  it('ends at what Stripe knows, whatever comes late, twice, out of order, old, or not at all', async () => {
    const seeds = ONE === null ? Array.from({ length: RUNS }, (_nothing, at) => FROM + at) : [ONE];
    const counts = new Map<string, number>();
    const wrong: string[] = [];
    const began = performance.now();
    for (const seed of seeds) {
      const end = await runSimulation(store, { seed });
      for (const [what, times] of end.counts) counts.set(what, (counts.get(what) ?? 0) + times);
      if (end.violations.length > 0 && wrong.push(await report(store, seed, end.violations)) >= 3) break;
    }
    const rate = (seeds.length * 1000) / (performance.now() - began);
    const met = [...counts].sort().map(([what, times]) => `${what} ${times}`);
    process.stdout.write(`${seeds.length} histories, ${rate.toFixed(1)} a second: ${met.join(', ')}\n`);
    expect(wrong.join('\n\n')).toBe('');
    if (seeds.length >= 40) expect(MET.filter((what) => !counts.has(what))).toEqual([]);
  }, 3_600_000);
});
