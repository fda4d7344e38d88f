import { createHash } from 'node:crypto';
import { In, type EntityManager } from 'typeorm';
import type { Database, Transaction } from '../database/database.js';
import { checkClientKey, CLIENT_KEY_LIFE_MS, keyReused } from '../intents/intent-store.js';
import type { Metrics } from '../operations/figures.js';
import type { Ports } from '../ports.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { lockRow, makeRow } from '../sync/upkeep.js';
import { Job } from './job.entity.js';
import { hasEnded, isJobId, type JobKind, JobState, OPEN_STATES } from './job.js';

export interface NewJob {
  kind: JobKind;
  input: object;
  dryRun: boolean;
  /** The token's subject. */
  startedBy: string;
  reason: string | null;
  clientKey: string | null;
}

/**
 * Queues a job. A repeated key answers with the job of the first time; without one, so does asking for the same work while it
 * waits or runs: a double click begins nothing twice. Throws Refusal: INVALID, IDEMPOTENCY_KEY_REUSED.
 */
export async function startJob({ database, random }: Pick<Ports, 'database' | 'random'>, wanted: NewJob): Promise<Job> {
  const { kind, input, dryRun, startedBy, reason, clientKey } = wanted;
  if (clientKey !== null) checkClientKey(clientKey);
  const asked = createHash('sha256')
    .update(JSON.stringify([kind, dryRun, input]))
    .digest('hex');
  await makeRow(database, 'jobs');
  const [id, now] = [`job_${random.ulid()}`, await database.now()];
  return database.transaction(async (transaction) => {
    await lockRow(database, transaction, 'jobs');
    const { manager } = transaction;
    const held = clientKey === null ? null : await jobOfKey(manager, startedBy, clientKey, now - CLIENT_KEY_LIFE_MS);
    if (held && (held.asked !== asked || held.reason !== reason)) throw keyReused();
    const same = held ?? (await openJobLike(manager, asked));
    if (same) return same;
    const job = Object.assign(new Job(), {
      ...{ id, kind, input, asked, dryRun, startedBy, reason, clientKey, log: [], state: JobState.QUEUED },
      ...{ done: 0, total: null, kept: null, summary: null, error: null, cancelAskedBy: null, takes: 0, revision: 1 },
      ...{ createdAt: now, startedAt: null, updatedAt: now, finishedAt: null },
    });
    await manager.insert(Job, job);
    return job;
  });
}

async function jobOfKey(manager: EntityManager, startedBy: string, clientKey: string, since: number) {
  const found = await manager.find(Job, {
    where: { clientKey, startedBy },
    order: { createdAt: 'DESC', id: 'DESC' },
    take: 1,
  });
  return found.find(({ createdAt }) => createdAt >= since) ?? null;
}

async function openJobLike(manager: EntityManager, asked: string): Promise<Job | undefined> {
  const open = await manager.findBy(Job, { state: In(OPEN_STATES), asked });
  return open.find(({ cancelAskedBy }) => cancelAskedBy === null);
}

/**
 * Stops a job: at once while it waits, after the present part where it runs. Throws Refusal: NOT_FOUND, or NOTHING_PENDING
 * for one that has ended otherwise.
 */
export async function cancelJob(
  { database, metrics }: { database: Database; metrics: Metrics },
  id: string,
  actor: string,
): Promise<Job> {
  const now = await database.now();
  let waited = false;
  const job = await database.transaction(async (transaction) => {
    const held = await lockJob(database, transaction, id);
    if (!held || hasEnded(held.state) || held.cancelAskedBy !== null) return held;
    waited = held.state === JobState.QUEUED;
    const end = waited && { ...canceled(held, actor), finishedAt: now };
    return changeJob(transaction, held, { cancelAskedBy: actor, ...end, updatedAt: now });
  });
  if (job && waited) countEnd(metrics, job);
  if (!job)
    throw new Refusal(UserErrorCode.NOT_FOUND, `There is no job '${id}'.`, {
      field: ['input', 'id'],
      hint: '`admin.jobs` and `billing jobs list` tell those there are.',
    });
  if (hasEnded(job.state) && job.state !== JobState.CANCELED)
    throw new Refusal(UserErrorCode.NOTHING_PENDING, `The job ${id} is ${job.state} already.`, {
      field: ['input', 'id'],
      hint: 'What it did stays as it is.',
    });
  return job;
}

export const countEnd = (metrics: Metrics, { kind, state }: Job): void =>
  metrics.count('billing_job_total', { kind, state: state.toLowerCase() });

/** How a job looks that was stopped where it stands. */
export const canceled = ({ done, total }: Pick<Job, 'done' | 'total'>, actor: string): Partial<Job> => ({
  state: JobState.CANCELED,
  summary: `Stopped by ${actor} after ${done}${total === null ? '' : ` of ${total}`}; what was done stays.`,
});

/** The row, which nobody else can change before the end of the transaction. */
export async function lockJob({ dialect }: Database, transaction: Transaction, id: string): Promise<Job | null> {
  if (!isJobId(id)) return null;
  await transaction.rows(`SELECT id FROM jobs WHERE id = ?${dialect.forUpdate}`, [id]);
  return transaction.manager.findOneBy(Job, { id });
}

/** Writes what has changed of a locked job. */
export async function changeJob({ manager }: Transaction, job: Job, changes: Partial<Job>): Promise<Job> {
  const next = { ...changes, revision: job.revision + 1 };
  await manager.update(Job, { id: job.id }, next);
  return Object.assign(new Job(), job, next);
}

export const readJob = async ({ read }: Pick<Database, 'read'>, id: string): Promise<Job | null> =>
  isJobId(id) ? read.manager.findOneBy(Job, { id }) : null;

/** Newest first. */
export const listJobs = (
  { read }: Pick<Database, 'read'>,
  { states, first }: { states?: readonly JobState[] | null; first: number },
): Promise<Job[]> =>
  read.manager.find(Job, {
    where: states ? { state: In(states) } : {},
    order: { createdAt: 'DESC', id: 'DESC' },
    take: first,
  });

/** Whether there is one to do; asked for every few seconds by each gateway. */
export async function isAnyOpen({ read }: Pick<Database, 'read'>): Promise<boolean> {
  const states = OPEN_STATES.map(() => '?').join(', ');
  return (await read.rows(`SELECT id FROM jobs WHERE state IN (${states}) LIMIT 1`, OPEN_STATES)).length > 0;
}

/** The one to do now: what somebody has begun goes on first, then whoever has waited longest. Null when there is none. */
export async function nextJob({ read }: Pick<Database, 'read'>): Promise<Job | null> {
  const oldest = (state: JobState) =>
    read.manager.find(Job, { where: { state }, order: { createdAt: 'ASC', id: 'ASC' }, take: 1 });
  const [begun] = await oldest(JobState.RUNNING);
  return begun ?? (await oldest(JobState.QUEUED))[0] ?? null;
}
