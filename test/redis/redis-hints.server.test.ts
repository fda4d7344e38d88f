import { createSystemRandom, systemTimers } from '../../src/clock/system-clock.js';
import { createHub, type AccountPush, type Hub } from '../../src/live/hub.js';
import { InboxWatch } from '../../src/live/inbox-watch.js';
import { createRedisHints } from '../../src/live/redis-hints.js';
import { openRedis } from '../../src/redis/open-redis.js';
import type { Hint, Hints, SharedRedis } from '../../src/ports.js';
import { type OpenedDatabase } from '../support/database.js';
import { openMigratedDatabase } from '../support/migrated-database.js';
import { eventually } from '../support/eventually.js';
import { createManualTime, type ManualTime } from '../support/manual-time.js';
import { PATIENT_WITH_REDIS_MS } from '../support/patience.js';
import { type Proxy, startProxy } from '../support/proxy.js';
import { createRecordedLog } from '../support/recorded-log.js';
import { redisAddress } from '../support/redis.js';

const random = createSystemRandom();

/** One gateway as far as live updates go; its timers stand still, so nothing is re-read unless a test says so. */
interface Side {
  redis: SharedRedis;
  hints: Hints;
  hub: Hub;
  time: ManualTime;
  /** Time of its connections to Redis. */
  pings: ManualTime;
}

