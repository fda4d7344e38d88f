import { monitorEventLoopDelay } from 'node:perf_hooks';
import { RUN_TIME } from '../../src/database/server-pool.js';
import { openDatabase } from '../../src/database/open-database.js';
import type { Database } from '../../src/database/database.js';
import { createFreshDatabase, databasePorts, type FreshDatabase, mariadbUrl } from '../support/database.js';
import { type Proxy, startProxy } from '../support/proxy.js';

describe('the connections to a server', () => {
  let fresh: FreshDatabase;
  let database: Database;
  beforeAll(async () => {
    fresh = await createFreshDatabase();
    database = await openDatabase(fresh.url, databasePorts);
  });
  afterAll(async () => {
    await database.close();
    await fresh.drop();
  });

  const onEvery = <Row>(sql: string) =>
    Promise.all(Array.from({ length: 10 }, () => database.read.rows<Row>(`${sql}, SLEEP(0.05)`)));

  it('read committed rows, in UTC, strictly and as utf8mb4, every one of them', async () => {
    const answers = await onEvery<Record<string, unknown>>(
      `SELECT CONNECTION_ID() AS id, @@tx_isolation AS isolation, @@time_zone AS zone, @@sql_mode AS mode,
        @@character_set_client AS charset, @@collation_connection AS collation, @@innodb_lock_wait_timeout AS wait`,
    );
    const rows = answers.flat();

    expect(new Set(rows.map(({ id }) => id)).size).toBe(10);
    for (const row of rows) {
      expect(row).toMatchObject({
        isolation: 'READ-COMMITTED',
        zone: '+00:00',
        charset: 'utf8mb4',
        collation: 'utf8mb4_bin',
        wait: RUN_TIME.lockWaitSeconds,
      });
      expect(String(row.mode)).toContain('STRICT_ALL_TABLES');
    }
  });

  it('are set anew on connections that replace lost ones', async () => {
    const [before] = await database.read.rows<{ id: number }>('SELECT CONNECTION_ID() AS id');
    await database.run(`KILL ${Number(before?.id)}`).catch(() => undefined);
    const after = await database.transaction(({ rows }) =>
      rows<{ id: number; isolation: string }>('SELECT CONNECTION_ID() AS id, @@tx_isolation AS isolation'),
    );

    expect(after[0]?.id).not.toBe(before?.id);
    expect(after[0]?.isolation).toBe('READ-COMMITTED');
  });

  it('tell the time of the server in milliseconds', async () => {
    const [before, now, after] = [Date.now(), await database.now(), Date.now()];

    expect(now).toBeGreaterThanOrEqual(before - 1_000);
    expect(now).toBeLessThanOrEqual(after + 1_000);
  });

  it('hand out big numbers as numbers inside the safe range', async () => {
    const [row] = await database.read.rows(
      'SELECT CAST(9007199254740991 AS SIGNED) AS largest, CAST(7 AS SIGNED) AS small',
    );

    expect(row).toEqual({ largest: 9007199254740991, small: 7 });
  });
});

const SAMPLED_MS = 10;
/** How late the event loop came to a timer at most, and in 99 of 100 cases, in milliseconds. */
const watchEventLoop = () => {
  const delay = monitorEventLoopDelay({ resolution: SAMPLED_MS });
  return {
    go: () => delay.enable(),
    pause: () => delay.disable(),
    text: () =>
      [delay.percentile(99), delay.max]
        .map((ns) => `${Math.max(0, ns / 1e6 - SAMPLED_MS).toFixed(0)} ms`)
        .join(', at most '),
  };
};

/** `REAL_SILENCES=500 npx jest test/database/server-pool` falls silent more often. */
const SILENCES = Number(process.env.REAL_SILENCES ?? 1);

describe('a connection that has gone silent', () => {
  let fresh: FreshDatabase;
  let proxy: Proxy;
  let database: Database;
  let silent = false;
  let passed: number[] = [];
  /** While nobody can answer, time-outs pass twenty times as fast. What answers has all its time. */
  const hasty = {
    ...databasePorts.timers,
    after: (ms: number, task: () => void) =>
      databasePorts.timers.after(silent ? ms / 20 : ms, () => {
        passed.push(ms);
        task();
      }),
  };
  const freeze = () => {
    [silent, passed] = [true, []];
    proxy.freeze();
  };
  const thaw = () => {
    silent = false;
    proxy.cut();
    proxy.pass();
  };
  beforeEach(async () => {
    fresh = await createFreshDatabase();
    const direct = new URL(fresh.url);
    proxy = await startProxy({ host: direct.hostname, port: Number(new URL(mariadbUrl).port || 3306) });
    direct.port = String(proxy.port);
    database = await openDatabase(direct.toString(), { ...databasePorts, timers: hasty });
  });
  afterEach(async () => {
    silent = false;
    proxy.pass();
    await database.close();
    await proxy.close();
    await fresh.drop();
  });

  it('is given up within five seconds, and its statement fails', async () => {
    await database.read.rows('SELECT 1 AS one');
    freeze();

    await expect(database.read.rows('SELECT 1 AS one')).rejects.toThrow('did not answer within 4 s');
    expect(passed).toEqual([4_000]);
  });

  it(
    'takes the idle ones along, so that the first statement after the thaw meets a live one',
    async () => {
      const [silence, before] = [watchEventLoop(), watchEventLoop()];
      for (let time = 0; time < SILENCES; time++) {
        before.go();
        await Promise.all(Array.from({ length: 8 }, () => database.read.rows('SELECT SLEEP(0.2)')));
        before.pause();
        expect(proxy.clients()).toBeGreaterThan(4);
        freeze();
        silence.go();
        await expect(database.read.rows('SELECT 1 AS one')).rejects.toThrow('given up');
        silence.pause();
        thaw();

        expect(await database.read.rows('SELECT 2 AS two')).toEqual([{ two: 2 }]);
      }
      process.stdout.write(
        `${SILENCES} times silent, each first statement after it answered; the event loop was late by (p99) ` +
          `${silence.text()} in silence, ${before.text()} before it\n`,
      );
    },
    600_000 + SILENCES * 1_000,
  );

  it('leaves nothing of its transaction behind', async () => {
    await database.run('CREATE TABLE notes (id INT PRIMARY KEY)');
    const half = database.transaction(async ({ run, rows }) => {
      await run('INSERT INTO notes VALUES (1)');
      freeze();
      await rows('SELECT * FROM notes');
    });
    await expect(half).rejects.toThrow('did not answer');
    thaw();

    await database.run('INSERT INTO notes VALUES (1)');
    expect(await database.read.rows('SELECT id FROM notes')).toEqual([{ id: 1 }]);
  });

  it('is told from a lock that is waited for', async () => {
    expect(RUN_TIME.lockWaitSeconds * 1_000).toBeLessThan(RUN_TIME.answerMs ?? 0);
  });
});
