import type { Redis } from 'ioredis';
import type Stripe from 'stripe';
import type { StripeClient } from './stripe/client.js';
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
  /** `onGap` is called when hints may have been lost: look at everything that is watched. */
  subscribe(listener: (hint: Hint) => void, onGap?: () => void): () => void;
  close(): Promise<void>;
}

/** A Redis that the gateways of one database share. Nothing that matters is kept there: losing it costs time alone. */
export interface SharedRedis {
  /** Begins every key and channel. */
  readonly prefix: string;
  /** Fails at once while Redis is away. */
  readonly commands: Redis;
  /** Hears channels, and asks nothing but whether the other side is there. */
  readonly listener: Redis;
  isReady(): boolean;
  close(): Promise<void>;
}

/** A letter that is ready to go. */
export interface Mail {
  /** The same at every try and different for every meaning, so that a receiver can tell a repetition. */
  id: string;
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** How one try ended. `unclear`: the connection broke after the letter was handed over and before it was accepted. */
export type MailOutcome =
  { is: 'accepted' } | { is: 'refused'; permanent: boolean; reason: string } | { is: 'unclear'; reason: string };

export interface Mailer {
  /** Where mails go, for people to read; holds no secret. */
  readonly destination: string;
  /** Tries once. Never rejects; an aborted try ends at once, and its outcome tells how far it came. */
  send(mail: Mail, signal: AbortSignal): Promise<MailOutcome>;
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
  /** With `calls` where waits, repetitions and the breaker are to be seen. */
  stripe: Stripe & Partial<Pick<StripeClient, 'calls'>>;
  database: Database;
  hints: Hints;
  /** Without one limits count for this process alone. */
  redis?: SharedRedis;
  /** Without one no mail is queued. */
  mail?: Mailer;
  log: Log;
}
