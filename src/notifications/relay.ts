import { createHash } from 'node:crypto';
import type { Database } from '../database/database.js';
import { type Metrics, silentMetrics } from '../operations/figures.js';
import type { Log, Mail, Mailer, MailOutcome, Random, Timers } from '../ports.js';
import { backOff } from '../sync/verdict.js';
import type { MailKind } from './decide-mails.js';
import { renderHtml, renderText } from './letter.js';
import {
  claimMail,
  type ClaimedMail,
  finishMail,
  markSending,
  type MailState,
  nextMailAt,
  putOffMail,
  renewMail,
} from './outbox.js';
import { type KindOfMail, kindsOfMail } from './write-mail.js';

const LEASE_MS = 10_000;
const SWEEP_MS = 5_000;
/** A server that takes longer is given up. */
const TRY_MS = 30_000;
/** How long a stop waits for the server before it breaks off. */
const STOP_MS = 3_000;
/** After this a mail is no news any more. */
const GIVE_UP_MS = 72 * 3_600_000;

export interface RelayNeeds {
  database: Database;
  mail: Mailer;
  random: Random;
  timers: Timers;
  log: Log;
}

export interface RelayOptions {
  /** Kinds that are sent, at least one; others stay where they are. */
  kinds: readonly MailKind[];
  /** How each kind is written; the gateway's own when left out. */
  writers?: Record<MailKind, KindOfMail>;
  leaseMs?: number;
  metrics?: Metrics;
}

/** Sends what the outbox holds: one mail at a time in each process, one process at a time for each mail. */
export interface Relay {
  start(): void;
  /** Waits a little for the mail on its way, breaks off otherwise, stops the timers. */
  stop(): Promise<void>;
  /** "Something was queued." Never waits, never fails; what is lost here the sweep finds. */
  wakeUp(): void;
  /** Resolves when nothing is due and nothing on its way. */
  idle(): Promise<void>;
}

/** The id under which receivers know a mail: the same at every try. */
export const mailIdOf = (outboxId: string): string => createHash('sha256').update(outboxId).digest('hex').slice(0, 32);

export const createRelay = (needs: RelayNeeds, options: RelayOptions): Relay => new MailRelay(needs, options);

class MailRelay implements Relay {
  private readonly owner: string;
  private readonly leaseMs: number;
  private readonly metrics: Metrics;
  private readonly writers: Record<MailKind, KindOfMail>;
  private readonly breakOff = new AbortController();
  private stopped = true;
  private working: Promise<void> | null = null;
  private again = false;
  private cancelTimer = () => {};

  constructor(
    private readonly needs: RelayNeeds,
    private readonly options: RelayOptions,
  ) {
    this.owner = needs.random.uuid();
    this.leaseMs = options.leaseMs ?? LEASE_MS;
    this.metrics = options.metrics ?? silentMetrics;
    this.writers = options.writers ?? kindsOfMail;
  }

  start(): void {
    this.stopped = false;
    this.wakeUp();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelTimer();
    const cancel = this.needs.timers.after(STOP_MS, () => this.breakOff.abort());
    await this.working;
    cancel();
  }

  wakeUp(): void {
    this.again = true;
    if (this.stopped || this.working) return;
    this.working = this.work().finally(() => {
      this.working = null;
      if (this.again) this.wakeUp();
    });
  }

  async idle(): Promise<void> {
    const { database } = this.needs;
    for (;;) {
      while (this.working) await this.working;
      const due = await nextMailAt(database.read, this.options.kinds);
      if (this.stopped || due === null || due > (await database.now())) return;
      this.wakeUp();
    }
  }

  /** Sends until nothing is due, then sleeps until something is. */
  private async work(): Promise<void> {
    const { database, random, log } = this.needs;
    const { kinds } = this.options;
    const { owner, leaseMs } = this;
    this.again = false;
    let sleepMs = SWEEP_MS;
    try {
      for (;;) {
        const mail = this.stopped ? null : await claimMail(database, random, { owner, leaseMs, kinds });
        if (!mail) break;
        await this.take(mail);
      }
      const next = await nextMailAt(database.read, kinds);
      if (next !== null) sleepMs = Math.max(5, Math.min(SWEEP_MS, next - (await database.now())));
    } catch (thrown) {
      log.error({ err: thrown }, 'the outbox could not be worked on; it will be tried again');
    }
    this.cancelTimer();
    if (!this.stopped) this.cancelTimer = this.needs.timers.after(sleepMs, () => this.wakeUp());
  }

  private async take(mail: ClaimedMail): Promise<void> {
    const { database } = this.needs;
    const { write, whenUnclear } = this.writers[mail.kind];
    if (mail.state === 'sending' && whenUnclear === 'leave')
      return this.end(mail, 'unclear', 'The process that sent it ended before it knew whether it was accepted.');
    const written = await write(database, mail);
    if ('dropped' in written) return this.end(mail, 'dropped', written.dropped);
    const { to, letter } = written;
    const text = { subject: letter.subject, text: renderText(letter), html: renderHtml(letter) };
    if (!(await markSending(database, mail))) return;
    await this.settle(mail, await this.send(mail, { id: mailIdOf(mail.id), to, ...text }));
  }

  /** Keeps the lease until the server has answered or time is up. */
  private async send(mail: ClaimedMail, letter: Mail): Promise<MailOutcome> {
    const { database, mail: mailer, timers } = this.needs;
    const limit = new AbortController();
    const signal = AbortSignal.any([limit.signal, this.breakOff.signal]);
    let cancelBeat = () => {};
    const beat = () => {
      cancelBeat = timers.after(this.leaseMs / 3, () => {
        renewMail(database, mail, this.leaseMs).catch(() => undefined);
        beat();
      });
    };
    beat();
    const cancelLimit = timers.after(TRY_MS, () => limit.abort());
    try {
      return await mailer.send(letter, signal);
    } finally {
      cancelBeat();
      cancelLimit();
    }
  }

  private async settle(mail: ClaimedMail, outcome: MailOutcome): Promise<void> {
    const { database, random, timers } = this.needs;
    if (outcome.is === 'accepted') {
      this.metrics.count('billing_mail_sent_total', { kind: mail.kind });
      // What is known now would be unclear to anybody else, so it is said until the database listens.
      return this.insist(() => finishMail(database, mail, 'sent'), timers);
    }
    const repeated = outcome.is === 'unclear' && this.writers[mail.kind].whenUnclear === 'repeat';
    if (outcome.is === 'unclear' && !repeated) return this.end(mail, 'unclear', outcome.reason);
    const old = (await database.now()) - mail.createdAt > GIVE_UP_MS;
    if (old || (outcome.is === 'refused' && outcome.permanent)) return this.end(mail, 'dead', outcome.reason);
    await putOffMail(database, mail, backOff(mail.attempts + 1, random.fraction()), outcome.reason);
  }

  private async insist(work: () => Promise<void>, timers: Timers): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch (thrown) {
        if (this.stopped) throw thrown;
        await timers.sleep(1_000);
      }
    }
  }

  private async end(mail: ClaimedMail, state: MailState, reason: string): Promise<void> {
    if (state !== 'dropped')
      this.needs.log.error({ mail: mail.id, account: mail.accountId, reason }, `a mail is ${state}`);
    await finishMail(this.needs.database, mail, state, reason);
  }
}
