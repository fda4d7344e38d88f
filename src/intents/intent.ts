import type { Transaction } from '../database/database.js';
import type { UserErrorCode, RefusalDetails } from '../refusal.js';

/**
 * `open` until its outcome is known; the completer finishes what a crash or an unknown outcome left open. `idle` keeps the
 * answer to a key for which nothing had to be done.
 */
export type IntentState = 'open' | 'done' | 'failed' | 'idle';

/** Why an intent ended without its effect. */
export interface IntentFailure {
  code: UserErrorCode | 'PROVIDER';
  message: string;
  details: RefusalDetails;
}

/** What somebody asked for, stored before Stripe is told, so that no crash can lose or double it. */
export interface Intent<Data = Record<string, unknown>> {
  id: string;
  accountId: string;
  verb: string;
  /** The caller's own idempotency key; null when she gave none. */
  clientKey: string | null;
  argumentsHash: string;
  /** Random; every call of this intent to Stripe carries it, with the step's name behind. */
  stripeKey: string;
  state: IntentState;
  /** Index of the next step. */
  step: number;
  data: Data;
  failure: IntentFailure | null;
  /** The token's subject. */
  actor: string;
  attempts: number;
  createdAt: number;
  /** Of the account when this was opened; null where a completer goes on with it. */
  openedAtRevision: number | null;
}

/** One call to Stripe with an effect, or a look before the first. */
export interface Step<Data> {
  name: string;
  /** It changes nothing, so that its failure leaves nothing to be resolved. */
  onlyReads?: boolean;
  /** Whether there is anything to do, by what the steps before have found; left out where there always is. */
  needed?(data: Data): boolean;
  /** Makes the effect under `key` and answers what to remember. Throws Refusal when Stripe's state forbids it. */
  run(data: Data, key: string, intentId: string): Promise<Partial<Data>>;
  /** Reads from Stripe whether the effect exists, and answers what `run` would have; null when it does not. */
  probe(data: Data, intentId: string): Promise<Partial<Data> | null>;
  /** Writes what is the gateway's own, in the transaction that remembers the step. */
  record?(transaction: Transaction, intent: Intent<Data>): Promise<void>;
}

/** How a verb works at Stripe. `subject` is what the sync looks at once all steps are done. */
export interface Procedure<Data> {
  verb: string;
  steps: readonly Step<Data>[];
  subject(data: Data): string | null;
  /**
   * What the mutation answers once all steps are done: told again to whoever repeats it after the process died that did
   * it. Left out where a repeated request is judged by the verb itself.
   */
  answer?(data: Data, visible: boolean): object;
}
