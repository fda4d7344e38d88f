import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { createSystemRandom, systemTimers, systemWall } from '../clock/system-clock.js';
import { loadConfig } from '../config.js';
import { EVENT_STATES, listEvents } from '../webhooks/inbox.js';
import type { EventState, InboxEntry } from '../webhooks/inbox.js';
import { openConfiguredDatabase } from './open-configured-database.js';
import { renderTable, wrap } from './table.js';

interface ListOptions {
  state?: EventState;
  type?: string;
  limit: number;
  json?: boolean;
}

export function addEventsCommand(program: Command): void {
  const events = program.command('events').description("What Stripe's webhooks have brought.").helpCommand(false);
  events
    .command('list')
    .description('List stored events, newest first.')
    .addOption(new Option('--state <state>', 'only those in this state').choices(EVENT_STATES))
    .option('--type <type>', 'only those of this type, such as invoice.paid')
    .option('-n, --limit <count>', 'at most so many', parseLimit, 20)
    .option('--json', 'print one JSON object per line')
    .addHelpText(
      'after',
      `
Examples:
  billing events list
  billing events list --state dead --json`,
    )
    .action(runList);
}

async function runList({ state, type, limit, json }: ListOptions): Promise<void> {
  const config = loadConfig();
  const ports = { wall: systemWall, timers: systemTimers, random: createSystemRandom() };
  const database = await openConfiguredDatabase(config, ports);
  try {
    const entries = await listEvents(database, { state, type, limit });
    process.stdout.write(
      json ? entries.map((entry) => `${JSON.stringify(shown(entry))}\n`).join('') : toTable(entries),
    );
  } finally {
    await database.close();
  }
}

/** Ids stand whole, since other commands ask for them; an error stands below its row. */
function toTable(entries: InboxEntry[]): string {
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
  return `${[head, ...explained].join('\n')}\n`;
}

/** Instants as people and other programs read them. */
function shown({ created, receivedAt, finishedAt, ...rest }: InboxEntry) {
  const text = (instant: number) => new Date(instant).toISOString();
  return {
    ...rest,
    createdAt: text(created),
    receivedAt: text(receivedAt),
    finishedAt: finishedAt === null ? null : text(finishedAt),
  };
}

function parseLimit(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`Give a whole number from 1 to 9999; found '${text}'.`);
}
