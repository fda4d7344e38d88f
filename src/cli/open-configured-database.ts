import { existsSync } from 'node:fs';
import type { Config } from '../config.js';
import { openDatabase } from '../database/open-database.js';
import type { Database } from '../database/database.js';
import type { Ports } from '../ports.js';
import { CommandFailed, exitCodes } from './exit.js';
import { embeddedFile } from './reset-data.js';

export function cannotOpen(file: string, cause: unknown): CommandFailed {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CommandFailed(
    `The database file ${file} cannot be opened: ${reason}. Correct DATABASE_URL or its folder.`,
    exitCodes.unreachable,
    { cause },
  );
}

/** Opens what DATABASE_URL names. A server's own error says where it was looked for; a file's does not. */
export async function openConfiguredDatabase(
  { databaseUrl }: Pick<Config, 'databaseUrl'>,
  ports: Pick<Ports, 'wall' | 'timers' | 'random'>,
): Promise<Database> {
  try {
    return await openDatabase(databaseUrl, ports);
  } catch (error) {
    const file = embeddedFile(databaseUrl);
    if (file === undefined) throw error;
    throw cannotOpen(file, error);
  }
}

/** The same for a command that works with what is there: it makes no file. */
export async function openExistingDatabase(
  config: Pick<Config, 'databaseUrl'>,
  ports: Pick<Ports, 'wall' | 'timers' | 'random'>,
): Promise<Database> {
  const file = embeddedFile(config.databaseUrl);
  if (file !== undefined && !existsSync(file)) throw notMigrated(`There is no database at ${file} yet.`);
  return openConfiguredDatabase(config, ports);
}

/** The same again, which throws when the database has not been brought to the schema of this version. */
export async function openMigratedDatabase(
  config: Pick<Config, 'databaseUrl'>,
  ports: Pick<Ports, 'wall' | 'timers' | 'random'>,
): Promise<Database> {
  const database = await openExistingDatabase(config, ports);
  try {
    const missing = await database.pendingMigrations();
    if (missing.length > 0) throw notMigrated(`The database lacks ${missing.length} migration(s) of this version.`);
    return database;
  } catch (thrown) {
    await database.close();
    throw thrown;
  }
}

const notMigrated = (found: string) =>
  new CommandFailed(
    `${found} Run \`billing migrate\`, or start the gateway (\`billing serve\`), or correct DATABASE_URL.`,
  );
