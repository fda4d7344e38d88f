import type { Database } from '../database/database.js';
import type { Hints, Log, Timers } from '../ports.js';
import { RingWatch } from './ring-watch.js';

const USE = 'use:';

/** Tells whoever watches what an account uses that more of it was counted; called after the commit. */
export const announceUse = ({ hints }: { hints: Hints }, accountId: string): void =>
  hints.publish({ topic: `${USE}${accountId}`, revision: 0 });

interface Needs {
  database: Database;
  hints: Hints;
  timers: Timers;
  log: Log;
}

/** Rings for whoever watches what an account may use: when its revision has grown, or what was counted. */
export class UseWatch extends RingWatch {
  constructor({ database, ...needs }: Needs) {
    super(needs, {
      keyOf: (topic) => (topic.startsWith(USE) ? topic.slice(USE.length) : topic),
      async readVersions(accountIds) {
        const rows = await database.read.rows<{ id: string; own: number | string; counted: number | string }>(
          `SELECT id, revision AS own, (SELECT COALESCE(SUM(u.revision), 0) FROM usage_counters u WHERE u.account_id = accounts.id) AS counted
           FROM accounts WHERE id IN (${accountIds.map(() => '?').join(', ')})`,
          accountIds,
        );
        return new Map(rows.map(({ id, own, counted }) => [id, Number(own) + Number(counted)]));
      },
    });
  }
}
