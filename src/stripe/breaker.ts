import type { Random, WallClock } from '../ports.js';

/** `open` leaves Stripe alone; `trying` lets one call find out whether it answers again. */
export type BreakerState = 'closed' | 'open' | 'trying';

/** How an attempt ended: with an answer of Stripe's, whatever it says; without; or it was never made. */
export type AttemptEnd = 'answered' | 'failed' | 'unasked';

export interface Breaker {
  state(): BreakerState;
  /** May a call be made? If not, for how long Stripe is left alone; if so, `end` must be told how it went. */
  admit(call: string): { refusedForMs: number } | { trial: boolean; end: (how: AttemptEnd) => void };
}

const FIRST_PAUSE_MS = 1_000;

/**
 * Leaves Stripe alone once so many different calls have failed in a row. Different, because one object that Stripe
 * cannot serve says nothing about the others.
 */
export function createBreaker(
  { failures, longestPauseMs }: { failures: number; longestPauseMs: number },
  { wall, random }: { wall: WallClock; random: Random },
): Breaker {
  const failed = new Set<string>();
  let state: BreakerState = 'closed';
  let pauses = 0;
  let openedAt = 0;
  let pauseMs = 0;

  /** Measured from the opening, so that a clock that was set back does not prolong it. */
  const left = () => Math.max(0, pauseMs - Math.max(0, wall.now() - openedAt));

  function open(): void {
    const ceiling = Math.min(longestPauseMs, FIRST_PAUSE_MS * 2 ** Math.min(pauses, 20));
    [state, openedAt, pauseMs] = ['open', wall.now(), ceiling * (0.5 + random.fraction() / 2)];
    pauses += 1;
  }

  function close(): void {
    failed.clear();
    [state, pauses] = ['closed', 0];
  }

  return {
    state: () => state,
    admit(call) {
      if (failures === 0) return { trial: false, end() {} };
      if (state === 'trying') return { refusedForMs: FIRST_PAUSE_MS };
      if (state === 'open' && left() > 0) return { refusedForMs: left() };
      const trial = state === 'open';
      if (trial) state = 'trying';
      return {
        trial,
        end(how) {
          if (how === 'answered') close();
          else if (trial && state === 'trying') {
            if (how === 'failed') open();
            else state = 'open';
          } else if (how === 'failed' && failed.add(call).size >= failures && state === 'closed') open();
        },
      };
    },
  };
}
