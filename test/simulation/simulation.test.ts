import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { PHASES } from './gate.js';
import { play, type Played, type Share } from './play.js';

/** `SIM_SEED=17 npx jest test/simulation` plays one seed; `SIM_HISTORIES=10000` plays many, from SIM_FROM on. */
const ONE = process.env.SIM_SEED === undefined ? null : Number(process.env.SIM_SEED);
const HISTORIES = Number(process.env.SIM_HISTORIES ?? 600);
const FROM = Number(process.env.SIM_FROM ?? 1);
/** Compiled: a third faster than what jest runs. */
const CHILD = join(__dirname, '../../dist/test/simulation/child.js');

/** What so many histories must have met; otherwise they prove nothing. */
const MET = [
  'ties',
  'duplicates',
  'stale reads',
  'suspect reads',
  'freezes',
  'clocks set back',
  'clocks set forward',
  'leases stolen',
  'fences rejected',
  'commit unknown, done',
  'commit unknown, undone',
  'write unknown, done',
  'write unknown, undone',
  'insert unknown, done',
  'insert unknown, undone',
  'events never delivered',
  'events found in the list',
  'changes without an event',
  'mutations answered APPLIED',
  'mutations answered SCHEDULED',
  'mutations answered PROCESSING',
  'mutations refused: CONFLICT',
  'mutations repeated',
  "Stripe's answers lost after the effect",
  'streams opened',
  'mails',
  ...PHASES.map((phase) => `crash in ${phase}`),
];

async function playInChild(share: Share): Promise<Played> {
  const child = fork(CHILD, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(
      `A process of the simulation ended with ${String(code)}; run \`npm run build\` if it was not found.`,
    );
  });
  child.send(share);
  const [played] = (await Promise.race([once(child, 'message'), exited])) as [Played];
  return played;
}

function playOnAllCores(): Promise<Played[]> {
  const step = availableParallelism();
  const histories = Math.ceil(HISTORIES / step);
  return Promise.all(Array.from({ length: step }, (_nothing, at) => playInChild({ from: FROM + at, step, histories })));
}

describe('the sync under everything that can go wrong', () => {
  it('ends at what Stripe knows, whatever comes late, twice, out of order, old, or not at all', async () => {
    const began = performance.now();
    const shares = ONE === null ? await playOnAllCores() : [await play({ from: ONE, step: 1, histories: 1 })];
    const counts = new Map<string, number>();
    for (const [what, times] of shares.flatMap((share) => share.counts))
      counts.set(what, (counts.get(what) ?? 0) + times);
    const histories = shares.reduce((sum, share) => sum + share.histories, 0);
    const rate = (histories * 1000) / (performance.now() - began);
    const cpuMs = shares.reduce((sum, share) => sum + share.cpuMs, 0) / histories;
    const drift = Math.max(...shares.map(({ longestDrift }) => longestDrift)) / 1000;
    const met = [...counts].sort().map(([what, times]) => `${what} ${times}`);
    process.stdout.write(
      `${histories} histories, ${rate.toFixed(1)} a second, ${cpuMs.toFixed(1)} ms of a core each: ${met.join(', ')}; ` +
        `what no delivery brought was repaired within ${drift.toFixed(0)} s\n`,
    );
    expect(shares.flatMap(({ wrong }) => wrong).join('\n\n')).toBe('');
    if (ONE === null) expect(MET.filter((what) => !counts.has(what))).toEqual([]);
  }, 3_600_000);
});
