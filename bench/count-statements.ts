import type { DataSource } from 'typeorm';

/** What the sync, the completer, the relay and the chores ask by themselves, whatever a request does. */
const BACKGROUND = /\b(FROM|UPDATE|INTO) (subjects|stripe_events|intents|outbox|upkeep|jobs)\b/;

/** Counts the statements for reading from now on; answers how to stop and learn their number. */
export function countStatements(source: DataSource): () => number {
  const before = source.logger;
  let count = 0;
  source.logger = Object.assign(Object.create(before) as typeof before, {
    logQuery: (statement: string) => {
      if (!BACKGROUND.test(statement)) count += 1;
    },
  });
  return () => {
    source.logger = before;
    return count;
  };
}
