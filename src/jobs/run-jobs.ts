import { isAway, isConflict } from '../database/retry.js';
import { announceJob } from '../live/job-watch.js';
import type { Metrics } from '../operations/figures.js';
import { asJob } from '../stripe/patience.js';
import { type Lease, LeaseLost, underLease } from '../sync/upkeep.js';
import { discardWork } from './discard-work.js';
import { explainFailure, isOfStripe } from './explain-failure.js';
import type { Job } from './job.entity.js';
import { hasEnded, type JobKind, JobState } from './job.js';
import { canceled, changeJob, countEnd, isAnyOpen, lockJob, nextJob } from './job-store.js';
import { replayWork } from './replay-work.js';
import { syncCatalogWork } from './sync-catalog-work.js';
import { nothingToWrite, type Work, type WorkNeeds, type Write } from './work.js';

/** How soon another gateway finds what was asked for, or left behind. */
const POLL_MS = 2_000;
/** A call that does not come back is left behind; the lease runs out by itself. */
const STOP_MS = 3_000;
/** What kills or stops gateways so often, and gets no further, is given up. */
const MOST_TAKES = 5;
const LOG_LINES = 100;

const works: Record<JobKind, Work> = {
  replayWebhookEvents: replayWork,
  discardWebhookEvents: discardWork,
  syncCatalog: syncCatalogWork,
};

/** Does the jobs, one at a time among all gateways of a database. */
export interface JobRunner {
  start(): void;
  /** There may be something to do. */
  wake(): void;
  /** Ends after the present part and gives the lease back: another gateway goes on. */
  stop(): Promise<void>;
}

type Needs = WorkNeeds & { metrics: Metrics };

export const createJobRunner = (needs: Needs): JobRunner => new Runner(needs);

class Runner implements JobRunner {
  private readonly owner: string;
  private stopped = true;
  private running: Promise<void> | null = null;
  /** It was woken while it ran. */
  private again = false;
  private cancelPoll = () => {};

  constructor(private readonly needs: Needs) {
    this.owner = needs.random.uuid();
  }

  start(): void {
    this.stopped = false;
    this.wake();
  }

  wake(): void {
    this.again = this.running !== null;
    if (this.stopped || this.running) return;
    this.cancelPoll();
    this.running = this.run().finally(() => {
      this.running = null;
      if (this.again) this.wake();
      else if (!this.stopped) this.cancelPoll = this.needs.timers.after(POLL_MS, () => this.wake());
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelPoll();
    let late = () => {};
    const limit = new Promise<void>((resolve) => (late = this.needs.timers.after(STOP_MS, resolve)));
    await Promise.race([this.running, limit]);
    late();
  }

  private async run(): Promise<void> {
    const { database, log } = this.needs;
    try {
      if (!(await isAnyOpen(database))) return;
      const work = (lease: Lease) => asJob(() => this.doAll(lease));
      await underLease(database, { id: 'jobs', everyMs: 0 }, this.owner, work, { evenIfNotDue: true });
    } catch (thrown) {
      log.warn({ err: thrown }, 'a job was left; whoever has its lease next goes on with it');
    }
  }

  private async doAll(lease: Lease): Promise<void> {
    for (let job = await nextJob(this.needs.database); job && !this.stopped; job = await nextJob(this.needs.database)) {
      let held = await this.commit(lease, job, takeUp);
      while (!hasEnded(held.state) && !this.stopped) {
        held = await this.doPart(lease, held);
        await this.needs.timers.turn();
      }
    }
  }

  private async doPart(lease: Lease, job: Job): Promise<Job> {
    const { needs } = this;
    try {
      const write = await works[job.kind](needs, job);
      return await this.commit(lease, job, (held, step) => goOn(held, step), write);
    } catch (thrown) {
      // Another gateway has gone on, or nothing can be written just now: the job stays as it is, to be taken up again.
      const ours = !isOfStripe(thrown) && (isAway(thrown) || isConflict(thrown));
      if (ours || thrown instanceof LeaseLost) throw thrown;
      needs.log.error({ err: thrown, job: job.id, kind: job.kind }, 'a job failed');
      const error = explainFailure(thrown, job);
      return this.commit(lease, job, ({ done, total }) => ({
        state: JobState.FAILED,
        ...{ error, summary: `Failed after ${done}${total === null ? '' : ` of ${total}`}; what was done stays.` },
      }));
    }
  }

  /** Writes one part and what follows from it for the job, as long as the lease is held; then tells whoever watches. */
  private async commit(
    lease: Lease,
    { id, done, kept }: Job,
    toChanges: (held: Job, step: Awaited<ReturnType<Write>>) => Partial<Job>,
    write: Write = nothingToWrite({ done, kept }),
  ): Promise<Job> {
    const { database, metrics } = this.needs;
    const at = await database.now();
    const { job, after, ended } = await database.transaction(async (transaction) => {
      await lease.holdIn(transaction, at);
      const held = await lockJob(database, transaction, id);
      if (!held) throw new Error(`The job ${id} is gone from the table jobs.`);
      // It was canceled before it began.
      if (hasEnded(held.state)) return { job: held, ended: false };
      const step = await write(transaction, at);
      const changes = toChanges(held, step);
      const ended = changes.state !== undefined && hasEnded(changes.state);
      const next = await changeJob(transaction, held, {
        ...changes,
        updatedAt: at,
        startedAt: held.startedAt ?? at,
        ...(ended && { finishedAt: at, kept: null }),
      });
      return { job: next, after: step.after, ended };
    });
    after?.();
    if (ended) countEnd(metrics, job);
    announceJob(this.needs, job);
    return job;
  }
}

function takeUp(job: Job): Partial<Job> {
  if (job.cancelAskedBy !== null) return canceled(job, job.cancelAskedBy);
  if (job.takes < MOST_TAKES) return { state: JobState.RUNNING, takes: job.takes + 1 };
  return {
    state: JobState.FAILED,
    summary: `Given up after ${job.done}; what was done stays.`,
    error: `It was taken up ${MOST_TAKES} times and got no further. Look into the logs of the gateways for ${job.id}, then ask for it again.`,
  };
}

function goOn(job: Job, { done, total, kept, lines = [], end }: Awaited<ReturnType<Write>>): Partial<Job> {
  const progress = {
    ...{ done, kept, total: total === undefined ? job.total : total, takes: 0 },
    log: [...job.log, ...lines].slice(-LOG_LINES),
  };
  if (end)
    return {
      ...progress,
      state: end.error === undefined ? JobState.DONE : JobState.FAILED,
      summary: end.summary,
      error: end.error ?? null,
    };
  return job.cancelAskedBy === null ? progress : { ...progress, ...canceled(progress, job.cancelAskedBy) };
}
