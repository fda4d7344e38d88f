/** Where a job stands. */
export enum JobState {
  QUEUED = 'QUEUED',
  RUNNING = 'RUNNING',
  DONE = 'DONE',
  FAILED = 'FAILED',
  CANCELED = 'CANCELED',
}

/** What staff can have done while they do something else; named after the mutation that asks for it. */
export const JOB_KINDS = ['replayWebhookEvents', 'discardWebhookEvents', 'syncCatalog'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** What else is asked for is no job, and not every database compares it. */
export const isJobId = (id: string): boolean => /^job_[0-9A-Z]{26}$/.test(id);

/** Those that a gateway will take up, or has. */
export const OPEN_STATES = [JobState.QUEUED, JobState.RUNNING] as const;

export const hasEnded = (state: JobState): boolean => state !== JobState.QUEUED && state !== JobState.RUNNING;

interface Progress {
  done: number;
  total: number | null;
  startedAt: number | null;
  updatedAt: number;
  state: JobState;
}

/** 0 to 100 with one digit; null while nobody knows how much there is. */
export const percentOf = ({ done, total }: Pick<Progress, 'done' | 'total'>): number | null =>
  total === null ? null : total === 0 ? 100 : Math.floor((1_000 * Math.min(done, total)) / total) / 10;

/** How long the rest takes at the pace so far, in whole seconds; null when that cannot be told, or nothing is left to run. */
export function secondsLeft({ done, total, startedAt, updatedAt, state }: Progress): number | null {
  if (state !== JobState.RUNNING || startedAt === null || total === null || done === 0) return null;
  return Math.ceil(((updatedAt - startedAt) * Math.max(0, total - done)) / done / 1_000);
}
