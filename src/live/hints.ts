import type { Hint, Hints } from '../ports.js';

/** Hints inside one process. Listeners are called in turn; none can stop another. */
export function createInProcessHints(): Hints {
  const listeners = new Set<(hint: Hint) => void>();
  return {
    publish: (hint) => [...listeners].forEach((listener) => listener(hint)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      listeners.clear();
      return Promise.resolve();
    },
  };
}
