import { AsyncLocalStorage } from 'node:async_hooks';
import type { Instant } from '../ports.js';

/** Who waits for a call to Stripe, and until when at most. */
export interface Patience {
  job: boolean;
  /** Wall time; null when each call has a time of its own. */
  until: Instant | null;
}

// The SDK hands nothing through to its HTTP client, and the rooms should not hand it through theirs.
const patience = new AsyncLocalStorage<Patience>();

/** Nobody waits for what `work` asks Stripe: it has longer, and lets callers go first. */
export const asJob = <Result>(work: () => Promise<Result>): Promise<Result> =>
  patience.run({ job: true, until: null }, work);

/** All that `work` asks Stripe must have an answer by then, so that its caller has one too. */
export const answeredBy = <Result>(until: Instant, work: () => Promise<Result>): Promise<Result> =>
  patience.run({ job: false, until }, work);

export const currentPatience = (): Patience => patience.getStore() ?? { job: false, until: null };
