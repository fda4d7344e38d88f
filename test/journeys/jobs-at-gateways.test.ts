import { Role } from '../../src/auth/roles.js';
import { Job } from '../../src/jobs/job.entity.js';
import { JobState } from '../../src/jobs/job.js';
import { readJob, startJob } from '../../src/jobs/job-store.js';
import { databasePorts } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { startGateways } from '../support/gateways.js';
import { jobStory, REPLAY, storeDeadEvents, timesByHand, type Told } from '../support/job-story.js';
import { startWorld, type World } from '../support/world.js';

describe('the jobs of several gateways', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const { ask, ended, storeEvents, timesOf, replayOf, afterItsFirstPart } = jobStory(() => world);
  const database = () => world.gateway.parts.database;

  it('run one at a time, whichever gateway is asked, and what is asked for first comes first', async () => {
    const other = await world.startAnother();
    const { jobs, database: way } = other.gateway.parts;
    const types = ['test.one', 'test.two', 'test.three', 'test.four'];
    await jobs.stop();
    const ids: string[] = [];
    for (const type of types) ids.push(...(await storeEvents(type, 350)));
    const [first, ...later] = types;
    const asked: Told[] = [];
    let meanwhile: Job[] = [];
    const begun = await afterItsFirstPart(String(first), async () => {
      for (const [at, type] of later.entries()) {
        const person = (at % 2 === 0 ? other : world).staff(Role.OPERATOR);
        asked.push((await ask(REPLAY, replayOf(type), person)).job);
      }
      // The other one asks for the lease; with it, it would have worked and given it back.
      const run = jest.spyOn(way, 'run');
      jobs.start();
      await eventually(
        () => Promise.resolve(jobs.wake()),
        () => run.mock.calls.filter(([sql]) => sql.startsWith('UPDATE upkeep')).length > 1,
      );
      run.mockRestore();
      meanwhile = await database().read.manager.findBy(Job, { state: JobState.RUNNING });
    });
    asked.unshift(begun);
    for (const { id } of asked) await ended(id);
    await other.close();
    const rows = await database().read.manager.find(Job, { order: { startedAt: 'ASC', id: 'ASC' } });

    expect(meanwhile).toMatchObject([{ id: begun.id, done: 100 }]);
    expect(rows.map(({ id }) => id)).toEqual(asked.map(({ id }) => id));
    for (const [at, { startedAt }] of rows.slice(1).entries())
      expect(startedAt).toBeGreaterThanOrEqual(rows[at]?.finishedAt ?? Infinity);
    expect(await timesOf(ids)).toEqual([1]);
  });

  it('go on at another one where theirs is told to stop, at once and with nothing done twice', async () => {
    const ids = await storeEvents('test.moved', 550);
    const { parts } = world.gateway;
    let stopping = Promise.resolve();
    const { id } = await afterItsFirstPart('test.moved', () => {
      stopping = parts.jobs.stop();
      return Promise.resolve();
    });
    await stopping;
    const left = await readJob(database(), id);
    const leases = await database().read.rows("SELECT lease_owner FROM upkeep WHERE id = 'jobs'");
    const other = await world.startAnother();
    const last = await ended(id);
    await other.close();
    parts.jobs.start();

    expect(left).toMatchObject({ state: 'RUNNING', done: 100 });
    expect(leases).toEqual([{ lease_owner: null }]);
    expect(last).toMatchObject({ state: 'DONE', done: 550, total: 550 });
    expect(await timesOf(ids)).toEqual([1]);
  });

  it('are shown by a gateway that does none of them', async () => {
    await storeEvents('test.shown', 350);
    const { jobs } = world.gateway.parts;
    await jobs.stop();
    const { job } = await ask(REPLAY, replayOf('test.shown'));
    const following = ended(job.id);
    const other = await world.startAnother();
    const last = await following;
    await other.close();
    jobs.start();

    expect(last).toMatchObject({ state: 'DONE', done: 350 });
  });
});

describe('a job whose gateway is killed', () => {
  // What is written is done and known to be done, or neither.
  it.each([
    ['just before a part is written', 'before COMMIT', 100],
    ['just after one is', 'after COMMIT', 200],
  ])('is finished by another, each event once: %s', async (_when, moment, reached) => {
    const gateways = await startGateways({ count: 2 });
    const { database, all } = gateways;
    const ids = await storeDeadEvents(database, 'test.killed', 350);
    // The first is that it is taken up.
    const death = { point: `jobs/run-jobs.commit: ${moment}`, pass: 3 };
    for (const gateway of all) await gateway.call('arm', { death });
    const job = await startJob(
      { ...databasePorts, database },
      {
        ...{ kind: 'replayWebhookEvents', input: { ids: null, filter: { types: ['test.killed'] } }, dryRun: false },
        ...{ startedBy: 'operator', reason: 'a test', clientKey: null },
      },
    );
    await Promise.race(all.map(({ ended }) => ended));
    const [survivor] = all.filter((gateway) => !gateway.hasEnded());
    await survivor?.call('arm', { death: null });
    const left = await readJob(database, job.id);
    // As if its time had passed.
    await database.run("UPDATE upkeep SET lease_until = 0 WHERE id = 'jobs'");
    const last = await eventually(
      () => readJob(database, job.id),
      (held) => held?.state !== 'RUNNING',
    );
    const times = await timesByHand(database, ids);
    await gateways.stop();

    expect(left).toMatchObject({ state: 'RUNNING', done: reached });
    expect(last).toMatchObject({ state: 'DONE', done: 350, total: 350 });
    expect(times).toEqual([1]);
  });
});
