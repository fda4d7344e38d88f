import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database } from '../../src/database/database.js';

/**
 * The same database, but a transaction that asks for a second connection fails. On a server it would only wait: and with
 * as many such transactions as there are connections, all would wait for each other.
 */
export function onOneConnection(database: Database): Database {
  const within = new AsyncLocalStorage<{ open: boolean }>();
  const beside = <Found>(asked: string, found: Found): Found => {
    if (within.getStore()?.open) throw new Error(`${asked} is asked beside the transaction that is open.`);
    return found;
  };
  const read = Object.create(database.read, {
    rows: { get: () => beside('read.rows', database.read.rows) },
    manager: { get: () => beside('read.manager', database.read.manager) },
  }) as Database['read'];
  const watched: Omit<Database, 'dialect' | 'parallelInserts' | 'migrate' | 'pendingMigrations' | 'close'> = {
    read,
    now: async () => beside('now', database).now(),
    run: async (...asked) => beside('run', database).run(...asked),
    insertIfAbsent: async (...asked) => beside('insertIfAbsent', database).insertIfAbsent(...asked),
    transaction: async (work) =>
      beside('transaction', database).transaction((transaction) => {
        const here = { open: true };
        return within.run(here, () => work(transaction)).finally(() => (here.open = false));
      }),
  };
  return Object.assign(Object.create(database) as Database, watched);
}
