import { eventually } from './eventually.js';
import type { World } from './world.js';

/** Finishes what a crash or an unknown outcome left open, as the completer does once the caller is gone for good. */
export async function completeIntents({ gateway, settled }: World): Promise<void> {
  const { database, intents } = gateway.parts;
  await database.run("UPDATE intents SET due_at = 0 WHERE state = 'open'");
  while (await intents.completeOne());
  // The gateway's own completer may have come first.
  const open = () => database.read.rows("SELECT id FROM intents WHERE state = 'open'");
  await eventually(open, ({ length }) => length === 0);
  await settled();
}
