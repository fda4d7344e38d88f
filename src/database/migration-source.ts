import { resolve } from 'node:path';
import type { DataSource } from 'typeorm';
import type { Timers } from '../ports.js';
import { embeddedSource } from './embedded-source.js';
import { parseServerUrl } from './server-address.js';
import { MIGRATION } from './server-pool.js';
import { askServerKind, serverSource } from './server-source.js';

/** What TypeORM's own command line works with: the database of DATABASE_URL with the limits of a migration; not yet connected. */
export async function migrationSource(url: string, timers: Timers): Promise<DataSource> {
  if (url.startsWith('file:')) return embeddedSource(resolve(url.slice('file:'.length)), 'writer');
  const address = parseServerUrl(url);
  return serverSource(address, await askServerKind(address), { limits: MIGRATION, connections: 2, timers });
}
