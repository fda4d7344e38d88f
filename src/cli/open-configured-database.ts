import type { Config } from '../config.js';
import { openDatabase } from '../database/open-database.js';
import type { Database } from '../database/database.js';
import type { Ports } from '../ports.js';
import { CommandFailed, exitCodeFor } from './exit.js';

/** Opens what DATABASE_URL names, or says which setting led where and why that did not work. */
export async function openConfiguredDatabase(
  { databaseUrl }: Pick<Config, 'databaseUrl'>,
  ports: Pick<Ports, 'wall' | 'timers' | 'random'>,
): Promise<Database> {
  try {
    return await openDatabase(databaseUrl, ports);
  } catch (error) {
    const place = databaseUrl.startsWith('file:') ? databaseUrl : new URL(databaseUrl).host;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandFailed(`DATABASE_URL leads to ${place}, which cannot be opened: ${reason}`, exitCodeFor(error), {
      cause: error,
    });
  }
}
