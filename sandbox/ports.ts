import { randomInt } from 'node:crypto';

/** Wall time and timers: what a person at the keyboard would see. The sandbox's own clock is built on top of it. */
export interface Wall {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `work` once after `ms`; the answer cancels it. Never keeps the process alive by itself. */
  after(ms: number, work: () => void): () => void;
}

export const systemWall: Wall = {
  now: () => Date.now(),
  after(ms, work) {
    const timer = setTimeout(work, Math.min(ms, 2_000_000_000));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A seed nobody chose, for a sandbox that was started without one. */
export function freshSeed(): number {
  return randomInt(1, 2 ** 31);
}
