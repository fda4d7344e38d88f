import { issueToken } from '../../src/auth/issue-token.js';
import { Role } from '../../src/auth/roles.js';
import { systemWall } from '../../src/clock/system-clock.js';
import {
  CANCEL_PLAN,
  CHANGE,
  PREVIEW,
  REACTIVATE_PLAN,
  run,
  standing,
  subscriber,
} from '../support/change-plan-story.js';
import { completeIntents } from '../support/complete-intents.js';
import { type Verb, verbs } from '../support/verb-stories.js';
import { customerOf } from '../support/payment-story.js';
import { type Person, startWorld, type World } from '../support/world.js';

interface Case extends Verb {
  name: string;
  outcome: string;
}

const cases: Case[] = [
  { name: 'a cancellation', ...verbs.cancel, outcome: 'SCHEDULED' },
  { name: 'a cancellation at once', ...verbs.cancelAtOnce, outcome: 'APPLIED' },
  { name: 'a cancellation of what is canceled', ...verbs.cancel, first: [CANCEL_PLAN, {}], outcome: 'NO_OP' },
  { name: 'a reactivation', ...verbs.reactivate, outcome: 'APPLIED' },
  { name: 'an upgrade', ...verbs.up, outcome: 'APPLIED' },
  { name: 'a downgrade', ...verbs.down, outcome: 'SCHEDULED' },
  { name: 'a change to the free plan', mutation: CHANGE, input: { plan: 'free' }, outcome: 'SCHEDULED' },
  { name: 'a change to what is there', mutation: CHANGE, input: { plan: 'team' }, outcome: 'NO_OP' },
  {
    name: 'a change to what would end',
    ...verbs.reactivate,
    mutation: CHANGE,
    input: { plan: 'team' },
    outcome: 'APPLIED',
  },
  {
    name: 'a change to what is booked away',
    ...verbs.undo,
    mutation: CHANGE,
    input: { plan: 'business' },
    outcome: 'APPLIED',
  },
  { name: 'an undo', ...verbs.undo, outcome: 'APPLIED' },
  { name: 'a pause', ...verbs.pause, outcome: 'APPLIED' },
  { name: 'a resumption', ...verbs.resume, outcome: 'APPLIED' },
];

