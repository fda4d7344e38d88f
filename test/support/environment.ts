import { AsyncLocalStorage } from 'node:async_hooks';
import { TestEnvironment } from 'jest-environment-node';

/** Storages that somebody used since the file began; jest itself has one for each file. */
const used = new Set<AsyncLocalStorage<unknown>>();
const { run } = AsyncLocalStorage.prototype;
AsyncLocalStorage.prototype.run = function (this: AsyncLocalStorage<unknown>, ...given: Parameters<typeof run>) {
  used.add(this);
  return run.apply(this, given);
} as typeof run;

/**
 * Node's own, which takes back what a file leaves to its worker: until Node 24 each storage is copied to every promise
 * made after it, so that each file would make all later ones slower and hold its modules in memory.
 */
export default class extends TestEnvironment {
  override async teardown(): Promise<void> {
    used.forEach((storage) => storage.disable());
    used.clear();
    await super.teardown();
  }
}
