import type { Command } from 'commander';
import { createSystemRandom, systemTimers, systemWall } from '../clock/system-clock.js';
import { loadConfig } from '../config.js';
import { type EventPage, listEvents } from '../webhooks/stored-events.js';
import { addEventsDiscardCommand } from './discard-events.js';
import { type FilterOptions, shown, toFilter, withFilter } from './event-options.js';
import { CommandFailed } from './exit.js';
import { parseLimit } from './limit.js';
import { openMigratedDatabase } from './open-configured-database.js';
import { addEventsReplayCommand } from './replay-events.js';
import { addEventsShowCommand } from './show-event.js';
import { renderTable, wrap } from './table.js';

interface ListOptions extends FilterOptions {
  slow?: boolean;
  outOfOrder?: boolean;
  after?: string;
  limit: number;
  json?: boolean;
}

export function addEventsCommand(program: Command): void {
  const events = program.command('events').description("What Stripe's webhooks have brought.").helpCommand(false);
  withFilter(events.command('list').description('List stored events, newest first.'))
    .option('--slow', 'only those that took more than five seconds')
    .option('--out-of-order', 'only those that were applied after a younger one of the same customer')
    .option('--after <id>', 'go on behind this one')
    .option('-n, --limit <count>', 'at most so many', parseLimit, 20)
    .option('--json', 'print one JSON object per line')
    .addHelpText(
      'after',
      `
Examples:
  billing events list
  billing events list --state dead --json
  billing events list --account acme --from 24h --type invoice.payment_failed`,
    )
    .action(runList);
  addEventsShowCommand(events);
  addEventsReplayCommand(events);
  addEventsDiscardCommand(events);
}

async function runList({ slow, outOfOrder, after, limit, json, ...options }: ListOptions): Promise<void> {
  const config = loadConfig();
  const ports = { wall: systemWall, timers: systemTimers, random: createSystemRandom() };
  const database = await openMigratedDatabase(config, ports);
  try {
    const page = await listEvents(database, { ...toFilter(options), slow, outOfOrder }, { limit, after });
    if (page === null) throw new CommandFailed(`There is no event '${after}' to go on behind.`);
    process.stdout.write(
      json ? page.entries.map((entry) => `${JSON.stringify(shown(entry))}\n`).join('') : toTable(page),
    );
  } finally {
    await database.close();
  }
}

/** Ids stand whole, since other commands ask for them; an error stands below its row. */
function toTable({ entries, total, next }: EventPage): string {
  if (entries.length === 0) return 'There are no such events.\n';
  const rows = entries.map((entry) => {
    const { id, type, state, receivedAt, attempts } = shown(entry);
    return [receivedAt.slice(5, 19).replace('T', ' '), state, String(attempts), id, type];
  });
  const [head, ...lines] = renderTable(['RECEIVED (UTC)', 'STATE', 'TRIES', 'ID', 'TYPE'], rows).split('\n');
  const explained = lines.flatMap((line, row) => {
    const error = entries[row]?.error;
    return error ? [line, wrap(error, '    ')] : [line];
  });
  const more = next === null ? '' : `${entries.length} of ${total ?? 'more than 10000'}; more with --after ${next}\n`;
  return `${[head, ...explained].join('\n')}\n${more}`;
}
