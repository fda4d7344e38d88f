import { Role } from '../../src/auth/roles.js';
import { Job } from '../../src/jobs/job.entity.js';
import { watchJob } from '../../src/live/job-stream.js';
import { control } from '../sandbox/support/stripe-for.js';
import {
  CANCEL,
  DISCARD,
  jobStory,
  JOBS,
  LIVE,
  type Message,
  ONE,
  REPLAY,
  SYNC,
  type Told,
} from '../support/job-story.js';
import { CHECKOUT, payCheckout } from '../support/story.js';
import { type Person, startWorld, type World } from '../support/world.js';

describe('a job', () => {
  let world: World;
  let operator: Person;
  beforeAll(async () => {
    world = await startWorld();
    operator = world.staff(Role.OPERATOR);
  });
  afterAll(() => world.stop());

  const { ask, ended, storeEvents, timesOf, replayOf, afterItsFirstPart } = jobStory(() => world);
  const database = () => world.gateway.parts.database;
  const replayed = async (input: object) => {
    const { job, userErrors } = await ask(REPLAY, { reason: 'a test', ...input });
    expect(userErrors).toEqual([]);
    return ended(job.id);
  };

  it('shows staff its way from the snapshot to its end, and then the stream ends by itself', async () => {
    const ids = await storeEvents('test.way', 250);
    const { job } = await ask(REPLAY, { filter: { types: ['test.way'] }, reason: 'the bug is mended' });
    const live = operator.watch<Message>(LIVE, { job: job.id });
    await live.ended();
    live.close();
    const told = live.messages.map(({ jobUpdated }) => jobUpdated);

    expect(told[0]?.kind).toBe('SNAPSHOT');
    expect(told.slice(1).map(({ kind }) => kind)).toEqual(told.slice(1).map(() => 'CHANGED'));
    expect(told.at(-1)?.job).toMatchObject({
      ...{ kind: 'replayWebhookEvents', state: 'DONE', done: 250, total: 250, percent: 100, etaSeconds: null },
      ...{ dryRun: false, reason: 'the bug is mended', error: null, finishedAt: expect.any(String) as string },
      summary: '250 event(s) are pending again and applied within seconds.',
    });
    expect(await timesOf(ids)).toEqual([1]);
    expect((await operator.ask(ONE, { id: job.id })).data).toMatchObject({
      ...{ admin: { job: { state: 'DONE' } }, node: { __typename: 'Job', id: job.id } },
    });
    expect(await world.gateway.parts.metrics.render()).toContain(
      'billing_job_total{kind="replayWebhookEvents",state="done"} 1',
    );
  });

  it('is shown to a slow reader as it is when she reads, and nothing waits for her', async () => {
    await storeEvents('test.slow', 1_000);
    const { parts } = world.gateway;
    await parts.jobs.stop();
    const { job } = await ask(REPLAY, replayOf('test.slow'));
    const stream = await watchJob(parts, job.id);
    const first = await stream.next();
    parts.jobs.start();
    await ended(job.id);

    expect(first).toMatchObject({ value: { kind: 'SNAPSHOT', job: { state: 'QUEUED' } } });
    expect(await stream.next()).toMatchObject({ value: { kind: 'CHANGED', job: { state: 'DONE', done: 1_000 } } });
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });

  it('is stopped after its present part, and at once while it waits', async () => {
    const ids = await storeEvents('test.stopped', 550);
    const { parts } = world.gateway;
    const states: string[] = [];
    const job = await afterItsFirstPart('test.stopped', async (id) => {
      const waiting = await ask(REPLAY, replayOf('test.never'));
      for (const each of [waiting.job.id, id]) states.push((await cancel(each)).job.state);
    });
    const last = await ended(job.id);

    expect(states).toEqual(['CANCELED', 'RUNNING']);
    expect(last).toMatchObject({ state: 'CANCELED', done: 200, total: 550, error: null });
    expect(last.summary).toMatch(/^Stopped by .+ after 200 of 550; what was done stays\.$/);
    expect([await timesOf(ids.slice(0, 200)), await timesOf(ids.slice(200))]).toEqual([[1], [0]]);
    expect((await cancel(job.id)).userErrors).toEqual([]);
    const { job: done } = await ask(DISCARD, { ids: ids.slice(200, 201), reason: 'a test' });
    await ended(done.id);
    expect((await cancel(done.id)).userErrors).toMatchObject([{ code: 'NOTHING_PENDING', field: ['input', 'id'] }]);
    for (const id of ['job_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'größer'])
      expect((await cancel(id)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect(await parts.metrics.render()).toContain('{kind="replayWebhookEvents",state="canceled"} 2');
  });

  it('is one and the same for a double click and for a repeated key', async () => {
    await world.gateway.parts.jobs.stop();
    const input = replayOf('test.twice');
    const first = (await ask(REPLAY, input)).job.id;
    const [again, keyed] = [await ask(REPLAY, input), await ask(REPLAY, { ...input, idempotencyKey: 'key-1' })];
    const other = await ask(REPLAY, { ...input, dryRun: true, idempotencyKey: 'key-2' });
    world.gateway.parts.jobs.start();
    await ended(first);
    await ended(other.job.id);

    expect([again.job.id, keyed.job.id]).toEqual([first, first]);
    expect(other.job.id).not.toBe(first);
    expect((await ask(REPLAY, { ...input, dryRun: true, idempotencyKey: 'key-2' })).job.id).toBe(other.job.id);
    expect((await ask(REPLAY, { ...input, idempotencyKey: 'key-2' })).userErrors).toMatchObject([
      { code: 'IDEMPOTENCY_KEY_REUSED' },
    ]);
    const anew = await ask(REPLAY, input);
    expect(anew.job.id).not.toBe(first);
    await ended(anew.job.id);
  });

  it('lays events aside with the reason, and leaves alone what has ended', async () => {
    const ids = await storeEvents('test.aside', 150);
    await database().run("UPDATE stripe_events SET state = 'done' WHERE id = ?", [ids[0]]);
    const { job } = await ask(DISCARD, { ids: [...ids, ...ids], reason: 'made by a load test' });

    expect(await ended(job.id)).toMatchObject({
      ...{ state: 'DONE', done: 150, total: 150 },
      summary: 'Discarded 149 event(s). 1 had ended already and stay as they are.',
    });
    const rows = await database().read.rows<{ state: string; error: string | null; many: number | string }>(
      "SELECT state, error, COUNT(*) AS many FROM stripe_events WHERE type = 'test.aside' GROUP BY state, error ORDER BY state",
    );
    expect(rows.map(({ many, ...row }) => ({ ...row, many: Number(many) }))).toEqual([
      { state: 'discarded', error: 'made by a load test', many: 149 },
      { state: 'done', error: null, many: 1 },
    ]);
  });

  it('brings by its id from Stripe what never arrived, and says what nobody knows', async () => {
    const paid = await lostEvent('invoice.paid');
    const last = await replayed({ ids: [paid, 'evt_nowhere'] });
    await world.settled();

    expect(last).toMatchObject({
      ...{ state: 'FAILED', done: 2, total: 2, log: ['evt_nowhere is neither here nor at Stripe.'] },
      summary: '1 event(s) are pending again and applied within seconds. 1 of them came from Stripe.',
    });
    expect(last.error).toMatch(/^1 of 2 ids .+ thirty days: evt_nowhere\. Correct those ids; the others are done\.$/);
    expect(await database().read.rows('SELECT state, source FROM stripe_events WHERE id = ?', [paid])).toEqual([
      { state: 'done', source: 'id' },
    ]);
  });

  it('says so when no event fits, or none that was named is known', async () => {
    expect(await replayed({ filter: { types: ['test.none'] } })).toMatchObject({
      ...{ state: 'DONE', done: 0, total: 0, summary: 'No event fits, so none was replayed.' },
    });
    expect(await replayed({ ids: ['evt_nowhere'] })).toMatchObject({ state: 'FAILED', summary: 'None was replayed.' });
  });

  it('only tells, when asked to, what a replay would change, and nothing of the person', async () => {
    const [row] = await subscribed('globex');
    await database().run("UPDATE subscriptions SET status = 'PAST_DUE', seats = 7 WHERE id = ?", [row!.id]);
    const paid = await lostEvent('invoice.paid', row!.customer_id);
    const last = await replayed({ filter: { account: 'globex' }, dryRun: true });
    const named = await replayed({ ids: [paid, 'evt_nowhere'], dryRun: true });
    const after = await database().read.rows<{ status: string; seats: number | string }>(
      'SELECT status, seats FROM subscriptions WHERE id = ?',
      [row!.id],
    );

    const line = `${row!.customer_id}: subscription ${row!.id} would change in status, seats`;
    expect(last).toMatchObject({ state: 'DONE', done: 1, total: 1, summary: expect.stringMatching(/^1 of 1 subject/) });
    expect(last.log[0]).toContain(line);
    expect(named.log[0]).toContain(line);
    expect(named.log.at(-1)).toMatch(/^evt_nowhere is neither here nor at Stripe/);
    expect(after.map(({ status, seats }) => ({ status, seats: Number(seats) }))).toEqual([
      { status: 'PAST_DUE', seats: 7 },
    ]);
    expect(await database().read.rows('SELECT id FROM stripe_events WHERE id = ?', [paid])).toEqual([]);
  });

  it('looks at the whole catalogue, or tells what a look would change', async () => {
    await database().run("UPDATE plans SET name = 'Old name' WHERE id = 'plan_team'");
    const name = async () => (await operator.ask('{ plan(key: "team") { name } }')).data.plan.name;
    const foreseen = await ended((await ask(SYNC, {})).job.id);
    const between = await name();
    const last = await ended((await ask(SYNC, { dryRun: false })).job.id);

    expect(foreseen).toMatchObject({ state: 'DONE', summary: expect.stringMatching(/^1 of \d+ product/) });
    expect(foreseen.log.filter((line) => line.includes('would change in name'))).toHaveLength(1);
    expect(between).toBe('Old name');
    expect(last).toMatchObject({ state: 'DONE', error: null, summary: `Looked at ${last.total} product(s).` });
    expect(await name()).not.toBe('Old name');
  });

  it('that fails says why and what to do', async () => {
    const fault = (kind: string) =>
      control(world.sandbox, 'faults', { faults: [{ kind, method: 'GET', path: '/v1/products', times: 100 }] });
    await fault('error_before');
    const last = await ended((await ask(SYNC, { dryRun: false })).job.id);
    await fetch(`${world.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });

    expect(last).toMatchObject({ state: 'FAILED', summary: 'Failed after 0; what was done stays.' });
    expect(last.error).toMatch(/^Stripe did not answer: .+ Ask for it again once it does\.$/);
  });

  it('says so when a reading of the catalogue breaks off, and archives nothing', async () => {
    const { products } = world.gateway.parts.stripe;
    const archived = async () => {
      const { data } = await operator.ask(
        '{ plans(includeArchived: true) { archived } admin { catalogProblems { objectId } } }',
      );
      return { plans: data.plans.map((plan: { archived: boolean }) => plan.archived), ...data.admin };
    };
    const before = await archived();
    const [first] = (await products.list({ limit: 1 })).data;
    const list = jest.spyOn(products, 'list').mockImplementationOnce(async function* () {
      yield await Promise.resolve(first);
      throw new Error('the second page never came');
    } as never);
    const broken = await ended((await ask(SYNC, { dryRun: false })).job.id);
    list.mockRestore();
    const between = await archived();
    const whole = await ended((await ask(SYNC, { dryRun: false })).job.id);

    expect(broken).toMatchObject({
      state: 'FAILED',
      error:
        "Stripe's list of products ended early (the second page never came); nothing was archived. Ask for it again when Stripe answers.",
    });
    expect(between).toEqual({ plans: before.plans, catalogProblems: [{ objectId: '/v1/products' }] });
    expect(whole).toMatchObject({ state: 'DONE' });
    expect(await archived()).toEqual(before);
  });

  it('that gets no gateway any further is given up, with the remedy', async () => {
    await world.gateway.parts.jobs.stop();
    const { job } = await ask(REPLAY, replayOf('test.poison'));
    await database().run("UPDATE jobs SET takes = 5, state = 'RUNNING' WHERE id = ?", [job.id]);
    world.gateway.parts.jobs.start();

    expect(await ended(job.id)).toMatchObject({
      state: 'FAILED',
      error: `It was taken up 5 times and got no further. Look into the logs of the gateways for ${job.id}, then ask for it again.`,
    });
  });

  it.each([
    ['neither ids nor a filter', {}, ['input', 'ids']],
    ['an empty filter', { filter: { types: null } }, ['input', 'ids']],
    ['both', { ids: ['evt_1'], filter: { types: ['a'] } }, ['input', 'filter']],
    ['something that is no type', { filter: { types: ['größer'] } }, ['input', 'filter', 'types']],
    ['no type', { filter: { types: [] } }, ['input', 'filter', 'types']],
    ['no state', { filter: { states: [], account: 'acme' } }, ['input', 'filter', 'states']],
    [
      'a span that ends as it begins',
      { filter: { from: '2027-01-02T00:00:00Z', to: '2027-01-02T00:00:00Z' } },
      ['input', 'filter', 'to'],
    ],
    ['no id', { ids: [] }, ['input', 'ids']],
    ['something that is no id', { ids: ['cus_1'] }, ['input', 'ids']],
    ['too many ids', { ids: Array.from({ length: 501 }, (_, at) => `evt_${at}`) }, ['input', 'ids']],
    ['no reason', { ids: ['evt_1'], reason: ' ' }, ['input', 'reason']],
  ])('is refused with %s', async (_what, input, field) => {
    const { job, userErrors } = await ask(REPLAY, { reason: 'a test', ...input });

    expect(job).toBeNull();
    expect(userErrors).toMatchObject([{ code: 'INVALID', field, hint: expect.any(String) as string }]);
  });

  it('is refused where the inbox lacks what should be laid aside', async () => {
    expect((await ask(DISCARD, { ids: ['evt_nowhere'], reason: 'a test' })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', message: 'The inbox has no event evt_nowhere.' },
    ]);
  });

  it('is listed newest first, by state, at most a hundred at once', async () => {
    const list = async (variables: object = {}) =>
      (await operator.ask(JOBS, { ...variables })).data.admin.jobs as Told[];
    const all = await list({ first: 100 });

    expect(all.map(({ id }) => id)).toEqual([...all.map(({ id }) => id)].sort().reverse());
    expect(await list({ first: 3 })).toEqual(all.slice(0, 3));
    expect(await list({ first: 100, states: ['FAILED'] })).toEqual(all.filter(({ state }) => state === 'FAILED'));
    expect(await list({ states: [] })).toEqual([]);
    expect((await operator.ask(JOBS, { first: 101 })).errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', hint: 'Ask for 1 to 100.' } },
    ]);
  });

  it("is staff's alone: nobody else may ask for one, see one or know of one", async () => {
    const [job] = await database().read.manager.find(Job, { take: 1 });
    const node = 'query ($id: ID!) { node(id: $id) { id } }';
    for (const person of [world.as('acme', Role.BILLING_ADMIN), world.staff(Role.SERVICE)]) {
      expect((await person.ask(REPLAY, { input: { ids: ['evt_1'], reason: 'x' } })).errors).toMatchObject([
        { extensions: { code: 'FORBIDDEN' } },
      ]);
      expect((await person.ask(JOBS)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
      expect((await person.ask(node, { id: job!.id })).data.node).toBeNull();
      await expect(person.watch(LIVE, { job: job!.id }).until(() => true)).rejects.toThrow('FORBIDDEN');
    }
    const support = world.staff(Role.SUPPORT);
    expect((await support.ask(REPLAY, { input: { ids: ['evt_1'], reason: 'x' } })).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ]);
    expect((await support.ask(ONE, { id: job!.id })).data.admin.job.id).toBe(job!.id);
    await expect(operator.watch(LIVE, { job: 'job_nowhere' }).until(() => true)).rejects.toThrow(
      "There is no job 'job_nowhere'.",
    );
  });

  const cancel = (id: string) => ask(CANCEL, { id });
  /** Pays for a plan; its rows are stored. */
  async function subscribed(account: string) {
    const { data } = await world.as(account).ask(CHECKOUT, { plan: 'team' });
    await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
    await world.settled();
    return database().read.rows<{ id: string; customer_id: string }>(
      'SELECT s.id, s.customer_id FROM subscriptions s JOIN accounts a ON a.id = s.account_id WHERE a.external_id = ?',
      [account],
    );
  }

  /** Forgets an event that Stripe has, as if no delivery had brought it. */
  async function lostEvent(type: string, customer?: string): Promise<string> {
    if (customer === undefined) await subscribed('acme');
    const [row] = await database().read.rows<{ id: string }>(
      `SELECT id FROM stripe_events WHERE type = ? AND subject LIKE ? ORDER BY id DESC LIMIT 1`,
      [type, customer ?? 'cus_%'],
    );
    await database().run('DELETE FROM stripe_events WHERE id = ?', [row!.id]);
    return row!.id;
  }
});
