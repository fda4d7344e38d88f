import type Stripe from 'stripe';
import type { Database } from './database/database.js';

/** Milliseconds since 1970-01-01T00:00:00Z. Every instant inside the gateway is one of these. */
export type Instant = number;

/** Real time: signature window, tokens, rate limits, time-outs, leases on the embedded database. */
export interface WallClock {
  now(): Instant;
}

/** The time billing lives in: periods, grace, trials, `decidedAt`. Equals wall time unless a sandbox's clock is followed. */
export interface BillingClock {
  now(): Instant;
  /** Called after every jump, with the new time. Returns how to stop listening. */
  onJump(listener: (now: Instant) => void): () => void;
  /** Stops following; `now` keeps its last offset. */
  close(): void;
}

export interface Random {
  /** A new sortable id, 26 characters. */
  ulid(): string;
  uuid(): string;
  /** At least 0, below 1. */
  fraction(): number;
}

export interface Timers {
  /** Runs `task` once after `ms`; the returned function cancels it. A task must not throw. */
  after(ms: number, task: () => void): () => void;
  sleep(ms: number): Promise<void>;
  /** Lets everything that has already arrived be read first; takes no time. */
  turn(): Promise<void>;
}

/** What a hint says: this account (or the catalogue) has reached this revision. Carries nothing that matters by itself. */
export interface Hint {
  topic: string;
  revision: number;
}

/** Tells the other parts, and later the other instances, to look again. Losing a hint costs time, never truth. */
export interface Hints {
  publish(hint: Hint): void;
  subscribe(listener: (hint: Hint) => void): () => void;
  close(): Promise<void>;
}

/** The part of pino that the gateway uses. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** All that is not deterministic, handed into `createGateway`. */
export interface Ports {
  wall: WallClock;
  billing: BillingClock;
  random: Random;
  timers: Timers;
  stripe: Stripe;
  database: Database;
  hints: Hints;
  log: Log;
}
