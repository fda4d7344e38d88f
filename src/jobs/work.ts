import type { Config } from '../config.js';
import type { Transaction } from '../database/database.js';
import type { CatalogueRules } from '../plans/rules.js';
import type { Instant, Ports } from '../ports.js';
import type { Sync } from '../sync/sync.js';
import type { Job } from './job.entity.js';

/** What the work of jobs is done with. */
export interface WorkNeeds extends Ports {
  config: Config;
  catalogueRules: CatalogueRules;
  sync: Sync;
}

/** How far a job has come with one more part. */
export interface Step {
  done: number;
  total?: number | null;
  /** Where the next part goes on, whichever gateway does it. */
  kept: object | null;
  /** For the log of the job. */
  lines?: readonly string[];
  /** After the last part: what was done and, where the job has failed, why and what to do. */
  end?: { summary: string; error?: string };
  /** Done after the commit. A process that dies may leave it out. */
  after?: () => void;
}

/**
 * What a part writes, in one transaction with how far the job has come with it: so it is done once, whoever dies. Repeated
 * from its start where the database says so.
 */
export type Write = (transaction: Transaction, at: Instant) => Promise<Step>;

/** One kind of work: reads, and asks Stripe, for the next part of a job; what is thrown ends the job as failed. */
export type Work = (needs: WorkNeeds, job: Job) => Promise<Write>;

/** A part that writes nothing of its own. */
export const nothingToWrite =
  (step: Step): Write =>
  () =>
    Promise.resolve(step);
