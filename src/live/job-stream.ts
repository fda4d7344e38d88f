import { BillingError } from '../errors.js';
import type { Job } from '../jobs/job.entity.js';
import { hasEnded } from '../jobs/job.js';
import { readJob } from '../jobs/job-store.js';
import type { Parts } from '../parts.js';
import { type ConflatingStream, stoppable } from './conflating-stream.js';
import { StreamKind } from './hub.js';

/** One message of a job's stream. */
export interface JobPush {
  kind: StreamKind;
  job: Job;
}

type Needs = Pick<Parts, 'database' | 'jobWatch'>;

/** A job from now to its end; states between may be skipped. Throws NOT_FOUND. */
export async function watchJob(needs: Needs, id: string): Promise<AsyncIterableIterator<JobPush>> {
  const first = await readJob(needs.database, id);
  if (!first)
    throw new BillingError('NOT_FOUND', `There is no job '${id}'.`, {
      hint: 'Check the id; `admin.jobs` lists those there are.',
    });
  // Registered first and read after, so that no commit can fall between.
  const rings = needs.jobWatch.watch(id);
  return stoppable(pushes(needs, id, rings), rings);
}

async function* pushes({ database }: Needs, id: string, rings: ConflatingStream<true>): AsyncGenerator<JobPush, void> {
  let sent = 0;
  try {
    do {
      const job = await readJob(database, id);
      if (!job || job.revision <= sent) continue;
      yield { kind: sent === 0 ? StreamKind.SNAPSHOT : StreamKind.CHANGED, job };
      if (hasEnded(job.state)) return;
      sent = job.revision;
    } while (!(await rings.next()).done);
  } finally {
    rings.close();
  }
}
