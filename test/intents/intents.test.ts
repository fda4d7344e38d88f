import Stripe from 'stripe';
import type { Intent, Procedure, Step } from '../../src/intents/intent.js';
import { creditIntents, type Traces } from '../../src/intents/credit-intents.js';
import { createIntentRunner, type IntentRequest, type IntentRunner } from '../../src/intents/run-intent.js';
import { once, type UnderWay } from '../../src/intents/once.js';
import { Refusal, UserErrorCode } from '../../src/refusal.js';
import { createSync } from '../../src/sync/sync.js';
import { ACCOUNT, type Bench, startBench } from '../support/bench.js';
import { anEvent, pending } from '../support/states.js';

interface Data {
  name: string;
  customerId?: string;
}

describe('an intent', () => {
  let bench: Bench;
  let intents: IntentRunner;
  let procedure: Procedure<Data>;

  /** Makes a customer at Stripe; its effect is found again by its metadata. */
  const making = (): Step<Data> => ({
    name: 'make',
    async run({ name }, idempotencyKey, intent) {
      const made = await bench.stripe.customers.create({ name, metadata: { intent } }, { idempotencyKey });
      return { customerId: made.id };
    },
    async probe(_data, intent) {
      const { data } = await bench.stripe.customers.list({ limit: 100 });
      const made = data.find(({ metadata }) => metadata.intent === intent);
      return made ? { customerId: made.id } : null;
    },
  });
  const renaming = (): Step<Data> => ({
    name: 'rename',
    async run({ customerId }) {
      await bench.stripe.customers.update(String(customerId), { description: 'renamed' });
      return {};
    },
    async probe({ customerId }) {
      const customer = await bench.stripe.customers.retrieve(String(customerId));
      return !customer.deleted && customer.description === 'renamed' ? {} : null;
    },
  });

  beforeEach(async () => {
    bench = await startBench();
    procedure = { verb: 'makeCustomer', steps: [making()], subject: ({ customerId }) => customerId ?? null };
    intents = runner();
  });
  afterEach(() => bench.stop());

  const runner = (underWay: UnderWay = new Map()) => {
    const sync = createSync(bench.needs, { policy: { graceDays: 7 }, announce() {} });
    const procedures = [procedure] as unknown as Procedure<never>[];
    return createIntentRunner({ ...bench.needs, sync, procedures, underWay });
  };
  const request = (differs: Partial<IntentRequest<Data>> = {}): IntentRequest<Data> => ({
    ...{ accountId: ACCOUNT, actor: 'user_1', clientKey: 'key_1', args: { name: 'Acme' }, data: { name: 'Acme' } },
    ...differs,
  });
  const run = (differs: Partial<IntentRequest<Data>> = {}) => intents.run(procedure, request(differs));
  const refusal = async (work: Promise<unknown>): Promise<UserErrorCode> => {
    const thrown = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(thrown instanceof Refusal)) throw new Error(`Not refused: ${String(thrown)}`);
    return thrown.code;
  };
  const customersAtStripe = async () => (await bench.stripe.customers.list({ limit: 100 })).data.length;
  const intent = () => bench.row<Record<string, unknown>>('SELECT * FROM intents ORDER BY id DESC LIMIT 1');
  const makingFails = () => {
    bench.proxy.instead = ({ method }) =>
      method === 'POST' ? { status: 402, body: { error: { type: 'card_error', message: 'no' } } } : undefined;
  };

  it('has its effect once and remembers the answer', async () => {
    const { data, visible } = await run();

    expect(visible).toBe(true);
    expect(data.customerId).toMatch(/^cus_/);
    expect(await intent()).toMatchObject({ state: 'done', open_for: null, step: 1, actor: 'user_1' });
    expect(await customersAtStripe()).toBe(1);
  });

  it('answers fifty repeats of the same key alike, also after a restart, with one effect', async () => {
    const first = await run();
    for (let n = 0; n < 25; n++) expect(await run()).toEqual(first);
    intents = runner();
    for (let n = 0; n < 25; n++) expect(await run()).toEqual(first);

    expect(await customersAtStripe()).toBe(1);
  });

  it('shows a repeat what was done, when whoever did it died before it was seen', async () => {
    const { data } = await run();
    const id = data.customerId;
    const looked = () =>
      bench.row<{ missing: number }>('SELECT look_asked - answered AS missing FROM subjects WHERE subject = ?', id);
    await bench.database.run('UPDATE subjects SET look_asked = asked + 1, asked = asked + 1 WHERE subject = ?', [id]);
    const before = await looked();

    expect(await run()).toEqual({ data, visible: true });
    expect([before, await looked()].map(({ missing }) => Number(missing))).toEqual([1, 0]);
  });

  it('refuses the same key with another input, or for another verb', async () => {
    await run();

    expect(await refusal(run({ args: { name: 'Other' } }))).toBe(UserErrorCode.IDEMPOTENCY_KEY_REUSED);
    const other = { ...procedure, verb: 'other' };
    expect(await refusal(intents.run(other, request()))).toBe(UserErrorCode.IDEMPOTENCY_KEY_REUSED);
  });

  it('forgets a key after 24 hours', async () => {
    await run();
    bench.time.advance(24 * 3_600_000 + 1);
    await run({ args: { name: 'Other' } });

    expect(await customersAtStripe()).toBe(2);
  });

  it('lets one of twenty at once through; the others conflict and learn the revision', async () => {
    const all = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => run({ clientKey: `key_${n}` })));
    const refused = all.flatMap((end) => (end.status === 'rejected' ? [end.reason as Refusal] : []));

    expect(refused).toHaveLength(19);
    for (const { code, details } of refused) {
      expect(code).toBe(UserErrorCode.CONFLICT);
      expect(details.currentRevision).toBe(0);
    }
    expect(await customersAtStripe()).toBe(1);
  });

  it('says that it is still running to a repeat that comes too early', async () => {
    const [first, second] = await Promise.allSettled([run(), run()]);

    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: UserErrorCode.IN_PROGRESS } });
    expect(await customersAtStripe()).toBe(1);
  });

  it('gets from another process what that one found not to be done for the same key', async () => {
    procedure = { ...procedure, answer: ({ customerId }) => ({ outcome: 'APPLIED', customerId }) };
    const gateway = () => {
      const underWay: UnderWay = new Map();
      return { ...bench.needs, underWay, intents: runner(underWay) };
    };
    const [here, elsewhere] = [gateway(), gateway()];
    const asked = { accountId: ACCOUNT, actor: 'user_1', mutation: 'makeCustomer', input: {}, clientKey: 'key_1' };
    const answer = await once<object>(here, asked, async () => {
      await once(elsewhere, asked, () => Promise.resolve({ outcome: 'NO_OP' }));
      await here.intents.run(procedure, request());
      return { outcome: 'APPLIED' };
    });

    expect(answer).toEqual({ outcome: 'NO_OP' });
    expect(await customersAtStripe()).toBe(0);
  });

  it('is refused when the account has moved on, and leaves nothing behind', async () => {
    expect(await refusal(run({ expectedRevision: 3 }))).toBe(UserErrorCode.CONFLICT);
    expect(await customersAtStripe()).toBe(0);
    await run({ expectedRevision: 0 });
  });

  it('that Stripe refuses is closed, gives its key back, and blocks nothing', async () => {
    makingFails();
    await expect(run()).rejects.toThrow('Stripe refused');
    expect(await intent()).toMatchObject({ state: 'failed', client_key: null, open_for: null });
    bench.proxy.instead = () => undefined;

    await expect(run()).resolves.toMatchObject({ visible: true });
  });

  it('that the verb itself refuses keeps its answer for the same key', async () => {
    const no = () =>
      Promise.reject(new Refusal(UserErrorCode.ALREADY_SUBSCRIBED, 'There is one.', { subscriptionId: 'sub_1' }));
    procedure = { ...procedure, steps: [{ ...making(), run: no }] };

    expect(await refusal(run())).toBe(UserErrorCode.ALREADY_SUBSCRIBED);
    expect(await refusal(run())).toBe(UserErrorCode.ALREADY_SUBSCRIBED);
    await expect(run()).rejects.toMatchObject({ details: { subscriptionId: 'sub_1' } });
  });

  it('whose answer is cut off is resolved by a look at Stripe, with one effect', async () => {
    bench.proxy.instead = ({ method }) => (method === 'POST' ? 'cut' : undefined);
    const { data } = await run();

    expect(data.customerId).toMatch(/^cus_/);
    expect(await customersAtStripe()).toBe(1);
  });

  it('whose outcome stays unknown blocks the next one until the completer has resolved it', async () => {
    bench.proxy.instead = ({ method }) =>
      method === 'GET' ? { status: 400, body: { error: { message: 'no' } } } : 'cut';
    await expect(run()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
    expect(await refusal(run({ clientKey: 'key_2' }))).toBe(UserErrorCode.CONFLICT);
    bench.proxy.instead = () => undefined;
    expect(await intents.completeOne()).toBe(false);
    bench.time.advance(30_000);
    expect(await intents.completeOne()).toBe(true);

    expect(await intent()).toMatchObject({ state: 'done', open_for: null });
    expect((await run()).data.customerId).toMatch(/^cus_/);
    expect(await customersAtStripe()).toBe(1);
  });

  it('stays open, to be completed, when the database fails after Stripe has done it', async () => {
    const record = () => Promise.reject(new Error('the disk is full'));
    procedure = { ...procedure, steps: [{ ...making(), record }] };
    await expect(run()).rejects.toThrow();
    expect(await intent()).toMatchObject({ state: 'open', client_key: 'key_1' });

    procedure = { ...procedure, steps: [making()] };
    intents = runner();
    bench.time.advance(30_000);
    await intents.completeOne();
    expect(await intent()).toMatchObject({ state: 'done' });
    expect((await run()).data.customerId).toMatch(/^cus_/);
    expect(await customersAtStripe()).toBe(1);
  });

  /** What a process leaves behind that is killed with `step` steps remembered. */
  async function killed(step: number, data: Data): Promise<Intent['id']> {
    await bench.database.run(
      `INSERT INTO intents (id, account_id, verb, client_key, arguments_hash, stripe_key, state, open_for, step, data, actor, attempts, created_at, due_at)
       VALUES ('int_dead', ?, 'makeCustomer', 'key_9', 'hash', 'stripe_key', 'open', ?, ?, ?, 'user_1', 0, ?, ?)`,
      [ACCOUNT, ACCOUNT, step, JSON.stringify(data), bench.time.wall.now(), bench.time.wall.now() + 30_000],
    );
    bench.time.advance(30_000);
    return 'int_dead';
  }

  it('that died before Stripe was told is given up, and its key is free again', async () => {
    await killed(0, { name: 'Acme' });
    expect(await intents.completeOne()).toBe(true);

    expect(await intent()).toMatchObject({ state: 'failed', open_for: null, client_key: null });
    expect(await customersAtStripe()).toBe(0);
  });

  it('that died between two steps is finished', async () => {
    procedure = { ...procedure, steps: [making(), renaming()] };
    intents = runner();
    const made = await bench.stripe.customers.create({ metadata: { intent: 'int_dead' } });
    await killed(1, { name: 'Acme', customerId: made.id });
    await intents.completeOne();

    expect(await intent()).toMatchObject({ state: 'done', step: 2 });
    expect(await bench.stripe.customers.retrieve(made.id)).toMatchObject({ description: 'renamed' });
    expect(await customersAtStripe()).toBe(1);
  });

  it('whose effect somebody has undone at Stripe before it could be looked up is not made again', async () => {
    const keyed: Step<Data> = {
      ...renaming(),
      async run({ customerId }, idempotencyKey) {
        await bench.stripe.customers.update(String(customerId), { description: 'renamed' }, { idempotencyKey });
        return {};
      },
    };
    procedure = { ...procedure, steps: [making(), keyed] };
    intents = runner();
    bench.proxy.instead = ({ method, path }) =>
      path.startsWith('/v1/customers/')
        ? method === 'GET'
          ? { status: 400, body: { error: { message: 'no' } } }
          : 'cut'
        : undefined;
    await expect(run()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
    bench.proxy.instead = () => undefined;
    const [made] = (await bench.stripe.customers.list({ limit: 1 })).data;
    expect(made).toMatchObject({ description: 'renamed' });
    await bench.stripe.customers.update(String(made?.id), { description: 'as before' });
    bench.time.advance(30_000);
    await intents.completeOne();

    expect(await intent()).toMatchObject({ state: 'done', step: 2 });
    expect(await bench.stripe.customers.retrieve(String(made?.id))).toMatchObject({ description: 'as before' });
  });

  it('whose first key fails again takes a fresh one at the next attempt only: a look in between may be too old', async () => {
    const keys: (string | undefined)[] = [];
    const failing: Step<Data> = {
      ...renaming(),
      run(_data, idempotencyKey) {
        keys.push(idempotencyKey.split(':').at(-1));
        return Promise.reject(new Stripe.errors.StripeAPIError({ type: 'api_error', statusCode: 500, message: 'no' }));
      },
      probe: () => Promise.resolve(null),
    };
    procedure = { ...procedure, steps: [making(), failing] };
    intents = runner();
    await expect(run()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
    for (let attempt = 0; attempt < 2; attempt++) {
      bench.time.advance(30_000);
      await intents.completeOne();
    }

    expect(keys).toEqual(['0', '0', '2']);
  });

  it('that died after its first effect and before remembering it is finished without doing it twice', async () => {
    await bench.stripe.customers.create({ metadata: { intent: await killed(0, { name: 'Acme' }) } });
    await intents.completeOne();

    expect(await intent()).toMatchObject({ state: 'done', step: 1 });
    expect(await customersAtStripe()).toBe(1);
  });

  it('that died after all its steps is done and not failed', async () => {
    const made = await bench.stripe.customers.create({ metadata: { intent: 'int_dead' } });
    await killed(1, { name: 'Acme', customerId: made.id });
    await intents.completeOne();

    expect(await intent()).toMatchObject({ state: 'done', client_key: 'key_9', open_for: null });
  });

  it('explains what the look after it finds, once, nothing of two minutes later, and nothing that somebody else tells of', async () => {
    await bench.database.run("INSERT INTO stripe_customers (id, account_id, live_for) VALUES ('cus_x', ?, ?)", [
      ACCOUNT,
      ACCOUNT,
    ]);
    const actors = async (key: string, wait: number, requestKeys: (string | null)[] = [], looks = true) => {
      await bench.database.run(
        `INSERT INTO intents (id, account_id, verb, arguments_hash, stripe_key, state, step, data, actor, attempts, created_at, finished_at)
         VALUES (?, ?, 'makeCustomer', 'hash', ?, 'done', 1, '{}', 'user_1', 0, 0, ?)`,
        [`int_${key}`, ACCOUNT, key, bench.time.wall.now()],
      );
      bench.time.advance(wait);
      const now = bench.time.wall.now();
      const events = requestKeys.map((requestKey) => pending(anEvent({ requestKey }), { receivedAt: now }));
      const traces = {
        events,
        changes: [{ object: 'subscription' as const, id: 'sub_1', before: null, after: {} }],
        looks,
        holds: () => true,
        claimedAt: now,
        linked: null,
      };
      return bench.database.transaction((transaction) =>
        creditIntents(transaction, ACCOUNT, traces, `aud_${key}`, now),
      );
    };

    expect(await actors('a', 119_999)).toMatchObject([{ id: 'int_a', actor: 'user_1' }]);
    expect(await actors('b', 120_000)).toEqual([]);
    expect(await actors('c', 0, [], false)).toEqual([]);
    expect(await actors('d', 120_000, ['d:step:0', 'd:next:0'], false)).toMatchObject([{ id: 'int_d' }]);
    expect(await actors('e', 0, ['d:step:0'])).toMatchObject([{ id: 'int_d' }, { id: 'int_e' }]);
    expect(await actors('f', 120_000, ['d:step:0'], false)).toMatchObject([{ id: 'int_d' }]);
    expect(await actors('g', 0, [null])).toEqual([]);
    expect(await actors('h', 0, ['of somebody else'])).toEqual([]);
    expect(await actors('i', 0, ['i:step:0', null])).toMatchObject([{ id: 'int_i' }]);
    expect(await actors('j', 120_000, ['i:step:0', null], false)).toEqual([]);
  });

  it('explains also what a second object shows, after an event or an older look has shown the first', async () => {
    await bench.database.run(
      `INSERT INTO intents (id, account_id, verb, arguments_hash, stripe_key, state, step, data, actor, attempts, created_at, finished_at)
       VALUES ('int_1', ?, 'makeCustomer', 'hash', 'one', 'done', 1, '{}', 'user_1', 0, 0, ?)`,
      [ACCOUNT, bench.time.wall.now()],
    );
    const round = {
      events: [] as Traces['events'],
      holds: () => true,
      looks: false,
      claimedAt: bench.time.wall.now(),
      linked: null,
    };
    const changes = [{ object: 'subscription' as const, id: 'sub_1', before: null, after: {} }];
    const credited = (traces: Partial<typeof round>, found = changes) =>
      bench.database.transaction((transaction) => {
        const now = bench.time.wall.now();
        return creditIntents(transaction, ACCOUNT, { ...round, changes: found, ...traces }, 'aud_1', now);
      });
    const events = [{ event: anEvent({ requestKey: 'one:step:0' }), receivedAt: bench.time.wall.now() }];

    expect(await credited({ claimedAt: round.claimedAt - 1 })).toHaveLength(1);
    expect(await credited({})).toHaveLength(0);
    expect(await credited({ events })).toHaveLength(1);
    expect(await credited({ looks: true, claimedAt: round.claimedAt - 1 }, [])).toHaveLength(0);
    expect(await credited({ looks: true })).toHaveLength(1);
    expect(await credited({ looks: true })).toHaveLength(0);
  });

  it('explains nothing more by what was created with it or has been changed since, once it was looked after', async () => {
    await bench.database.run(
      `INSERT INTO intents (id, account_id, verb, arguments_hash, stripe_key, state, step, data, actor, attempts, created_at, finished_at, audit_id)
       VALUES ('int_1', ?, 'makeCustomer', 'hash', 'one', 'done', 1, '{}', 'user_1', 0, 0, ?, 'none')`,
      [ACCOUNT, bench.time.wall.now()],
    );
    const account = { object: 'account' as const, id: ACCOUNT, before: { name: null }, after: { name: 'Acme' } };
    const plan = { object: 'subscription' as const, id: 'sub_1', before: null, after: {} };
    const credited = (type: string, holds: boolean, change: typeof account | typeof plan = account) =>
      bench.database.transaction((transaction) => {
        const now = bench.time.wall.now();
        const events = [
          {
            event: anEvent({ type, requestKey: 'one:step:0', object: { id: 'cus_x', object: 'customer' } }),
            receivedAt: now,
          },
        ];
        return creditIntents(
          transaction,
          ACCOUNT,
          { events, changes: [change], holds: () => holds, looks: false, claimedAt: now, linked: null },
          'aud_1',
          now,
        );
      });

    expect(await credited('customer.created', true)).toEqual([]);
    expect(await credited('customer.updated', false)).toEqual([]);
    expect(await credited('customer.updated', true, plan)).toEqual([]);
    expect(await credited('customer.updated', true)).toHaveLength(1);
  });

  it('is completed by one of two processes', async () => {
    await bench.stripe.customers.create({ metadata: { intent: await killed(0, { name: 'Acme' }) } });
    const ends = await Promise.all([intents.completeOne(), runner().completeOne()]);

    expect(ends.filter(Boolean)).toHaveLength(1);
    expect(await intent()).toMatchObject({ state: 'done', attempts: 1 });
  });

  it('of a verb that no longer exists blocks its account no longer', async () => {
    await killed(0, { name: 'Acme' });
    procedure = { ...procedure, verb: 'other' };
    await runner().completeOne();

    expect(await intent()).toMatchObject({ state: 'failed', open_for: null });
  });
});
