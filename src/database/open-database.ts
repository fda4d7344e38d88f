import type { Random, Timers, WallClock } from '../ports.js';
import type { Database } from './database.js';
import type { PoolLimits } from './server-pool.js';

/**
 * Opens what DATABASE_URL names: `file:<path>`, `mysql://…` or `mariadb://…`. Throws when it cannot be reached. The driver
 * of the other is not even loaded. `limits` of a server are those of production when left out; tests on busy machines wait longer.
 */
export async function openDatabase(
  url: string,
  ports: { wall: WallClock; random: Random; timers: Timers },
  limits?: PoolLimits,
): Promise<Database> {
  if (url.startsWith('file:')) {
    const { openEmbedded } = await import('./embedded.js');
    return openEmbedded(url.slice('file:'.length), ports);
  }
  const { openServer } = await import('./server.js');
  return openServer(url, ports, limits);
}
