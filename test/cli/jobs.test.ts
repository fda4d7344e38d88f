import { jobStory, REPLAY, type Told } from '../support/job-story.js';
import { type Commands, startCommands } from '../support/plans-file-commands.js';
import { startWorld, type World } from '../support/world.js';

describe('billing jobs', () => {
  let world: World;
  let commands: Commands;
  let failed: Told;
  let running: Told;
  let waiting: Told;
  beforeAll(async () => {
    world = await startWorld();
    const { ask, ended, replayOf, storeEvents, afterItsFirstPart } = jobStory(() => world);
    const asked = await ask(REPLAY, { ids: ['evt_nowhere'], reason: 'somebody asked for it' });
    failed = await ended(asked.job.id);
    await storeEvents('test.cli', 250);
    let stopping = Promise.resolve();
    running = await afterItsFirstPart('test.cli', () => {
      stopping = world.gateway.parts.jobs.stop();
      return Promise.resolve();
    });
    await stopping;
    waiting = (await ask(REPLAY, { ...replayOf('test.waits'), dryRun: true })).job;
    commands = startCommands(world);
  });
  afterAll(async () => {
    commands.stop();
    await world.stop();
  });
  const run = (...words: string[]) => commands.run('jobs', ...words);

  it('lists them newest first, by state, and so that other programs can read it', async () => {
    const all = (await run('list', '--json')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Told);
    const table = await run('list');

    expect(all.map(({ id, state }) => [id, state])).toEqual([
      [waiting.id, 'queued'],
      [running.id, 'running'],
      [failed.id, 'failed'],
    ]);
    expect(table.out).toMatch(/^ASKED FOR \(UTC\) +STATE +DONE +ID +KIND$/m);
    expect(table.out).toContain(`running  100 of 250  ${running.id}  replayWebhookEvents`);
    expect((await run('list', '--state', 'failed', '-n', '5')).out.trim().split('\n')).toHaveLength(2);
    expect((await run('list', '--state', 'done')).out).toBe('There are no such jobs.\n');
    expect((await run('list', '--limit', '0')).code).toBe(2);
  });

  it('shows one with its cause, its remedy and its log', async () => {
    const { out } = await run('show', failed.id);

    expect(out).toMatch(/^state +failed$/m);
    expect(out).toMatch(/^reason +somebody asked for it$/m);
    expect(out).toContain('\nlog\n  evt_nowhere is neither here nor at Stripe.\n');
    expect(out.replace(/\s+/g, ' ')).toContain(String(failed.error));
    expect(JSON.parse((await run('show', failed.id, '--json')).out)).toMatchObject({ id: failed.id, state: 'failed' });
    expect(await run('show', 'job_nowhere')).toMatchObject({ code: 1, err: expect.stringContaining('jobs list') });
  });

  it('stops one that waits at once, and one that runs after its present part', async () => {
    expect(await run('cancel', waiting.id)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Stopped by cli\S* after 0; what was done stays\.\n$/) as string,
    });
    expect(await run('cancel', running.id)).toMatchObject({
      code: 0,
      out: `${running.id} ends after its present part.\n`,
    });
    world.gateway.parts.jobs.start();
    const last = await jobStory(() => world).ended(running.id);

    expect(last).toMatchObject({ state: 'CANCELED', done: 100 });
    expect(JSON.parse((await run('cancel', running.id, '--json')).out)).toMatchObject({ state: 'canceled' });
    expect(await run('cancel', failed.id)).toMatchObject({
      code: 1,
      err: expect.stringContaining('is FAILED already'),
    });
    expect(await run('cancel', 'job_nowhere')).toMatchObject({ code: 1, err: expect.stringContaining('no job') });
  });
});
