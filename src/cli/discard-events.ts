import type { Command } from 'commander';
import { createSystemRandom, systemTimers, systemWall } from '../clock/system-clock.js';
import { loadConfig } from '../config.js';
import { discardEvents } from '../webhooks/replay-events.js';
import { pickEvents } from '../webhooks/stored-events.js';
import { confirm } from './confirm.js';
import { CommandFailed } from './exit.js';
import { openMigratedDatabase } from './open-configured-database.js';
import { operator } from './operator.js';
import { parseReason } from './reason.js';

interface DiscardOptions {
  reason: string;
  yes?: boolean;
  json?: boolean;
}

export function addEventsDiscardCommand(events: Command): void {
  events
    .command('discard <id...>')
    .description('Lay events aside that nothing can apply; a replay takes them up again.')
    .requiredOption('--reason <text>', 'why; it stays beside the event', parseReason)
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print {"discarded"}')
    .addHelpText('after', "\nExamples:\n  billing events discard evt_1QwErTy --reason 'made by a load test'")
    .action(runDiscard);
}

async function runDiscard(ids: string[], { reason, yes, json }: DiscardOptions): Promise<void> {
  const ports = { wall: systemWall, timers: systemTimers, random: createSystemRandom() };
  const database = await openMigratedDatabase(loadConfig(), ports);
  try {
    const found = await pickEvents(database, { ids });
    const absent = ids.filter((id) => !found.some((event) => event.id === id));
    if (absent.length > 0)
      throw new CommandFailed(`The inbox has no event ${absent.join(', ')}. Nothing was discarded.`);
    const text = `Nothing of these ${found.length} event(s) is applied any more. Discard?`;
    if (!yes) await confirm({ text, asker: 'discard', refused: 'Nothing was discarded.' });
    const discarded = await discardEvents({ ...ports, database }, ids, { actor: operator(), reason });
    const over = found.length - discarded;
    process.stdout.write(
      json
        ? `${JSON.stringify({ discarded })}\n`
        : `Discarded ${discarded} event(s).${over > 0 ? ` ${over} had ended already and stay as they are.` : ''}\n`,
    );
  } finally {
    await database.close();
  }
}
