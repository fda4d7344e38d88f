import { z } from 'zod';
import { wholeNumber } from '../setting-words.js';

/** How Stripe is asked: how often, how long a call may take, and when it is left alone. */
export interface CallPolicy {
  /** Calls a second of this process; 0 for no limit. */
  perSecond: number;
  /** All the calls of one mutation together, with their waits and repetitions. */
  mutationMs: number;
  /** One call of a job, with its waits and repetitions. */
  jobMs: number;
  /** Different calls that failed in a row before Stripe is left alone; 0 never leaves it alone. */
  breakerFailures: number;
  /** How long it is left alone at most before one call tries whether it answers again. */
  breakerPauseMs: number;
}

/** Rows of the one schema in `config.ts`. */
export const callSettings = {
  STRIPE_CALLS_PER_SECOND: wholeNumber(10_000)
    .optional()
    .describe(
      'Calls a second that one gateway makes; several share your limit at Stripe. Left out: 80 with a live key, 20 with a test key, no limit at a sandbox; 0 for no limit',
    ),
  STRIPE_MUTATION_SECONDS: wholeNumber(60)
    .default(10)
    .describe('How long a mutation waits for Stripe, three attempts together'),
  STRIPE_JOB_SECONDS: wholeNumber(300)
    .default(30)
    .describe('How long a call waits for Stripe that nobody waits for, three attempts together'),
  STRIPE_BREAKER_FAILURES: wholeNumber(1_000)
    .default(5)
    .describe('Different calls that fail in a row before Stripe is left alone for a moment; 0 never'),
  STRIPE_BREAKER_SECONDS: wholeNumber(600)
    .default(30)
    .describe('Longest time for which Stripe is left alone; begins at one second and doubles'),
};

type Found = z.output<z.ZodObject<typeof callSettings>>;

/** Stripe takes 100 calls a second with a live key and 25 with a test key; the rest is for people at its dashboard. */
const usualRate = (key: string): number => (/^(sk|rk)_live_/.test(key) ? 80 : 20);

/** A caller waits for the database too; what is left of her time is for that. */
const SPARE_MS = 500;

export const toCallPolicy = (found: Found, secretKey: string, atSandbox: boolean): CallPolicy => ({
  perSecond: found.STRIPE_CALLS_PER_SECOND ?? (atSandbox ? 0 : usualRate(secretKey)),
  mutationMs: Math.max(SPARE_MS, found.STRIPE_MUTATION_SECONDS * 1_000 - SPARE_MS),
  jobMs: Math.max(SPARE_MS, found.STRIPE_JOB_SECONDS * 1_000),
  breakerFailures: found.STRIPE_BREAKER_FAILURES,
  breakerPauseMs: found.STRIPE_BREAKER_SECONDS * 1_000,
});
