import { systemTimers } from '../../src/clock/system-clock.js';
import type { Instant, Timers, WallClock } from '../../src/ports';

/** A wall clock and timers that stand still until a test moves them. */
export interface ManualTime {
  wall: WallClock;
  timers: Timers;
  /** Moves the clock and runs, in order, what became due on the way. */
  advance(ms: number): void;
  /** Resolves as soon as a task of exactly this length waits. */
  waitingFor(ms: number): Promise<void>;
}

export function createManualTime(start: Instant = Date.parse('2027-01-15T12:00:00.000Z')): ManualTime {
  let now = start;
  const tasks = new Set<{ ms: number; at: Instant; run: () => void }>();
  let added = () => {};

  function after(ms: number, run: () => void): () => void {
    const task = { ms, at: now + ms, run };
    tasks.add(task);
    added();
    return () => tasks.delete(task);
  }

  return {
    wall: { now: () => now },
    timers: { after, sleep: (ms) => new Promise((resolve) => after(ms, resolve)), turn: systemTimers.turn },
    async waitingFor(ms) {
      while (![...tasks].some((task) => task.ms === ms)) await new Promise<void>((resolve) => (added = resolve));
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const next = [...tasks].filter((task) => task.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        tasks.delete(next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = end;
    },
  };
}