describe('a mutation that is repeated with its key', () => {
  let world: World;
  let acme: Person;
  let people = 0;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const begin = async (plan = 'team') => {
    const name = `acme-${++people}`;
    await subscriber(world, plan, name);
    acme = world.as(name, Role.BILLING_ADMIN, Role.OPERATOR);
  };
  const ask = async (mutation: string, input: object) => JSON.stringify(await run(acme, mutation, { ...input }));
  const lastWrite = async () => (await world.gateway.parts.stripe.events.list({ limit: 1 })).data[0]?.id;

  it.each(cases)('is answered alike fifty times, also after a restart, and done once: $name', async (one) => {
    await begin(one.plan);
    if (one.first) await run(acme, ...one.first);
    await world.settled();
    const asked = { ...one.input, idempotencyKey: 'key-1' };
    const first = await ask(one.mutation, asked);
    await world.settled();
    const event = await lastWrite();
    const repeats = async (times: number) => Promise.all(Array.from({ length: times }, () => ask(one.mutation, asked)));
    const before = await repeats(25);
    await world.restartGateway();
    const after = await repeats(25);

    expect(JSON.parse(first)).toMatchObject({ outcome: one.outcome, userErrors: [] });
    expect(new Set([...before, ...after])).toEqual(new Set([first]));
    expect(await lastWrite()).toBe(event);
  });

  /** What is left of a request by a process that is killed with its effect done and its answer not kept. */
  const die = async () => {
    await world.gateway.parts.database.run('UPDATE intents SET answer = NULL', []);
    await world.restartGateway();
  };
  /** The same, killed before its last step was remembered; `due` is when the completer may take it over. */
  const reopen = (due: number) =>
    world.gateway.parts.database.run(
      `UPDATE intents SET state = 'open', open_for = account_id, step = step - 1, finished_at = NULL, due_at = ?
       WHERE id = (SELECT id FROM (SELECT MAX(id) AS id FROM intents WHERE client_key = 'key-1') AS latest)`,
      [due],
    );

  it.each(cases.filter(({ outcome }) => outcome !== 'NO_OP'))(
    'is answered as the first would have been, whose process died with it: $name',
    async (one) => {
      await begin(one.plan);
      if (one.first) await run(acme, ...one.first);
      await world.settled();
      const asked = { ...one.input, idempotencyKey: 'key-1' };
      const first = await ask(one.mutation, asked);
      await world.settled();
      const event = await lastWrite();
      await die();

      expect(await ask(one.mutation, asked)).toBe(first);
      expect(await lastWrite()).toBe(event);
      expect((await run(acme, CHANGE, { seats: 9, idempotencyKey: 'key-1' })).userErrors).toMatchObject([
        { code: 'IDEMPOTENCY_KEY_REUSED' },
      ]);
    },
  );

  it('is answered as the first would have been though its preview has expired, once the completer has finished it', async () => {
    await begin();
    const { preview } = await run(acme, PREVIEW, { plan: 'business', interval: 'MONTH' });
    const asked = { previewToken: preview.token, idempotencyKey: 'key-1' };
    const first = await ask(CHANGE, asked);
    await world.settled();
    const event = await lastWrite();
    await reopen(Number.MAX_SAFE_INTEGER);
    await die();
    const { wall } = world.gateway.parts;
    const clock = jest.spyOn(wall, 'now').mockReturnValue(Date.parse(preview.expiresAt));
    const early = await run(acme, CHANGE, asked);
    await completeIntents(world);
    const again = await ask(CHANGE, asked);
    clock.mockRestore();

    expect(early.userErrors).toMatchObject([{ code: 'IN_PROGRESS' }]);
    expect(JSON.parse(first)).toMatchObject({ outcome: 'APPLIED' });
    expect(again).toBe(first);
    expect(await lastWrite()).toBe(event);
  });

  it('keeps its answer when things have moved on since', async () => {
    await begin();
    const key = { idempotencyKey: 'key-1' };
    await run(acme, CANCEL_PLAN);
    const nothing = await run(acme, CANCEL_PLAN, key);
    await run(acme, REACTIVATE_PLAN);
    const again = await run(acme, CANCEL_PLAN, key);

    expect([nothing.outcome, again.outcome]).toEqual(['NO_OP', 'NO_OP']);
    expect((await standing(acme)).subscription.cancellation).toBeNull();
  });

  it('is refused with another input and for another mutation, whatever became of the first', async () => {
    await begin();
    const key = { idempotencyKey: 'key-1' };
    await run(acme, CHANGE, { plan: 'business', ...key });
    const codes = [
      await run(acme, CHANGE, { plan: 'free', ...key }),
      await run(acme, CHANGE, { plan: 'business', seats: 2, ...key }),
      await run(acme, CANCEL_PLAN, key),
      await run(acme, REACTIVATE_PLAN, key),
    ].map(({ userErrors }) => userErrors[0]?.code);

    expect(codes).toEqual(Array.from({ length: 4 }, () => 'IDEMPOTENCY_KEY_REUSED'));
  });

  it('may say its key by a header, which the input overrides', async () => {
    await begin();
    const token = await issueToken(world.config, systemWall, {
      ...{ account: `acme-${people}`, roles: [Role.BILLING_ADMIN], ttlSeconds: 3_600 },
    });
    const post = async (mutation: string, input: object, header: string) => {
      const answer = await fetch(`http://127.0.0.1:${world.gateway.port}/graphql`, {
        method: 'POST',
        headers: {
          ...{ 'content-type': 'application/json', authorization: `Bearer ${token}` },
          'Idempotency-Key': header,
        },
        body: JSON.stringify({ query: mutation, variables: { input } }),
      });
      const { data } = (await answer.json()) as { data: Record<string, { outcome: string; userErrors: object[] }> };
      return Object.values(data)[0];
    };
    const first = await post(CANCEL_PLAN, {}, 'key-1');
    await post(REACTIVATE_PLAN, {}, 'key-2');

    expect(first).toMatchObject({ outcome: 'SCHEDULED', userErrors: [] });
    expect(await post(CANCEL_PLAN, {}, 'key-1')).toMatchObject({ outcome: 'SCHEDULED', userErrors: [] });
    expect((await standing(acme)).subscription.cancellation).toBeNull();
    for (const reused of [
      await post(REACTIVATE_PLAN, {}, 'key-1'),
      await run(acme, CHANGE, { seats: 2, idempotencyKey: 'key-1' }),
    ])
      expect(reused?.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
    expect((await post(CANCEL_PLAN, {}, 'with blanks'))?.userErrors).toMatchObject([{ code: 'INVALID' }]);
    expect(await post(CHANGE, { seats: 2, idempotencyKey: 'key-3' }, 'key-1')).toMatchObject({ outcome: 'APPLIED' });
  });

  it('is told which key will not do, as an error of the input', async () => {
    await begin();
    for (const idempotencyKey of ['', 'with blanks', 'x'.repeat(256)])
      expect((await run(acme, CANCEL_PLAN, { idempotencyKey })).userErrors).toMatchObject([
        { code: 'INVALID', field: ['input', 'idempotencyKey'] },
      ]);
  });

  it('is done once for fifty at the same time, who get one answer, and refused to who asks for something else', async () => {
    await begin();
    const asked = { plan: 'business', idempotencyKey: 'key-1' };
    const fifty = Promise.all(Array.from({ length: 50 }, () => ask(CHANGE, asked)));
    const other = await run(acme, CHANGE, { ...asked, seats: 2 });
    const all = await fifty;
    const { invoices } = await standing(acme);

    expect(new Set(all).size).toBe(1);
    expect(JSON.parse(String(all[0]))).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
    expect(other.userErrors[0].code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(invoices.nodes.filter(({ reason }: { reason: string }) => reason === 'SUBSCRIPTION_CHANGE')).toHaveLength(1);
  });

  it('is one of twenty tabs that want different things: each accepted one is one change at Stripe, the others learn the revision', async () => {
    await begin();
    await world.settled();
    const { revision } = await standing(acme);
    const wanted = Array.from({ length: 20 }, (_, tab) => ({
      ...(tab % 2 ? { plan: 'business' } : { plan: 'team', seats: 3 }),
      expectedRevision: revision,
      idempotencyKey: `tab-${tab}`,
    }));
    const all = await Promise.all(wanted.map((input) => run(acme, CHANGE, input)));
    await world.settled();
    const accepted = all.filter(({ outcome }) => outcome === 'APPLIED');
    const { invoices, subscription } = await standing(acme);
    const customer = await customerOf(world, `acme-${people}`);
    const live = await world.gateway.parts.stripe.subscriptions.list({ customer });

    expect(accepted).toHaveLength(1);
    for (const { outcome, userErrors } of all.filter((one) => one !== accepted[0])) {
      expect(outcome).toBe('REJECTED');
      expect(userErrors).toMatchObject([
        { __typename: 'ConflictError', code: 'CONFLICT', subscription: { id: subscription.id } },
      ]);
      expect(userErrors[0].currentRevision).toBeGreaterThanOrEqual(revision);
    }
    expect(invoices.nodes.filter(({ reason }: { reason: string }) => reason === 'SUBSCRIPTION_CHANGE')).toHaveLength(1);
    expect(live.data).toHaveLength(1);
  });
});
