import type { Fleet } from './fleet.js';
import type { Watcher } from './watcher.js';
import type { World } from './world.js';

/** Keeps each browser watching: it opens streams, leaves, and comes back to whatever process there is. */
export function keepWatching(world: World, fleet: Fleet, watcher: Watcher): void {
  const { schedule, chance, count, fail } = world;
  const process = chance.pick(fleet.alive());
  if (process) {
    watcher.watch(process, chance.often(0.5)).catch((thrown: unknown) => fail(`a stream broke: ${String(thrown)}`));
    count('streams opened');
  }
  // A dead process drops its streams; browsers also leave by themselves.
  const patience = chance.often(0.25) ? chance.whole(250, 1_500) : chance.whole(3_000, 30_000);
  const look = (left: number) => {
    if (process?.gate.dead !== false || left <= 0) return keepWatching(world, fleet, watcher);
    schedule.after(250, () => look(left - 250));
  };
  schedule.after(250, () => look(patience));
}

/** Hints may be lost; the re-read of what is watched is the promise. */
export async function checkAudience(world: World, watchers: readonly Watcher[]): Promise<void> {
  const { store, schedule, fail } = world;
  const rows = await store.database.read.rows<{ id: string; revision: number }>('SELECT id, revision FROM accounts');
  const newest = new Map(rows.map(({ id, revision }) => [id, Number(revision)]));
  const behind = () => watchers.filter(({ account, last }) => last?.revision !== newest.get(account));
  for (let seconds = 0; seconds < 20 && behind().length > 0; seconds++) await schedule.run(1_000);
  for (const { account, last } of behind())
    fail(`the last push of ${account} was ${last?.revision} and not the newest revision`);
}
