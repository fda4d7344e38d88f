import fc from 'fast-check';
import { nothingSeen, type Failure } from '../../src/sync/seen.js';
import { backOff, judge, retryAfter, type Verdict, type VerdictContext } from '../../src/sync/verdict.js';
import { NO_TRIES } from '../../src/sync/tries.js';
import type { PendingEvent } from '../../src/sync/queue.js';
import { anEvent, pending } from '../support/states.js';

const HOUR = 3_600_000;

const context = (differs: Partial<VerdictContext> = {}): VerdictContext => ({
  seen: nothingSeen(),
  owned: true,
  resurrected: new Set(),
  held: () => false,
  jitter: 0.5,
  ...differs,
});

function failing(failure: Failure): VerdictContext {
  const seen = nothingSeen();
  seen.failures.set('sub_1', failure);
  return context({ seen });
}

function missing(differs: Partial<VerdictContext> = {}): VerdictContext {
  const seen = nothingSeen();
  seen.subscription.set('sub_1', { state: null, raw: null });
  return context({ seen, ...differs });
}

/** Judges again and again as time goes by, and tells the delays between and how it ends. */
function course(event: PendingEvent, at: VerdictContext): { delays: (number | null)[]; end: Verdict } {
  const delays: (number | null)[] = [];
  let current = event;
  for (;;) {
    const verdict = judge(current, [], at);
    if (verdict.state !== 'pending') return { delays, end: verdict };
    delays.push(verdict.delayMs);
    current = { ...current, attempts: verdict.attempts, tries: verdict.tries };
  }
}

const event = pending(anEvent());

describe('an event of a round', () => {
  it('is done when its object was seen as it says', () => {
    expect(judge(event, [], context())).toEqual({
      id: 'evt_1',
      state: 'done',
      attempts: 0,
      tries: NO_TRIES,
      delayMs: null,
      error: null,
    });
  });

  it('is dead at once when its body is no event', () => {
    expect(judge(pending(null), [], context())).toMatchObject({
      state: 'dead',
      delayMs: null,
      error: expect.any(String),
    });
  });

  it('is ignored when nobody listens to its type any more', () => {
    expect(judge(pending(anEvent({ type: 'charge.refunded' })), [], context()).state).toBe('ignored');
  });

  it('is dead at once when it names nothing to look at', () => {
    const nameless = pending(anEvent({ object: { object: 'subscription', id: 42 } }));

    expect(judge(nameless, [], context()).state).toBe('dead');
  });

  it('of an unknown customer is parked for 1 s, 5 s, 30 s, 2 min and 10 min, then unmatched', () => {
    const { delays, end } = course(event, context({ owned: false }));

    expect(delays).toEqual([1_000, 5_000, 30_000, 120_000, 600_000]);
    expect(end).toMatchObject({ state: 'unmatched', attempts: 5, error: expect.stringContaining('No account') });
  });

  it("that Stripe's answer denies is asked again after 1, 5 and 30 s, then the answer stands", () => {
    const seen = nothingSeen();
    seen.subscription.set('sub_1', { state: {} as never, raw: { quantity: 1 } });
    const denied = pending(anEvent({ previousAttributes: { quantity: 1 } }));
    const { delays, end } = course(denied, context({ seen }));

    expect(delays).toEqual([1_000, 5_000, 30_000]);
    expect(end).toMatchObject({ state: 'done', error: null });
  });

  it('about an object that Stripe does not know is unmatched after the same delays', () => {
    const { delays, end } = course(event, missing());

    expect(delays).toEqual([1_000, 5_000, 30_000]);
    expect(end.state).toBe('unmatched');
  });

  it('about an object that Stripe has dropped and we hold is done in the end', () => {
    expect(course(event, missing({ held: (id) => id === 'sub_1' })).end.state).toBe('done');
  });

  it('that takes back a final state is dead after the same delays, with a reason', () => {
    const { delays, end } = course(event, context({ resurrected: new Set(['sub_1']) }));

    expect(delays).toEqual([1_000, 5_000, 30_000]);
    expect(end).toMatchObject({ state: 'dead', error: expect.stringContaining('sub_1') });
  });

  it('whose object cannot be mapped is dead at the third try', () => {
    const { delays, end } = course(event, failing({ transient: false, message: 'no items' }));

    expect(delays).toHaveLength(2);
    expect(end).toMatchObject({ state: 'dead', attempts: 3, error: 'no items' });
  });

  it.each([
    [0, 'pending'],
    [72 * HOUR, 'pending'],
    [72 * HOUR + 1, 'dead'],
  ])('that has backed off for %i ms in an outage is %s', (waitedMs, state) => {
    const waiting = { ...event, attempts: 900, tries: { ...NO_TRIES, transient: 900, waitedMs } };

    expect(judge(waiting, [], failing({ transient: true, message: 'down' })).state).toBe(state);
  });

  it('waits for 72 hours of back-off before it is dead', () => {
    const { delays } = course(event, failing({ transient: true, message: 'down' }));

    expect(delays.reduce<number>((sum, delay) => sum + (delay ?? 0), 0)).toBeGreaterThan(72 * HOUR);
    expect(delays.length).toBeGreaterThan(800);
  });

  it('loses no try and never dies while Stripe is left alone', () => {
    const at = failing({ transient: true, message: 'left alone', pauseMs: 4_000 });
    const worn = { ...event, attempts: 900, tries: { ...NO_TRIES, transient: 900, waitedMs: 100 * HOUR } };

    for (const waiting of [event, worn]) {
      const { state, attempts, tries, delayMs, why } = judge(waiting, [], at);
      expect({ state, attempts, tries, why }).toEqual({
        ...{ state: 'pending', why: 'paused' },
        attempts: waiting.attempts,
        tries: waiting.tries,
      });
      expect(delayMs).toBeGreaterThan(4_000);
    }
  });

  it.each<[string, VerdictContext, string]>([
    ['a failed mapping', failing({ transient: false, message: 'no items' }), 'dead'],
    ['an unknown customer', context({ owned: false }), 'unmatched'],
    ['an object that is not there', missing(), 'unmatched'],
  ])('has all its patience for %s after many failures of the network', (_what, at, state) => {
    const fresh = course(event, at);
    const worn = { ...event, attempts: 50, tries: { ...NO_TRIES, transient: 50, waitedMs: HOUR } };
    const { delays, end } = course(worn, at);

    expect(delays).toEqual(fresh.delays);
    expect(end.state).toBe(state);
  });

  it('is parked like any other after an answer that denied it to the end', () => {
    const seen = nothingSeen();
    seen.subscription.set('sub_1', { state: {} as never, raw: { quantity: 1 } });
    const denied = pending(anEvent({ previousAttributes: { quantity: 1 } }));
    const { delays, end } = course(denied, context({ seen, owned: false }));

    expect(delays).toEqual([1_000, 5_000, 30_000, 1_000, 5_000, 30_000, 120_000, 600_000]);
    expect(end.state).toBe('unmatched');
  });

  it('that an earlier round explained is done at once, if what explains it is of a later second', () => {
    const seen = nothingSeen();
    seen.subscription.set('sub_1', { state: {} as never, raw: { cancel_at_period_end: true } });
    const set = (id: string, created: number, to: boolean) =>
      anEvent({
        ...{ id, created },
        object: { object: 'subscription', id: 'sub_1', customer: 'cus_1', cancel_at_period_end: to },
        previousAttributes: { cancel_at_period_end: !to },
      });
    const takenBack = pending(set('evt_2', 101, false));

    const judged = (canceledAgain: number) =>
      judge(takenBack, [], context({ seen, finished: [set('evt_3', canceledAgain, true)] })).state;
    expect(judged(102)).toBe('done');
    expect(judged(101)).toBe('pending');
    expect(judged(100)).toBe('pending');
  });

  it('fails by the objects it names and by no other', () => {
    const other = pending(anEvent({ id: 'evt_2', object: { object: 'subscription', id: 'sub_2' } }));
    const at = failing({ transient: false, message: 'no items' });

    expect(judge(event, [], at).state).toBe('pending');
    expect(judge(other, [], at).state).toBe('done');
  });

  it('fails by either of two objects that it names', () => {
    const paid = anEvent({
      type: 'invoice.paid',
      object: { object: 'invoice', id: 'in_1', parent: { subscription_details: { subscription: 'sub_1' } } },
    });

    expect(judge(pending(paid), [], failing({ transient: true, message: 'down' })).state).toBe('pending');
  });
});

