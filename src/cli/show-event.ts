import type { Command } from 'commander';
import { createSystemRandom, systemTimers, systemWall } from '../clock/system-clock.js';
import { loadConfig } from '../config.js';
import { readStepsOf } from '../history/audit.js';
import { type EventAction, readActions } from '../webhooks/event-actions.js';
import { maskPayload } from '../webhooks/mask-payload.js';
import { readEvent } from '../webhooks/stored-events.js';
import { shown } from './event-options.js';
import { CommandFailed } from './exit.js';
import { hideSecrets } from './log.js';
import { openMigratedDatabase } from './open-configured-database.js';
import { renderChanges, wrap } from './table.js';

export function addEventsShowCommand(events: Command): void {
  events
    .command('show <id>')
    .description('Show one event: what became of it, what it changed, and what it brought, persons hidden.')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  billing events show evt_1QwErTy\n  billing events show evt_1QwErTy --json')
    .action(runShow);
}

async function runShow(id: string, { json }: { json?: boolean }): Promise<void> {
  const ports = { wall: systemWall, timers: systemTimers, random: createSystemRandom() };
  const database = await openMigratedDatabase(loadConfig(), ports);
  try {
    const found = await readEvent(database, id);
    if (!found)
      throw new CommandFailed(`The inbox has no event '${id}'. \`billing events replay ${id}\` asks Stripe for it.`);
    const { payload, ...event } = found;
    const steps = await readStepsOf(database.read, event.subject, id);
    const changes = steps.flatMap((step) => step.changes);
    const masked = JSON.parse(hideSecrets(JSON.stringify(maskPayload(payload)))) as unknown;
    const handled = (await readActions(database.read, id)).map(toHandled);
    const text = { ...shown(event), handled, changes, payload: masked };
    process.stdout.write(json ? `${JSON.stringify(text)}\n` : describe(text));
  } finally {
    await database.close();
  }
}

const toHandled = ({ at, ...action }: EventAction) => ({ ...action, at: new Date(at).toISOString() });

type Shown = ReturnType<typeof shown> & {
  account?: string | null;
  handled: ReturnType<typeof toHandled>[];
  changes: Parameters<typeof renderChanges>[0];
  payload: unknown;
};

function describe(event: Shown): string {
  const rows: [string, string | null | undefined][] = [
    ['id', event.id],
    ['type', event.type],
    ['state', event.state],
    ['account', event.account ?? null],
    ['subject', event.subject],
    ['came by', { delivery: 'a delivery', list: "Stripe's list of events", id: 'its id' }[event.source]],
    ['made at', event.createdAt],
    ['received', event.receivedAt],
    ['finished', event.finishedAt],
    ['next try', event.nextAttemptAt],
    ['tries', event.attempts > 0 ? String(event.attempts) : null],
  ];
  const lines = rows.flatMap(([name, value]) => (value ? [`${name.padEnd(10)}${value}`] : []));
  if (event.error) lines.push('', 'cause', wrap(event.error, '  '));
  if (event.handled.length > 0) lines.push('', 'by hand', ...event.handled.map(describeHandled));
  lines.push('', 'changes', event.changes.length > 0 ? renderChanges(event.changes) : '  none');
  lines.push('', 'payload', JSON.stringify(event.payload, null, 2));
  return `${lines.join('\n')}\n`;
}

const describeHandled = ({ action, actor, reason, at }: Shown['handled'][number]): string =>
  wrap(`${at} ${action} by ${actor}${reason ? `: ${reason}` : ''}`, '  ');
