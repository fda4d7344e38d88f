import type { Database } from '../database/database.js';
import type { Job } from '../jobs/job.entity.js';
import type { Hints, Log, Timers } from '../ports.js';
import { RingWatch } from './ring-watch.js';

/** Tells whoever watches a job that it has changed; called after the commit. Its id is the topic. */
export const announceJob = ({ hints }: { hints: Hints }, { id, revision }: Pick<Job, 'id' | 'revision'>): void =>
  hints.publish({ topic: id, revision });

interface Needs {
  database: Database;
  hints: Hints;
  timers: Timers;
  log: Log;
}

/** Rings for whoever watches a job. */
export class JobWatch extends RingWatch {
  constructor({ database, ...needs }: Needs) {
    super(needs, {
      keyOf: (topic) => topic,
      async readVersions(ids) {
        const rows = await database.read.rows<{ id: string; revision: number | string }>(
          `SELECT id, revision FROM jobs WHERE id IN (${ids.map(() => '?').join(', ')})`,
          ids,
        );
        return new Map(rows.map(({ id, revision }) => [id, Number(revision)]));
      },
    });
  }
}
