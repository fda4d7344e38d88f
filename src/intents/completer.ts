import type { Log, Timers } from '../ports.js';
import { asJob } from '../stripe/patience.js';
import type { IntentRunner } from './run-intent.js';

const EVERY_MS = 5_000;

/** Resolves, again and again, what a crash or an unknown outcome left open. Answers how to stop. */
export function startCompleter({
  intents,
  timers,
  log,
}: {
  intents: IntentRunner;
  timers: Timers;
  log: Log;
}): () => Promise<void> {
  let stopped = false;
  let cancel = () => {};
  let running = Promise.resolve();
  const round = async () => {
    try {
      while (!stopped && (await asJob(() => intents.completeOne()))) {
        // One after the other: they are few.
      }
    } catch (thrown) {
      log.error({ err: thrown }, 'open intents could not be read; the next round tries again');
    }
    schedule();
  };
  const schedule = () => {
    if (stopped) return;
    cancel = timers.after(EVERY_MS, () => {
      running = round();
    });
  };
  running = round();
  return async () => {
    stopped = true;
    cancel();
    await running;
  };
}
