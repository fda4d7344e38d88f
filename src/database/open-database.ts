import type { Random, Timers, WallClock } from '../ports.js';
import type { Database } from './database.js';
import { openEmbedded } from './embedded.js';
import { openServer } from './server.js';

/** Opens what DATABASE_URL names: `file:<path>`, `mysql://…` or `mariadb://…`. Throws when it cannot be reached. */
export function openDatabase(
  url: string,
  ports: { wall: WallClock; random: Random; timers: Timers },
): Promise<Database> {
  return url.startsWith('file:') ? openEmbedded(url.slice('file:'.length), ports) : openServer(url, ports);
}
