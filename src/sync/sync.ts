import type { Database } from '../database/database.js';
import type { Hint, Ports } from '../ports.js';
import type { AccessPolicy } from '../access/access.js';
import { type Metrics, silentMetrics } from '../operations/figures.js';
import type { MailKind } from '../notifications/decide-mails.js';
import type { CatalogueRules } from '../plans/rules.js';
import { createLook } from './look.js';
import {
  askAll,
  FORGOTTEN_AT_ONCE,
  forgottenSubjects,
  nextClaimAt,
  nextDueAt,
  releaseAll,
  type Wants,
} from './queue.js';
import { createTakeRound, type TakeRound } from './take-round.js';

/** A lease is short and kept alive while its round works, so a dead process is replaced within seconds. */
const LEASE_MS = 3_000;
const SWEEP_MS = 2_000;
const REFRESH_LIMIT_MS = 2_000;
const REFRESH_POLL_MS = 20;
const WORKERS = 4;

export interface SyncOptions {
  policy: AccessPolicy;
  /** What the operator says of plans and prices beside Stripe; nothing when left out. */
  catalogue?: CatalogueRules;
  /** Called after each commit that somebody can see. */
  announce: (hint: Hint) => void;
  /** Kinds of mail that are queued; none when left out. */
  mailKinds?: readonly MailKind[];
  /** Called after a commit that queued mails. */
  mailQueued?: () => void;
  leaseMs?: number;
  /** How long a caller waits for her answer; two seconds when left out. */
  refreshMs?: number;
  metrics?: Metrics;
}

/** The one writer of what Stripe owns. Everybody else only asks it to look. */
export interface Sync {
  start(): void;
  /** Finishes the rounds under way, gives back the leases, stops the timers. */
  stop(): Promise<void>;
  /** "Something changed for this subject." Never waits, never fails; what is lost here the sweep finds. */
  knock(subject: string, wants?: Wants): void;
  /**
   * Waits, at most two seconds unless told otherwise, for a round that began after the question `asked` was put, and runs it here if nobody
   * else does. False when the answer is not there yet.
   */
  refreshNow(subject: string, asked: number): Promise<boolean>;
  /** Resolves when nothing is due and no round is under way. */
  idle(): Promise<void>;
}

export type SyncNeeds = Omit<Ports, 'hints' | 'mail' | 'redis'>;

export function createSync(needs: SyncNeeds, options: SyncOptions): Sync {
  return new Worker(needs, options);
}

class Worker implements Sync {
  private readonly owner: string;
  private readonly takeRound: TakeRound;
  private readonly refreshMs: number;
  private readonly running = new Set<Promise<void>>();
  private readonly knocks = new Map<string, Wants>();
  private readonly looking = new Set<string>();
  private workers = 0;
  private asking = false;
  private stopped = true;
  private cancelTimer = () => {};
  private stopJumps = () => {};

  constructor(
    private readonly needs: SyncNeeds,
    options: SyncOptions,
  ) {
    this.owner = needs.random.uuid();
    this.refreshMs = options.refreshMs ?? REFRESH_LIMIT_MS;
    this.takeRound = createTakeRound(needs, {
      look: createLook(needs, options),
      knock: (subject, wants) => this.knock(subject, wants),
      looking: this.looking,
      othersDue: (count) => this.wakeUp(count),
      owner: this.owner,
      leaseMs: options.leaseMs ?? LEASE_MS,
      metrics: options.metrics ?? silentMetrics,
    });
  }

  start(): void {
    this.stopped = false;
    this.stopJumps = this.needs.billing.onJump(() => this.wakeUp());
    this.track(this.sweep());
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelTimer();
    this.stopJumps();
    while (this.running.size > 0) await Promise.all(this.running);
    await releaseAll(this.needs.database, this.owner);
  }

  knock(subject: string, wants: Wants = 'events'): void {
    if (this.stopped) return;
    if (wants === 'look' || !this.knocks.has(subject)) this.knocks.set(subject, wants);
    if (this.asking) return;
    this.asking = true;
    this.track(this.askKnocks());
  }

