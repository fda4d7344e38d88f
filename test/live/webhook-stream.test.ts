import { createSystemRandom, systemTimers } from '../../src/clock/system-clock.js';
import { createInProcessHints } from '../../src/live/hints.js';
import { InboxWatch } from '../../src/live/inbox-watch.js';
import { type TailFilter, watchWebhooks, type WebhookPush } from '../../src/live/webhook-stream.js';
import type { Hints } from '../../src/ports.js';
import { createInbox, type EventState, type Inbox } from '../../src/webhooks/inbox.js';
import { replayEvents } from '../../src/webhooks/replay-events.js';
import { type OpenedDatabase } from '../support/database.js';
import { openMigratedDatabase } from '../support/migrated-database.js';
import { createManualTime, type ManualTime } from '../support/manual-time.js';
import { createRecordedLog } from '../support/recorded-log.js';

/** Enough for whoever got an answer to ask again. */
async function manyTurns(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const RING_MS = 100;
const RE_READ_MS = 1_000;
/** Long ago. */
const AT = 1_700_000_000_000;

describe('the tail of the inbox', () => {
  let opened: OpenedDatabase;
  let inbox: Inbox;
  let time: ManualTime;
  let hints: Hints;
  let inboxWatch: InboxWatch;
  beforeEach(async () => {
    opened = await openMigratedDatabase();
    inbox = createInbox(opened.database, systemTimers);
    time = createManualTime();
    hints = createInProcessHints();
    inboxWatch = new InboxWatch({ hints, timers: time.timers, log: createRecordedLog() });
    inboxWatch.start();
  });
  afterEach(async () => {
    inboxWatch.stop();
    await opened.close();
  });

  const store = (n: number, type = 'customer.updated', subject = 'cus_1') =>
    inbox.store({
      ...{ id: `evt_${String(n).padStart(4, '0')}`, type, created: AT / 1_000, apiVersion: null, livemode: false },
      ...{ subject, requestKey: null, body: Buffer.from('{}'), receivedAt: AT + n * 1_000, state: 'pending' },
    });
  const end = (n: number, state: EventState, finishedAt = AT) =>
    opened.database.run('UPDATE stripe_events SET state = ?, pending_at = NULL, finished_at = ? WHERE id = ?', [
      state,
      finishedAt,
      `evt_${String(n).padStart(4, '0')}`,
    ]);
  /** Takes it up again by hand. */
  const replay = (n: number) =>
    replayEvents(
      { database: opened.database, random: createSystemRandom() },
      [{ id: `evt_${String(n).padStart(4, '0')}`, subject: 'cus_1' }],
      { actor: 'cli', reason: null },
    );
  const watch = (filter: TailFilter = {}, after: string | null = null) =>
    watchWebhooks({ database: opened.database, inboxWatch }, { filter, first: 20, after });
  async function next(stream: AsyncIterator<WebhookPush>): Promise<WebhookPush> {
    const { value, done } = await stream.next();
    if (done) throw new Error('The stream has ended.');
    return value as WebhookPush;
  }
  /** What comes next, when something has rung meanwhile. */
  async function afterRing(stream: AsyncIterator<WebhookPush>): Promise<WebhookPush> {
    hints.publish({ topic: 'acc_1', revision: 1 });
    time.advance(RING_MS);
    return next(stream);
  }
  const shape = ({ kind, events, skipped, backlog }: WebhookPush) => ({
    kind,
    events: events.map(({ id, state }) => `${id} ${state}`),
    ...{ skipped, backlog },
  });

  it('begins with what there is, also with nothing', async () => {
    const empty = watch();
    expect(shape(await next(empty))).toEqual({ kind: 'SNAPSHOT', events: [], skipped: 0, backlog: 0 });
    await store(1);
    await store(2);
    await end(1, 'done');

    const events = ['evt_0002 pending', 'evt_0001 done'];
    expect(shape(await next(watch()))).toEqual({ kind: 'SNAPSHOT', events, skipped: 0, backlog: 1 });
  });

  it('goes on with what came in and what became of it, the states between left out', async () => {
    const stream = watch();
    await next(stream);
    await store(1);
    expect(shape(await afterRing(stream))).toMatchObject({ kind: 'CHANGED', events: ['evt_0001 pending'], backlog: 1 });
    await end(1, 'dead');
    await end(1, 'done');
    await store(2);

    const events = ['evt_0002 pending', 'evt_0001 done'];
    expect(shape(await afterRing(stream))).toEqual({ kind: 'CHANGED', events, skipped: 0, backlog: 1 });
  });

  it('makes many hints one look, and needs none: the re-read finds what was changed', async () => {
    const stream = watch();
    await next(stream);
    let looks = 0;
    const { rows } = opened.database.read;
    opened.database.read.rows = (...asked) => {
      looks += asked[0].includes('newest_pending') ? 1 : 0;
      return rows(...asked);
    };
    await store(1);
    for (let at = 0; at < 50; at++) hints.publish({ topic: 'acc_1', revision: at });
    time.advance(RING_MS);
    await next(stream);
    const pushed = next(stream);
    await store(2);
    await time.waitingFor(RE_READ_MS);
    time.advance(RE_READ_MS);

    expect(shape(await pushed)).toMatchObject({ events: ['evt_0002 pending'] });
    expect(looks).toBe(2);
    opened.database.read.rows = rows;
  });

  it('tells how many of a burst it does not list', async () => {
    await store(0);
    const stream = watch();
    await next(stream);
    await Promise.all(Array.from({ length: 250 }, (_event, at) => store(at + 1)));
    const { events, skipped, backlog } = await afterRing(stream);

    expect(events[0]?.id).toBe('evt_0250');
    expect({ listed: events.length, skipped, backlog }).toEqual({ listed: 20, skipped: 230, backlog: 251 });
  });

  it('follows to its end what newer ones have pushed out, and what was taken up again', async () => {
    await store(0);
    await store(1);
    await end(1, 'dead');
    const stream = watch();
    await next(stream);
    await Promise.all(Array.from({ length: 150 }, (_event, at) => store(at + 2)));
    await afterRing(stream);
    await Promise.all(Array.from({ length: 150 }, (_event, at) => end(at + 2, 'done')));
    await afterRing(stream);
    await end(0, 'done');
    expect(shape(await afterRing(stream)).events).toEqual(['evt_0000 done']);
    await replay(1);
    await end(1, 'done');

    expect(shape(await afterRing(stream)).events).toEqual(['evt_0001 done']);
  });

  it('is silent of older ones that come among the newest of their state again because others have left it', async () => {
    await Promise.all(Array.from({ length: 150 }, (_event, at) => store(at)));
    await Promise.all(Array.from({ length: 150 }, (_event, at) => end(at, 'done')));
    const stream = watch();
    await next(stream);
    await Promise.all([149, 148, 147].map((n) => end(n, 'dead')));

    expect(shape(await afterRing(stream))).toMatchObject({
      events: ['evt_0149 dead', 'evt_0148 dead', 'evt_0147 dead'],
      skipped: 0,
    });
  });

  it('tells of a replay that has ended as before between two looks, and behind a cursor too', async () => {
    await store(1);
    await end(1, 'done');
    await store(100);
    await end(100, 'done');
    const stream = watch();
    const { cursor } = await next(stream);
    await replay(1);
    await end(1, 'done');

    expect(shape(await afterRing(stream))).toMatchObject({ kind: 'CHANGED', events: ['evt_0001 done'], backlog: 0 });
    expect(shape(await next(watch({}, cursor))).events).toContain('evt_0001 done');
  });

  /** A system that has been in use: so many newer ones in the same state. */
  async function bury(n: number): Promise<void> {
    const others = Array.from({ length: 150 }, (_event, at) => n + 1 + at);
    await Promise.all(others.map((other) => store(other, 'customer.updated', 'cus_2')));
    await Promise.all(others.map((other) => end(other, 'done')));
  }

  it('tells of a replay of an event that is older than the newest of its state, and to its end', async () => {
    await store(1);
    await end(1, 'done');
    await bury(1);
    const stream = watch();
    const { cursor } = await next(stream);
    await replay(1);

    expect(shape(await afterRing(stream))).toMatchObject({ events: ['evt_0001 pending'], skipped: 0, backlog: 1 });
    await end(1, 'done');
    expect(shape(await afterRing(stream))).toMatchObject({ events: ['evt_0001 done'], skipped: 0, backlog: 0 });
    expect(shape(await next(watch({}, cursor)))).toMatchObject({
      kind: 'CHANGED',
      events: expect.arrayContaining(['evt_0001 done']) as unknown,
    });
  });

  it('counts what was replayed beyond what it lists', async () => {
    await bury(0);
    await bury(150);
    const stream = watch({ types: ['customer.updated'] });
    const all = watch();
    await Promise.all([next(stream), next(all)]);
    await Promise.all(Array.from({ length: 140 }, (_event, at) => replay(at + 1)));

    const told = await afterRing(stream);
    expect({ listed: told.events.length, skipped: told.skipped }).toEqual({ listed: 20, skipped: 120 });
    const toldOfAll = await next(all);
    expect({ listed: toldOfAll.events.length, skipped: toldOfAll.skipped }).toEqual({ listed: 20, skipped: 120 });
  });

  it('looks for what the filter wants beyond the newest of each state', async () => {
    await opened.database.run(
      "INSERT INTO accounts (id, external_id, revision, plan_key, created_at) VALUES ('acc_1', 'u_1', 0, 'free', 0)",
    );
    await opened.database.run("INSERT INTO stripe_customers (id, account_id) VALUES ('cus_1', 'acc_1')");
    await store(1, 'invoice.paid');
    await end(1, 'done');
    await store(2);
    await end(2, 'done');
    await bury(2);
    const filters = [{ account: 'u_1' }, { types: ['invoice.paid'] }, { states: ['done' as const], to: AT + 2_000 }];
    const streams = filters.map((filter) => watch(filter));

    expect((await Promise.all(streams.map(next))).map((one) => shape(one).events)).toEqual([
      ['evt_0002 done', 'evt_0001 done'],
      ['evt_0001 done'],
      ['evt_0001 done'],
    ]);
    await replay(1);
    expect(shape(await afterRing(streams[0] as AsyncIterator<WebhookPush>)).events).toEqual(['evt_0001 pending']);
    expect(shape(await next(streams[1] as AsyncIterator<WebhookPush>)).events).toEqual(['evt_0001 pending']);
  });

  it('with a filter tells what fits, and once more what no longer does', async () => {
    await store(1, 'invoice.paid');
    await store(2);
    await end(2, 'dead');
    const dead = watch({ states: ['dead'] });
    const paid = watch({ types: ['invoice.paid'] });
    const strangers = watch({ account: 'nobody' });

    expect((await Promise.all([dead, paid, strangers].map(next))).map((one) => shape(one).events)).toEqual([
      ['evt_0002 dead'],
      ['evt_0001 pending'],
      [],
    ]);
    await end(2, 'done');
    expect(shape(await afterRing(dead)).events).toEqual(['evt_0002 done']);
  });

  it('of a span of time tells what came in from its beginning on and before its end', async () => {
    for (const n of [1, 2, 3, 4]) await store(n);
    const stream = watch({ from: AT + 2_000, to: AT + 4_000 });
    const cursor = (await next(watch({ from: AT + 2_000 }))).cursor;

    expect(shape(await next(stream)).events).toEqual(['evt_0003 pending', 'evt_0002 pending']);
    expect(shape(await next(watch({ from: AT + 3_000 }, cursor))).kind).toBe('RESYNC');
  });

  it('goes on behind a cursor, and begins anew where it says nothing', async () => {
    await store(1);
    await end(1, 'done');
    const { cursor } = await next(watch());
    const asked: Promise<unknown>[] = [];
    const { rows } = opened.database.read;
    opened.database.read.rows = (sql, values) => {
      const answer = rows(sql, values) as Promise<never[]>;
      asked.push(answer);
      return answer;
    };
    const first = next(watch({}, cursor));
    for (let looked = -1; looked < asked.length; await manyTurns()) {
      looked = asked.length;
      await Promise.all(asked);
    }
    opened.database.read.rows = rows;
    await store(2);
    time.advance(RE_READ_MS);
    // Had something come before, it would be the first.
    expect(shape(await first)).toMatchObject({ kind: 'CHANGED', events: ['evt_0002 pending'] });

    expect(shape(await next(watch({}, cursor)))).toMatchObject({ kind: 'CHANGED', backlog: 1 });
    const useless = [watch({ types: ['a'] }, cursor), watch({}, 'nonsense'), watch({}, 'WyJhIl0')];
    expect((await Promise.all(useless.map(next))).map(({ kind }) => kind)).toEqual(['RESYNC', 'RESYNC', 'RESYNC']);
    await opened.database.run('DELETE FROM stripe_events');
    expect(shape(await next(watch({}, cursor)))).toMatchObject({ kind: 'RESYNC', events: [] });
  });

  it('ends with the gateway', async () => {
    const stream = watch();
    await next(stream);
    const ended = stream.next();
    inboxWatch.stop();

    expect(await ended).toEqual({ value: undefined, done: true });
  });
});
