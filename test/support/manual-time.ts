import type { Instant, Timers, WallClock } from '../../src/ports';

/** A wall clock and timers that stand still until a test moves them. */
export interface ManualTime {
  wall: WallClock;
  timers: Timers;
  /** Moves the clock and runs, in order, what became due on the way. */
  advance(ms: number): void;
  /** How many tasks wait. */
  waiting(): number;
}

export function createManualTime(start: Instant = Date.parse('2027-01-15T12:00:00.000Z')): ManualTime {
  let now = start;
  const tasks = new Set<{ at: Instant; run: () => void }>();

  function after(ms: number, run: () => void): () => void {
    const task = { at: now + ms, run };
    tasks.add(task);
    return () => tasks.delete(task);
  }

  return {
    wall: { now: () => now },
    timers: { after, sleep: (ms) => new Promise((resolve) => after(ms, resolve)) },
    waiting: () => tasks.size,
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
