import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicFactory } from 'ulid';
import type { Random, Timers, WallClock } from '../ports.js';

export const systemWall: WallClock = { now: () => Date.now() };

/** The longest wait Node's timers know, about 24.8 days; longer ones would fire at once. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Timers of the process. A task set for later keeps no process alive; a sleep does, since somebody awaits it. */
export const systemTimers: Timers = {
  after(ms, task) {
    let timer: NodeJS.Timeout;
    (function wait(left: number) {
      const step = Math.min(left, LONGEST_WAIT_MS);
      timer = setTimeout(() => (left > step ? wait(left - step) : task()), step).unref();
    })(Math.max(0, ms));
    return () => clearTimeout(timer);
  },
  sleep: (ms) => sleep(ms),
  turn: () => new Promise((resolve) => setImmediate(resolve)),
};

/** Below 2^48, the widest range `randomInt` offers. */
const FRACTION_STEPS = 2 ** 48 - 1;

/** Unguessable randomness. Ids of the same millisecond keep the order in which they were made. */
export function createSystemRandom(): Random {
  const fraction = () => randomInt(FRACTION_STEPS) / FRACTION_STEPS;
  const next = monotonicFactory(fraction);
  return { ulid: () => next(), uuid: () => randomUUID(), fraction };
}