describe('hints over Redis', () => {
  let opened: OpenedDatabase;
  let proxy: Proxy;
  const log = createRecordedLog();
  const sides: Side[] = [];
  beforeAll(async () => {
    opened = await openMigratedDatabase();
    await opened.database.run(
      "INSERT INTO accounts (id, external_id, revision, plan_key, created_at) VALUES ('acc_1', 'acme', 0, 'free', 0)",
    );
  });
  beforeEach(async () => {
    proxy = await startProxy(redisAddress);
    log.lines.length = 0;
  });
  afterEach(async () => {
    for (const { hub, hints, redis } of sides.splice(0)) {
      hub.stop();
      await hints.close();
      await redis.close();
    }
    await proxy.close();
  });
  afterAll(() => opened.close());

  async function side(databaseUrl = opened.url): Promise<Side> {
    const redisUrl = `redis://127.0.0.1:${proxy.port}`;
    const pings = createManualTime();
    const redis = await openRedis(
      { redisUrl, databaseUrl, answerMs: PATIENT_WITH_REDIS_MS },
      { random, timers: pings.timers, log },
    );
    const hints = createRedisHints(redis, random);
    const time = createManualTime();
    const hub = createHub({ database: opened.database, hints, timers: time.timers, log });
    hub.start();
    const made = { redis, hints, hub, time, pings };
    sides.push(made);
    return made;
  }
  /** Sides that hear each other: a hint of the first has reached every other one. */
  async function joined(count: number): Promise<Side[]> {
    const all: Side[] = [];
    for (let at = 0; at < count; at++) all.push(await side());
    for (const other of all.slice(1)) await hears(all[0] as Side, other);
    return all;
  }
  async function hears(from: Side, to: Side): Promise<void> {
    let heard = false;
    const stop = to.hints.subscribe(({ topic }) => (heard ||= topic === 'probe'));
    while (!heard) {
      from.hints.publish({ topic: 'probe', revision: 0 });
      await systemTimers.sleep(5);
    }
    stop();
  }
  const commit = () => opened.database.run("UPDATE accounts SET revision = revision + 1 WHERE id = 'acc_1'");
  const revision = async () =>
    Number((await opened.database.read.rows<{ revision: number }>('SELECT revision FROM accounts'))[0]?.revision);
  async function next(stream: AsyncIterator<AccountPush>): Promise<number> {
    const { value } = await stream.next();
    return (value as AccountPush).revision;
  }

  it('let one gateway push at once what another has changed', async () => {
    const [here, there] = (await joined(2)) as [Side, Side];
    const stream = there.hub.watchAccount('acc_1');
    await next(stream);
    const pushed = next(stream);
    await commit();
    here.hints.publish({ topic: 'acc_1', revision: await revision() });

    expect(await pushed).toBe(await revision());
  });

  it('let the tail of the inbox be read where another gateway has finished events', async () => {
    const [here, there] = (await joined(2)) as [Side, Side];
    const watch = new InboxWatch({ hints: there.hints, timers: there.time.timers, log });
    watch.start();
    const rung = watch.watch().next();
    here.hints.publish({ topic: 'acc_1', revision: 1 });
    await hears(here, there);
    there.time.advance(100);

    expect(await rung).toEqual({ value: true, done: false });
    watch.stop();
  });

  it('go to those whose addresses of the database differ in who logs in or in the port that is the default alone', async () => {
    const prefixOf = async (databaseUrl: string) => (await side(databaseUrl)).redis.prefix;
    const [plain, ...others] = await Promise.all(
      ['mariadb://db/billing', 'mariadb://me:secret@db:3306/billing', 'mariadb://db:3307/billing'].map(prefixOf),
    );

    expect(others[0]).toBe(plain);
    expect(others[1]).not.toBe(plain);
  });

  it('come once to the process that gave them, and once to each other', async () => {
    const [here, there] = (await joined(2)) as [Side, Side];
    const [own, others]: [Hint[], Hint[]] = [[], []];
    here.hints.subscribe((hint) => void own.push(hint));
    there.hints.subscribe((hint) => void others.push(hint));
    here.hints.publish({ topic: 'acc_1', revision: 7 });
    await hears(here, there);
    await hears(there, here);

    const about = (hints: Hint[]) => hints.filter(({ topic }) => topic !== 'probe');
    expect([about(own), about(others)]).toEqual([[{ topic: 'acc_1', revision: 7 }], [{ topic: 'acc_1', revision: 7 }]]);
  });

  it('stay among the gateways of one database', async () => {
    const [here, there] = (await joined(2)) as [Side, Side];
    const [stranger, friend] = [await side('mariadb://db/other'), await side('mariadb://db/other')];
    await hears(friend, stranger);
    const heard: Hint[] = [];
    stranger.hints.subscribe((hint) => void heard.push(hint));
    here.hints.publish({ topic: 'acc_1', revision: 7 });
    await hears(here, there);
    await hears(friend, stranger);

    expect(heard.filter(({ topic }) => topic !== 'probe')).toEqual([]);
  });

  it('may be anything that somebody else has written there', async () => {
    const [here, there] = (await joined(2)) as [Side, Side];
    for (const text of ['', '{', 'null', '[]', '{"topic":1}', '"x"'])
      await here.redis.commands.publish(`${here.redis.prefix}:hints`, text);

    await hears(here, there);
  });

  it('are not needed: while Redis is cut off the re-read finds what was changed', async () => {
    const [here, there] = (await joined(2)) as [Side, Side];
    const stream = there.hub.watchAccount('acc_1');
    await next(stream);
    proxy.freeze();
    const pushed = next(stream);
    await commit();
    here.hints.publish({ topic: 'acc_1', revision: await revision() });
    there.time.advance(15_000);

    expect(await pushed).toBe(await revision());
  });

  it('are heard again soon after a connection has gone silent without an end', async () => {
    const [here, there] = (await joined(2)) as [Side, Side];
    proxy.strand();
    there.pings.advance(2_000);

    await hears(here, there);
  });

  it('that were lost are made up for when Redis is back, without waiting for the re-read', async () => {
    const [here, there] = (await joined(2)) as [Side, Side];
    const stream = there.hub.watchAccount('acc_1');
    await next(stream);
    const pushed = next(stream);
    proxy.freeze();
    proxy.cut();
    await commit();
    here.hints.publish({ topic: 'acc_1', revision: await revision() });
    proxy.pass();

    expect(await pushed).toBe(await revision());
    await hears(here, there);
    const told = (words: string) => log.lines.filter(({ message }) => message.startsWith(words));
    // Each side has its own connection, and either may be the last to be back.
    await eventually(
      () => Promise.resolve(told('Redis is back').length),
      (back) => back === 2,
    );
    expect(told('Redis is away')).toHaveLength(2);
  });
});
