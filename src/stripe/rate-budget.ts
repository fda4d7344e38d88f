import type { Timers, WallClock } from '../ports.js';

/** What this process may ask of Stripe in a second, shared by all that ask. */
export interface RateBudget {
  /** Waits for a turn; false when it does not come within `limitMs`. Callers go before jobs. */
  take(limitMs: number, job: boolean): Promise<boolean>;
  /** Stripe says that it is too much: what was saved up is given up. */
  drain(): void;
}

interface Waiting {
  granted: () => void;
}

/** A bucket that fills evenly and holds a quarter of a second. A rate of 0 has no limit. */
export function createRateBudget(perSecond: number, { wall, timers }: { wall: WallClock; timers: Timers }): RateBudget {
  const most = Math.max(1, Math.floor(perSecond / 4));
  const callers: Waiting[] = [];
  const jobs: Waiting[] = [];
  let saved = most;
  let filledAt = wall.now();
  let armed = false;

  function fill(): void {
    const now = wall.now();
    // A clock that was set back gives nothing, and takes nothing away.
    saved = Math.min(most, saved + (Math.max(0, now - filledAt) * perSecond) / 1_000);
    filledAt = now;
  }

  function serve(): void {
    fill();
    for (let next = callers[0] ?? jobs[0]; next && saved >= 1; next = callers[0] ?? jobs[0]) {
      (callers[0] ? callers : jobs).shift();
      saved -= 1;
      next.granted();
    }
    if (armed || callers.length + jobs.length === 0) return;
    armed = true;
    timers.after(Math.ceil(((1 - saved) * 1_000) / perSecond), () => {
      armed = false;
      serve();
    });
  }

  return {
    take(limitMs, job) {
      if (perSecond === 0) return Promise.resolve(true);
      const line = job ? jobs : callers;
      return new Promise((resolve) => {
        const waiting: Waiting = { granted: () => (cancel(), resolve(true)) };
        const cancel = timers.after(limitMs, () => {
          line.splice(line.indexOf(waiting), 1);
          resolve(false);
        });
        line.push(waiting);
        serve();
      });
    },
    drain() {
      fill();
      saved = Math.min(saved, 0);
    },
  };
}
