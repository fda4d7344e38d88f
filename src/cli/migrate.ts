import type { Command } from 'commander';
import { createSystemRandom, systemTimers, systemWall } from '../clock/system-clock.js';
import { loadConfig } from '../config.js';
import { openConfiguredDatabase } from './open-configured-database.js';

export function addMigrateCommand(program: Command): void {
  program
    .command('migrate')
    .description('Bring the database of DATABASE_URL to the schema of this version. Safe to repeat.')
    .option('--check', 'change nothing; fail when something is missing')
    .option('--json', 'print {"pending"} or {"done"}')
    .addHelpText(
      'after',
      `
Examples:
  billing migrate
  DATABASE_URL=mysql://billing:…@db.example.com/billing billing migrate --check`,
    )
    .action(runMigrate);
}

async function runMigrate({ check, json }: { check?: boolean; json?: boolean }): Promise<void> {
  const config = loadConfig();
  const ports = { wall: systemWall, timers: systemTimers, random: createSystemRandom() };
  const database = await openConfiguredDatabase(config, ports);
  try {
    const names = check ? await database.pendingMigrations() : await database.migrate();
    process.stdout.write(
      json ? `${JSON.stringify({ [check ? 'pending' : 'done']: names })}\n` : describe(names, check),
    );
    if (check && names.length > 0) process.exitCode = 1;
  } finally {
    await database.close();
  }
}

function describe(names: string[], check: boolean | undefined): string {
  if (names.length === 0) return 'The database has the schema of this version.\n';
  return `${check ? 'Missing' : 'Done'}:\n${names.map((name) => `  ${name}`).join('\n')}\n`;
}
