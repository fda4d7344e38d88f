import type { Database } from '../../src/database/database.js';

/** The database, with `onRead` awaited after every look at the account's row. */
export function watchingReads(database: Database, onRead: () => Promise<void>): Database {
  const rows: Database['read']['rows'] = async (sql, parameters) => {
    const found = await database.read.rows<never>(sql, parameters);
    if (/\bFROM\W+accounts\b/.test(sql)) await onRead();
    return found;
  };
  return new Proxy(database, {
    get(target, name) {
      if (name === 'read') return { manager: target.read.manager, rows };
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}
