import type { Hint, Hints } from '../../src/ports.js';
import type { Gate } from './gate.js';
import type { Watcher } from './watcher.js';
import type { World } from './world.js';

/** Sooner than the re-read, which would hide a hint that came too early. */
const PUSHED_WITHIN_MS = 900;

/** The hints between the processes, each at its own pace, some never; what was told must be pushed soon. */
export class Rumours {
  private readonly listeners = new Set<(hint: Hint) => void>();

  constructor(
    private readonly world: World,
    private readonly watchers: readonly Watcher[],
  ) {}

  /** The way of one process to the others. */
  heardBy(gate: () => Gate): Hints {
    const { schedule, chance } = this.world;
    return {
      publish: (hint) => {
        for (const listener of this.listeners)
          if (chance.often(0.97)) schedule.after(chance.often(0.5) ? 0 : chance.whole(0, 30), () => listener(hint));
      },
      subscribe: (listener) => {
        const heard = (hint: Hint) => {
          listener(hint);
          this.expectPush(hint, gate());
        };
        this.listeners.add(heard);
        return () => this.listeners.delete(heard);
      },
      close: () => Promise.resolve(),
    };
  }

  private expectPush({ topic, revision }: Hint, gate: Gate): void {
    const { schedule, fail } = this.world;
    const told = schedule.now;
    schedule.after(PUSHED_WITHIN_MS, () => {
      if (gate.dead || gate.frozenUntil >= told) return;
      for (const { account, process, watchingSince, last } of this.watchers) {
        const listening = process?.gate === gate && watchingSince !== null && watchingSince < told;
        if (account === topic && listening && (last?.revision ?? 0) < revision)
          fail(`revision ${revision} of ${account} was told and not pushed`);
      }
    });
  }
}
