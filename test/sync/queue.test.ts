import { apply, FenceLost } from '../../src/sync/apply.js';
import {
  ask,
  claim,
  forgottenSubjects,
  nextClaimAt,
  nextDueAt,
  putOff,
  releaseAll,
  renew,
  type Round,
} from '../../src/sync/queue.js';
import { NO_TRIES } from '../../src/sync/tries.js';
import { type Bench, madeEvent, startBench } from '../support/bench.js';

const done = { verdicts: [], failed: false, retryDelayMs: null };

describe('the queue of subjects', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.stop());

  const subject = (key: string) =>
    bench.row<{ asked: number; answered: number; fence: number; due_at: number | null; lease_owner: string | null }>(
      'SELECT * FROM subjects WHERE subject = ?',
      key,
    );
  const customerEvent = (customer: string) => madeEvent('customer.updated', { object: 'customer', id: customer });
  const taken = async (key?: string): Promise<Round> => {
    const round = await bench.claim(key);
    if (!round) throw new Error('Nothing was claimed.');
    return round;
  };

  it('gives one subject to one worker, however many ask at once', async () => {
    await bench.ask('cus_1');
    const another = await bench.openAnother();
    const claims = Array.from({ length: 20 }, (_, n) =>
      claim(n % 2 ? another : bench.database, bench.needs.random, { owner: `w${n}`, leaseMs: 3_000, billingNow: 0 }),
    );

    expect((await Promise.all(claims)).filter((round) => round !== null)).toHaveLength(1);
    expect((await subject('cus_1')).fence).toBe(1);
  });

  it('gives different subjects to different workers', async () => {
    await bench.ask('cus_1', 'cus_2', 'cus_3');
    const rounds = [await taken(), await taken(), await taken()];

    expect(rounds.map(({ subject: key }) => key).sort()).toEqual(['cus_1', 'cus_2', 'cus_3']);
    expect(await bench.claim()).toBeNull();
  });

  it('confirms what changed in a round that follows a good one, and not in a retry, which comes too soon', async () => {
    const unconfirmed = { ...done, confirmed: false };
    await bench.ask('cus_1');
    await apply(bench.database, await taken(), async () => unconfirmed);
    bench.time.advance(60_000);
    const confirming = await taken();
    await putOff(bench.database, confirming, 0);
    const retry = await taken();
    await apply(bench.database, retry, async () => unconfirmed);
    bench.time.advance(60_000);
    const again = await taken();

    expect([confirming, retry, again].map((round) => round.confirming)).toEqual([true, false, true]);
  });

  it('lets what waits go before what was changed and is only confirmed, and forgets neither', async () => {
    const many = (name: string) => Array.from({ length: 40 }, (_subject, n) => `cus_${name}_${n}`);
    await bench.ask(...many('changed'));
    for (let n = 0; n < 40; n++)
      await apply(bench.database, await taken(), async () => ({ ...done, confirmed: false }));
    bench.time.advance(60_000);
    await bench.ask(...many('asked'));
    const order: boolean[] = [];
    for (let round = await bench.claim(); round; round = await bench.claim()) {
      order.push(round.confirming);
      await apply(bench.database, round, async () => done);
    }

    expect(order.filter((confirming) => confirming)).toHaveLength(40);
    expect(order).toHaveLength(80);
    // By chance a ninth; were they alike, all of the forty that are due for longer.
    expect(order.slice(0, 25).filter((confirming) => confirming).length).toBeLessThan(15);
  });

  it('confirms nothing in a round that comes too soon after the change: who waits for one may take it before it is due', async () => {
    const changed = { ...done, confirmed: false, wrote: true };
    await bench.ask('cus_1');
    await apply(bench.database, await taken(), async () => changed);
    bench.time.advance(200);
    const early = await bench.claim('cus_1');
    if (!early) throw new Error('Nothing was taken.');
    await apply(bench.database, early, async () => ({ ...done, confirmed: false }));
    bench.time.advance(11_000);
    const inTime = await taken();

    expect([early.confirming, inTime.confirming]).toEqual([false, true]);
  });

  it('gives the subject away again, with a higher fence, when the lease has run out', async () => {
    await bench.ask('cus_1');
    const first = await taken();
    bench.time.advance(2_999);
    expect(await bench.claim()).toBeNull();
    bench.time.advance(1);
    const second = await taken();

    expect([first.fence, second.fence]).toEqual([1, 2]);
  });

  it('keeps a lease that is renewed, and lets nobody renew one that was lost', async () => {
    await bench.ask('cus_1');
    const first = await taken();
    bench.time.advance(2_000);
    expect(await renew(bench.database, first, 'bench', 3_000)).toBe(true);
    bench.time.advance(2_000);
    expect(await bench.claim()).toBeNull();
    bench.time.advance(1_000);
    await taken();

    expect(await renew(bench.database, first, 'bench', 3_000)).toBe(false);
  });

  it('lets a stolen round write nothing', async () => {
    await bench.deliver(customerEvent('cus_1'));
    const stolen = await taken();
    bench.time.advance(3_000);
    const thief = await taken();
    const verdict = {
      id: String(stolen.events[0]?.id),
      state: 'done' as const,
      attempts: 0,
      tries: NO_TRIES,
      delayMs: null,
      error: null,
    };
    let wrote = false;
    const late = apply(bench.database, stolen, async () => {
      wrote = true;
      return { ...done, verdicts: [verdict] };
    });

    await expect(late).rejects.toBeInstanceOf(FenceLost);
    expect(wrote).toBe(false);
    expect((await bench.event(verdict.id)).state).toBe('pending');
    await expect(
      apply(bench.database, thief, () => Promise.resolve({ ...done, verdicts: [verdict] })),
    ).resolves.toBeDefined();
    expect((await bench.event(verdict.id)).state).toBe('done');
  });

  it('lets a stolen round put nothing off', async () => {
    await bench.ask('cus_1');
    const stolen = await taken();
    bench.time.advance(3_000);
    await taken();
    await putOff(bench.database, stolen, 60_000);

    expect(await subject('cus_1')).toMatchObject({ lease_owner: 'bench', due_at: bench.time.wall.now() - 3_000 });
  });

  it('writes nothing of a round whose writing throws', async () => {
    await bench.deliver(customerEvent('cus_1'));
    const round = await taken();
    const failing = apply(bench.database, round, async (transaction) => {
      await transaction.run("UPDATE accounts SET plan_key = 'business'");
      throw new Error('the disk is full');
    });

    await expect(failing).rejects.toThrow('the disk is full');
    expect(await bench.row('SELECT plan_key FROM accounts')).toEqual({ plan_key: 'free' });
    expect((await subject('cus_1')).lease_owner).toBe('bench');
  });

  it('is due again at once when it is asked during the round, and at rest when it is not', async () => {
    await bench.ask('cus_1');
    const round = await taken();
    bench.time.advance(10);
    await bench.ask('cus_1');
    await apply(bench.database, round, () => Promise.resolve(done));
    expect(await subject('cus_1')).toMatchObject({
      due_at: bench.time.wall.now(),
      answered: 1,
      asked: 2,
      lease_owner: null,
    });

    await apply(bench.database, await taken(), () => Promise.resolve(done));
    expect(await subject('cus_1')).toMatchObject({ due_at: null, answered: 2 });
    expect(await nextDueAt(bench.database.read)).toBeNull();
  });

  it('is due when the first of its waiting events is', async () => {
    await bench.deliver(customerEvent('cus_1'), customerEvent('cus_1'));
    const round = await taken();
    const verdicts = round.events.map(({ id }, n) => ({
      id,
      state: 'pending' as const,
      attempts: 1,
      tries: NO_TRIES,
      delayMs: 5_000 - n * 4_000,
      error: 'x',
    }));
    await apply(bench.database, round, () => Promise.resolve({ ...done, verdicts }));

    expect((await subject('cus_1')).due_at).toBe(bench.time.wall.now() + 1_000);
    expect(await bench.claim()).toBeNull();
    bench.time.advance(1_000);
    expect((await taken()).events).toHaveLength(1);
  });

  it('keeps a question open when the look failed', async () => {
    await bench.ask('cus_1');
    await apply(bench.database, await taken(), () => Promise.resolve({ ...done, failed: true, retryDelayMs: 700 }));

    expect(await subject('cus_1')).toMatchObject({
      asked: 1,
      answered: 0,
      attempts: 1,
      due_at: bench.time.wall.now() + 700,
    });
  });

  it('takes 500 events a round, and the rest at once after', async () => {
    await bench.deliver(...Array.from({ length: 520 }, () => customerEvent('cus_1')));
    const round = await taken();
    expect(round).toMatchObject({ whole: false });
    const verdicts = round.events.map(({ id }) => ({
      id,
      state: 'done' as const,
      attempts: 0,
      tries: NO_TRIES,
      delayMs: null,
      error: null,
    }));
    expect(verdicts).toHaveLength(500);
    await apply(bench.database, round, () => Promise.resolve({ ...done, verdicts }));

    const rest = await taken();
    expect([rest.whole, rest.events.length]).toEqual([true, 20]);
  });

  it('finds the subjects of events that nobody asked about, and no others', async () => {
    await bench.deliver(customerEvent('cus_asked'), customerEvent('cus_forgotten'), customerEvent('cus_resting'));
    await bench.database.run("DELETE FROM subjects WHERE subject = 'cus_forgotten'");
    await bench.database.run("UPDATE subjects SET due_at = NULL WHERE subject = 'cus_resting'");

    const found = await forgottenSubjects(bench.database.read, bench.time.wall.now());
    expect(found.sort()).toEqual(['cus_forgotten', 'cus_resting']);
    await bench.database.run('UPDATE stripe_events SET pending_at = ?', [bench.time.wall.now() + 1]);
    expect(await forgottenSubjects(bench.database.read, bench.time.wall.now())).toEqual([]);
  });

  it('numbers the questions, also of two transactions at once', async () => {
    const numbers = await Promise.all(
      Array.from({ length: 10 }, () =>
        bench.database.transaction((transaction) =>
          ask(transaction, bench.database.dialect, 'cus_1', bench.time.wall.now()),
        ),
      ),
    );

    expect(numbers.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('never moves a due time back when it is asked once more', async () => {
    await bench.ask('cus_1');
    const first = (await subject('cus_1')).due_at;
    bench.time.advance(50);
    await bench.ask('cus_1');

    expect((await subject('cus_1')).due_at).toBe(first);
  });

  it('gets back every lease of a worker that stops', async () => {
    await bench.ask('cus_1', 'cus_2');
    await taken();
    await taken();
    await releaseAll(bench.database, 'somebody else');
    expect(await bench.claim()).toBeNull();
    await releaseAll(bench.database, 'bench');

    expect(await bench.claim()).not.toBeNull();
  });

  it('wakes nobody for a subject whose round is under way before its lease runs out', async () => {
    await bench.ask('cus_1');
    expect(await nextClaimAt(bench.database.read)).toBe(bench.time.wall.now());
    await taken();

    expect(await nextClaimAt(bench.database.read)).toBe(bench.time.wall.now() + 3_000);
    expect(await nextDueAt(bench.database.read)).toBe(bench.time.wall.now());
  });
});
