import fc from 'fast-check';
import { createInProcessHints } from '../../src/live/hints.js';
import { createHub, type Hub } from '../../src/live/hub.js';
import type { Hints } from '../../src/ports.js';
import { ACCOUNT, type Bench, startBench } from '../support/bench.js';
import { commitRevision } from '../support/commit-revision.js';
import { type Choose, everyOrder } from '../support/every-order.js';
import { watchingReads } from '../support/watched-reads.js';

/** Two take a minute: 16,630 orders. */
const CHANGES = Number(process.env.LIVE_CHANGES ?? 1);

type Step = () => unknown;

/** What can be done goes on in the order that is chosen, and as far as it gets, until nothing is left to do. */
async function playOut(ready: Step[], choose: Choose): Promise<void> {
  while (ready.length > 0) {
    const [step] = ready.splice(choose(ready.length), 1) as [Step];
    await step();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('whoever opens a stream while changes are committed and told', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.stop());

  /**
   * A stream is opened, so many changes are committed, and each is told some time after its commit; between any two of
   * these, and after each read of the account, anything else can come. Answers what the stream said in the end, less
   * the revision at the beginning. Nothing is ever re-read.
   */
  async function play(changes: number, choose: Choose, hintsOf: (hints: Hints, opened: () => boolean) => Hints) {
    const began = await bench.revision();
    const hints = createInProcessHints();
    const ready: Step[] = [];
    const told: number[] = [];
    const database = watchingReads(bench.database, () => new Promise<void>((go) => ready.push(go)));
    const heard = hintsOf(hints, () => told.length > 0);
    const hub: Hub = createHub({ database, hints: heard, timers: bench.time.timers, log: bench.log });
    hub.start();
    const open = () =>
      void (async () => {
        for await (const { revision } of hub.watchAccount(ACCOUNT)) told.push(revision - began);
      })();
    const commit = (left: number) => async () => {
      const revision = await commitRevision(bench);
      ready.push(() => hints.publish({ topic: ACCOUNT, revision }));
      if (left > 1) ready.push(commit(left - 1));
    };
    ready.push(open, commit(changes));
    await playOut(ready, choose);
    hub.stop();
    return told;
  }

  /** What the stream said, where it did not grow or did not end at the newest. */
  async function wrongIn(changes: number, choose: Choose): Promise<string | null> {
    const told = await play(changes, choose, (hints) => hints);
    const grows = told.every((revision, at) => at === 0 || revision > (told[at - 1] as number));
    return grows && told.at(-1) === changes ? null : told.join();
  }

  it('ends at the newest revision in every order, each shown once and none after a later one', async () => {
    const wrong = new Set<string>();
    const orders = await everyOrder(async (choose) => {
      const found = await wrongIn(CHANGES, choose);
      if (found !== null) wrong.add(found);
    });
    process.stdout.write(
      `${orders} orders of opening, reading, ${CHANGES} commits and their hints, ${wrong.size} end wrong\n`,
    );

    expect(orders).toBeGreaterThan(50);
    expect([...wrong]).toEqual([]);
  }, 600_000);

  it('does so in any order of three changes', async () => {
    const lots = fc.infiniteStream(fc.nat());
    const property = fc.asyncProperty(lots, async (lot) => {
      expect(await wrongIn(3, (of) => lot.next().value % of)).toBeNull();
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it('would miss one in some order if it began to listen after its first read', async () => {
    let missed = 0;
    const late = (hints: Hints, opened: () => boolean): Hints => ({
      ...hints,
      subscribe: (listener) => hints.subscribe((hint) => opened() && listener(hint)),
    });
    await everyOrder(async (choose) => void ((await play(1, choose, late)).at(-1) !== 1 && (missed += 1)));

    expect(missed).toBeGreaterThan(0);
  });
});