describe('a round that could not see all', () => {
  const [down, broken] = [
    { transient: true, message: 'down' },
    { transient: false, message: 'no items' },
  ];
  const paused = { ...down, pauseMs: 4_000 };

  it.each([
    ['nothing failed', [], 0, { failed: false, retryDelayMs: null, counts: false }],
    ['the network failed', [down], 0, { failed: true, retryDelayMs: 1_000, counts: true }],
    ['Stripe is left alone', [paused], 7, { failed: true, retryDelayMs: 6_050, counts: false }],
    [
      'Stripe is left alone and the network failed',
      [paused, down],
      0,
      { failed: true, retryDelayMs: 1_000, counts: true },
    ],
    ['an object cannot be mapped', [broken], 0, { failed: true, retryDelayMs: 1_000, counts: true }],
    [
      'an object cannot be mapped for the third time',
      [broken],
      2,
      { failed: false, retryDelayMs: null, counts: false },
    ],
  ])('is over or not as it should be when %s', (_what, failures, attempts, ending) => {
    expect(retryAfter(failures, attempts, 0.5)).toEqual(ending);
  });
});

describe('the back-off', () => {
  it('lies between 50 ms and a ceiling that doubles up to five minutes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (tries, jitter) => {
          const delay = backOff(tries, jitter);
          expect(delay).toBeGreaterThanOrEqual(50);
          expect(delay).toBeLessThanOrEqual(Math.min(300_000, 1_000 * 2 ** Math.min(tries, 30)));
          expect(Number.isInteger(delay)).toBe(true);
        },
      ),
    );
    expect(backOff(1, 0.999)).toBeGreaterThan(1_900);
    expect(backOff(12, 0.999)).toBeGreaterThan(290_000);
  });
});
