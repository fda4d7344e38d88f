import type { Timers } from '../../src/ports.js';
import type { Chance } from './chance.js';
import { rest } from './real-work.js';

interface Task {
  at: number;
  /** Decides between tasks of the same moment. */
  lot: number;
  run: () => void;
}

const START = Date.parse('2027-01-15T12:00:00.000Z');

/**
 * Virtual time. Nothing in a run waits for anything but a task of this schedule, so once the engine has no more to do,
 * the next task is all that can happen; its lot decides the order within a millisecond.
 */
export class Schedule {
  now = START;
  private tasks: Task[] = [];

  constructor(private readonly chance: Chance) {}

  readonly timers: Timers = {
    after: (ms, run) => this.after(ms, run),
    sleep: (ms) => this.sleep(ms),
    turn: () => Promise.resolve(),
  };

  after(ms: number, run: () => void): () => void {
    const task = { at: this.now + Math.max(0, Math.round(ms)), lot: this.chance.fraction(), run };
    const place = this.tasks.findIndex(({ at, lot }) => at > task.at || (at === task.at && lot > task.lot));
    this.tasks.splice(place < 0 ? this.tasks.length : place, 0, task);
    return () => {
      const found = this.tasks.indexOf(task);
      if (found >= 0) this.tasks.splice(found, 1);
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Runs tasks for this long; all that they set going comes to rest before time goes on. */
  async run(ms: number): Promise<void> {
    const end = this.now + ms;
    await rest();
    for (let next = this.tasks[0]; next && next.at <= end; next = this.tasks[0]) {
      this.tasks.shift();
      this.now = Math.max(this.now, next.at);
      next.run();
      await rest();
    }
    this.now = end;
  }

  /** Waits for work while time goes on. */
  async until<Result>(work: Promise<Result>): Promise<Result> {
    let done = false;
    void work.then(
      () => (done = true),
      () => (done = true),
    );
    for (await rest(); !done; await this.run(1));
    return work;
  }

  clear(): void {
    this.tasks = [];
  }
}
