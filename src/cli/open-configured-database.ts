import type { Config } from '../config.js';
import { openDatabase } from '../database/open-database.js';
import type { Database } from '../database/database.js';
import type { Ports } from '../ports.js';
import { CommandFailed, exitCodes } from './exit.js';
import { embeddedFile } from './reset-data.js';

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
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandFailed(
      `The database file ${file} cannot be opened: ${reason}. Correct DATABASE_URL or its folder.`,
      exitCodes.unreachable,
      {
        cause: error,
      },
    );
  }
}
