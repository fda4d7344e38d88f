import fc from 'fast-check';
import { nothingSeen, type Failure } from '../../src/sync/seen.js';
import { backOff, judge, type Verdict, type VerdictContext } from '../../src/sync/verdict.js';
import type { PendingEvent } from '../../src/sync/queue.js';
import { anEvent, NOW, pending } from '../support/states.js';

const HOUR = 3_600_000;

const context = (differs: Partial<VerdictContext> = {}): VerdictContext => ({
  seen: nothingSeen(),
  owned: true,
  resurrected: new Set(),
  held: () => false,
  now: NOW,
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
    current = { ...current, attempts: verdict.attempts };
  }
}

const event = pending(anEvent());

describe('an event of a round', () => {
  it('is done when its object was seen as it says', () => {
    expect(judge(event, [], context())).toEqual({
      id: 'evt_1',
      state: 'done',
      attempts: 0,
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
  ])('that waits for an outage since %i ms is %s', (age, state) => {
    const waiting = { ...event, attempts: 900, receivedAt: NOW - age };

    expect(judge(waiting, [], failing({ transient: true, message: 'down' })).state).toBe(state);
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