  async refreshNow(subject: string, asked: number): Promise<boolean> {
    const { database, timers } = this.needs;
    let late = false;
    let cancel = () => {};
    const limit = new Promise<void>((resolve) => {
      cancel = timers.after(this.refreshMs, () => {
        late = true;
        resolve();
      });
    });
    try {
      while ((await answered(database, subject)) < asked) {
        if (late) return false;
        // A round may wait for Stripe longer than a caller does; it goes on without her.
        const took = this.takeRound(subject);
        this.track(took);
        await Promise.race([took.then(() => this.pause(subject, asked)), limit]);
      }
      return true;
    } finally {
      cancel();
    }
  }

  /** Waits a little while the answer is not there: another worker has the subject, or the round failed. */
  private async pause(subject: string, asked: number): Promise<void> {
    const { database, timers } = this.needs;
    if ((await answered(database, subject)) < asked) await timers.sleep(REFRESH_POLL_MS);
  }

  async idle(): Promise<void> {
    const { database } = this.needs;
    for (;;) {
      while (this.running.size > 0) await Promise.all(this.running);
      const due = await nextDueAt(database.read);
      if ((due === null || due > (await database.now())) && this.running.size === 0) return;
      this.wakeUp();
      // What another worker holds can only end when the event loop gets on.
      await this.needs.timers.turn();
    }
  }

  /** Knocks that come together, or while others are asked, are asked together; a lost one is found by the sweep. */
  private async askKnocks(): Promise<void> {
    await Promise.resolve();
    try {
      while (this.knocks.size > 0) {
        const questions = new Map(this.knocks);
        this.knocks.clear();
        await askAll(this.needs.database, questions);
        this.wakeUp([...questions.keys()].filter((subject) => !this.looking.has(subject)).length);
      }
    } finally {
      this.asking = false;
    }
  }

  /** Starts a worker for each that is due, up to the limit; each takes rounds until nothing is due. */
  private wakeUp(due = 1): void {
    const most = this.stopped ? 0 : Math.min(WORKERS, this.workers + due);
    while (this.workers < most) this.track(this.work());
  }

  private async work(): Promise<void> {
    this.workers += 1;
    try {
      // Where nothing is waited for, as while Stripe is left alone, nobody else would ever have a turn.
      while (!this.stopped && (await this.takeRound())) await this.needs.timers.turn();
    } finally {
      this.workers -= 1;
    }
    await this.schedule();
  }

  private async schedule(): Promise<void> {
    if (this.stopped) return;
    const { database } = this.needs;
    const next = await nextClaimAt(database.read);
    this.sweepAfter(next === null ? SWEEP_MS : Math.max(5, Math.min(SWEEP_MS, next - (await database.now()))));
  }

  private sweepAfter(ms: number): void {
    this.cancelTimer();
    if (!this.stopped) this.cancelTimer = this.needs.timers.after(ms, () => this.track(this.sweep()));
  }

  /** Finds stored events that nobody asked about, then works on whatever is due. */
  private async sweep(): Promise<void> {
    const { database } = this.needs;
    for (;;) {
      const forgotten = await forgottenSubjects(database.read, await database.now());
      if (forgotten.length > 0) await askAll(database, new Map(forgotten.map((subject) => [subject, 'events'])));
      if (this.stopped || forgotten.length < FORGOTTEN_AT_ONCE) break;
      // Asked before anything else falls due: what comes first is done first.
      this.wakeUp(forgotten.length);
      await this.needs.timers.turn();
    }
    await this.work();
  }

  /** Counts work as running. A failure of the loop itself (the database is away) is logged and tried again. */
  private track(work: Promise<unknown>): void {
    const settled = work.then(
      () => undefined,
      (thrown: unknown) => {
        this.needs.log.error({ err: thrown }, 'the sync could not work; it will try again');
        this.sweepAfter(SWEEP_MS);
      },
    );
    this.running.add(settled);
    void settled.then(() => this.running.delete(settled));
  }
}

async function answered(database: Database, subject: string): Promise<number> {
  const [row] = await database.read.rows<{ answered: number | string }>(
    'SELECT answered FROM subjects WHERE subject = ?',
    [subject],
  );
  return Number(row?.answered ?? 0);
}
