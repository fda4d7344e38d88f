import type { World } from './world.js';

/** What the sync, the completer, the relay and the chores ask in the background, whatever a request does. */
const background = /\b(FROM|UPDATE|INTO) (subjects|stripe_events|intents|outbox|upkeep|jobs)\b/;

/** The statements that `work` makes the gateway send for reading, in their order. */
export async function statementsOf(world: World, work: () => Promise<unknown>): Promise<string[]> {
  const { connection } = world.gateway.parts.database.read.manager;
  const statements: string[] = [];
  const before = connection.logger;
  connection.logger = Object.assign(Object.create(before) as typeof before, {
    logQuery: (statement: string) => void (background.test(statement) || statements.push(statement)),
  });
  try {
    await work();
  } finally {
    connection.logger = before;
  }
  return statements;
}
