import { createHub, type AccountPush, type Hub } from '../../src/live/hub.js';
import { createInProcessHints } from '../../src/live/hints.js';
import { cursorAt, markOf } from '../../src/live/cursor.js';
import type { Database } from '../../src/database/database.js';
import type { Hints } from '../../src/ports.js';
import { readHashAt } from '../../src/history/audit.js';
import { ACCOUNT, type Bench, startBench } from '../support/bench.js';
import { commitRevision } from '../support/commit-revision.js';
import { watchingReads } from '../support/watched-reads.js';

describe('the hub', () => {
  let bench: Bench;
  let hub: Hub;
  let hints: Hints;
  beforeEach(async () => {
    bench = await startBench();
    hints = createInProcessHints();
    hub = hubOn(bench.database);
  });
  afterEach(async () => {
    hub.stop();
    await bench.stop();
  });

  function hubOn(database: Database): Hub {
    const made = createHub({ database, hints, timers: bench.time.timers, log: bench.log });
    made.start();
    return made;
  }
  const hint = (revision: number) => hints.publish({ topic: ACCOUNT, revision });
  const commit = () => commitRevision(bench);
  const change = async () => hint(await commit());
  /** What a reader holds who has seen that revision. */
  const cursorOf = async (revision: number) =>
    cursorAt({ revision, mark: markOf(ACCOUNT, await readHashAt(bench.database.read, ACCOUNT, revision)) });
  async function next(stream: AsyncIterator<AccountPush>): Promise<AccountPush> {
    const { value, done } = await stream.next();
    if (done) throw new Error('The stream has ended.');
    return value as AccountPush;
  }
  const shape = ({ kind, revision, entries, skipped }: AccountPush) => ({
    kind,
    revision,
    entries: entries.length,
    skipped,
  });

  it('begins with the state now and goes on with every newer one', async () => {
    const stream = hub.watchAccount(ACCOUNT);
    expect(shape(await next(stream))).toEqual({ kind: 'SNAPSHOT', revision: 0, entries: 0, skipped: 0 });
    await change();
    const pushed = await next(stream);

    expect(shape(pushed)).toEqual({ kind: 'CHANGED', revision: 1, entries: 1, skipped: 0 });
    expect(pushed).toMatchObject({ at: 1_000, cursor: await cursorOf(1), account: { id: ACCOUNT, revision: 1 } });
  });

  it.each<[string, number, number, object | null]>([
    ['a cursor of now', 3, 3, null],
    ['an older cursor', 3, 1, { kind: 'CHANGED', revision: 3, entries: 2, skipped: 0 }],
    ['a cursor of the very beginning', 3, 0, { kind: 'CHANGED', revision: 3, entries: 3, skipped: 0 }],
    ['a cursor of long ago', 25, 1, { kind: 'CHANGED', revision: 25, entries: 20, skipped: 4 }],
    ['a cursor from the future', 3, 9, { kind: 'RESYNC', revision: 3, entries: 0, skipped: 0 }],
  ])('with %s sends what happened since, and nothing twice', async (_what, revisions, cursor, expected) => {
    for (let n = 0; n < revisions; n++) await commit();
    const stream = hub.watchAccount(ACCOUNT, await cursorOf(cursor));
    const first = next(stream);
    if (expected) expect(shape(await first)).toEqual(expected);
    else await Promise.race([first, bench.database.read.rows('SELECT 1 AS one')]);
    const following = expected ? next(stream) : first;
    await change();

    expect(shape(await following)).toEqual({ kind: 'CHANGED', revision: revisions + 1, entries: 1, skipped: 0 });
  });

  it('with a cursor that is none begins anew', async () => {
    expect((await next(hub.watchAccount(ACCOUNT, 'not a cursor'))).kind).toBe('RESYNC');
  });

  it.each<[string, number, string, string | null]>([
    ['another account', 0, 'acc_2', null],
    ['another account', 2, 'acc_2', 'ab'],
    ['what a restored backup has undone', 2, ACCOUNT, 'ab'],
    ['what a restored backup has undone', 3, ACCOUNT, 'ab'],
  ])('with a cursor of %s at revision %i begins anew', async (_what, revision, account, hash) => {
    for (let n = 0; n < 3; n++) await commit();
    const stream = hub.watchAccount(ACCOUNT, cursorAt({ revision, mark: markOf(account, hash) }));

    expect(shape(await next(stream))).toEqual({ kind: 'RESYNC', revision: 3, entries: 0, skipped: 0 });
  });

  it('holds one message for a slow reader: the newest, with all entries since her last', async () => {
    const [slow, quick] = [hub.watchAccount(ACCOUNT), hub.watchAccount(ACCOUNT)];
    await next(slow);
    await next(quick);
    for (let n = 1; n <= 25; n++) {
      await change();
      expect((await next(quick)).revision).toBe(n);
    }
    expect(shape(await next(slow))).toEqual({ kind: 'CHANGED', revision: 25, entries: 20, skipped: 5 });
  });

  it('drops a late hint: revisions only grow', async () => {
    const stream = hub.watchAccount(ACCOUNT);
    await next(stream);
    await change();
    await change();
    const pushed = await next(stream);
    hint(1);
    const after = next(stream);
    await change();

    const revisions = [pushed.revision, (await after).revision];
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
    expect(revisions[1]).toBe(3);
  });

  it('misses no commit that falls between registering and reading, nor one during the reading', async () => {
    for (const moment of [1, 2, 3, 4]) {
      let reads = 0;
      const before = await bench.revision();
      const slow = hubOn(
        watchingReads(bench.database, async () => {
          if (++reads === moment) await change();
        }),
      );
      const stream = slow.watchAccount(ACCOUNT);
      let newest = (await next(stream)).revision;
      if (reads < moment) hint(before);
      while (newest <= before) newest = (await next(stream)).revision;
      expect(newest).toBe(before + 1);
      slow.stop();
    }
  });

  it('misses no hint that comes in the very moment in which a load ends', async () => {
    for (let ticks = 0; ticks < 40; ticks++) {
      let reads = 0;
      const hintLater = async (revision: number) => {
        for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
        hint(revision);
      };
      const slow = hubOn(
        watchingReads(bench.database, async () => {
          // The load that the first hint sets off has just read for the last time when the next commit comes.
          if (++reads === 4) void hintLater(await commit());
        }),
      );
      const stream = slow.watchAccount(ACCOUNT);
      await next(stream);
      await change();
      const newest = (await next(stream)).revision + 1;

      expect([ticks, (await next(stream)).revision]).toEqual([ticks, newest]);
      slow.stop();
    }
  });

  it('finds what no hint told with its re-read a second later', async () => {
    const stream = hub.watchAccount(ACCOUNT);
    await next(stream);
    await change();
    await next(stream);
    await commit();
    const following = next(stream);
    bench.time.advance(1_000);

    expect((await following).revision).toBe(2);
  });

  it('finds with its re-read also what was lost before the first hint ever', async () => {
    const stream = hub.watchAccount(ACCOUNT);
    await next(stream);
    await commit();
    const following = next(stream);
    bench.time.advance(1_000);

    expect((await following).revision).toBe(1);
  });

  it('gives the readers of one account one snapshot, and those of others nothing', async () => {
    await bench.database.run(
      "INSERT INTO accounts (id, external_id, revision, plan_key, created_at) VALUES ('acc_2', 'b', 0, 'free', 0)",
    );
    const [one, two, other] = [hub.watchAccount(ACCOUNT), hub.watchAccount(ACCOUNT), hub.watchAccount('acc_2')];
    for (const stream of [one, two, other]) await next(stream);
    const quiet = other.next();
    await change();
    const [first, second] = [await next(one), await next(two)];

    expect(first.loaders).toBe(second.loaders);
    hub.stop();
    expect(await quiet).toMatchObject({ done: true });
  });

  it('ends a waiting reader when she leaves, and forgets her', async () => {
    const stream = hub.watchAccount(ACCOUNT);
    await next(stream);
    const waiting = stream.next();
    expect(hub.watchers).toBe(1);
    await stream.return?.();

    expect(await waiting).toMatchObject({ done: true });
    expect(hub.watchers).toBe(0);
  });

  it('forgets a reader who left before she read', async () => {
    const stream = hub.watchAccount(ACCOUNT);
    await stream.return?.();

    expect(hub.watchers).toBe(0);
  });

  it('ends every reader when it stops', async () => {
    const streams = [hub.watchAccount(ACCOUNT), hub.watchAccount(ACCOUNT)];
    for (const stream of streams) await next(stream);
    const waiting = streams.map((stream) => stream.next());
    hub.stop();

    for (const end of await Promise.all(waiting)) expect(end.done).toBe(true);
    expect(hub.watchers).toBe(0);
  });

  it('refuses an account that does not exist, and forgets the reader', async () => {
    await expect(hub.watchAccount('acc_nobody').next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(hub.watchers).toBe(0);
  });
});
