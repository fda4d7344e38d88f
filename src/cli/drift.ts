import { type Command, Option } from 'commander';
import { In, IsNull, MoreThanOrEqual, Not } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import { createSystemRandom, systemTimers, systemWall } from '../clock/system-clock.js';
import { loadConfig } from '../config.js';
import { Drift } from '../sync/drift.entity.js';
import { type Moment, parseMoment } from './duration.js';
import { CommandFailed, exitCodes } from './exit.js';
import { openMigratedDatabase } from './open-configured-database.js';
import { renderChanges } from './table.js';

interface ListOptions {
  since: Moment;
  json?: boolean;
}

const MOST = 1_000;

export function addDriftCommand(program: Command): void {
  const drift = program.command('drift').description('What had changed at Stripe without an event.').helpCommand(false);
  drift
    .command('list')
    .description(
      'List what a look found changed although no event names it, newest first. Exit code 3 when there is any.',
    )
    .addOption(
      new Option('--since <when>', 'found since then, such as 6h or 2026-11-20')
        .argParser(parseMoment)
        .default(parseMoment('7d'), '7d'),
    )
    .option('--json', 'print one JSON object per line')
    .addHelpText(
      'after',
      `
All of it was repaired when it was found. A change is listed once no event can come any more
that tells it.

Examples:
  billing drift list
  billing drift list --since 1d --json`,
    )
    .action(runList);
}

async function runList({ since, json }: ListOptions): Promise<void> {
  const ports = { wall: systemWall, timers: systemTimers, random: createSystemRandom() };
  const database = await openMigratedDatabase(loadConfig(), ports);
  try {
    const { manager } = database.read;
    const found = await manager.find(Drift, {
      where: { confirmedAt: Not(IsNull()), detectedAt: MoreThanOrEqual(since(systemWall.now())) },
      order: { detectedAt: 'DESC', id: 'ASC' },
      take: MOST,
    });
    const accounts = await manager.findBy(Account, { id: In(found.flatMap(({ accountId }) => accountId ?? [])) });
    const rows = found.map(({ accountId, object, objectId, before, after, cause, detectedAt }) => ({
      detectedAt: new Date(detectedAt).toISOString(),
      account: accounts.find(({ id }) => id === accountId)?.externalId ?? null,
      ...{ object, id: objectId, before, after, cause },
    }));
    process.stdout.write(json ? rows.map((row) => `${JSON.stringify(row)}\n`).join('') : describe(rows));
    if (rows.length > 0)
      throw new CommandFailed(`${rows.length} object(s) had drifted; all were repaired.`, exitCodes.drift);
  } finally {
    await database.close();
  }
}

type Row = Parameters<typeof renderChanges>[0][number] & { detectedAt: string; account: string | null };

function describe(rows: readonly Row[]): string {
  if (rows.length === 0) return 'Nothing has drifted.\n';
  const heads = rows.map(({ detectedAt, account }) => `${detectedAt}${account === null ? '' : `  account ${account}`}`);
  return `${rows.map((row, at) => `${heads[at]}\n${renderChanges([row])}`).join('\n')}\n`;
}
