import type { Hint, Hints, Log, Timers } from '../ports.js';

/** Every second up to a thousand, rarer with more: it costs the database no more than a thousand primary keys a second. */
const reReadMs = (watched: number) => Math.min(15_000, Math.max(1_000, watched));
const AT_ONCE = 500;

interface Needs {
  hints: Hints;
  timers: Timers;
  log: Log;
}

interface Watched {
  /** By account. */
  accounts: ReadonlyMap<string, unknown>;
  onHint(hint: Hint): void;
  /** Looks at these of the accounts. */
  read(accountIds: string[]): Promise<void>;
}

/** Follows what is watched. Hints are only the speed; the re-read is the promise, and follows hints that may have been lost. */
export class ReRead {
  private stopped = false;
  private unsubscribe = () => {};
  private cancelTimer = () => {};

  constructor(
    private readonly needs: Needs,
    private readonly watched: Watched,
  ) {}

  start(): void {
    this.unsubscribe = this.needs.hints.subscribe(
      (hint) => this.watched.onHint(hint),
      () => void this.now(),
    );
    this.schedule();
  }

  stop(): void {
    this.stopped = true;
    this.unsubscribe();
    this.cancelTimer();
  }

  private schedule(): void {
    this.cancelTimer = this.needs.timers.after(reReadMs(this.watched.accounts.size), () => {
      void this.now().then(() => this.stopped || this.schedule());
    });
  }

  private async now(): Promise<void> {
    const ids = [...this.watched.accounts.keys()];
    try {
      for (let start = 0; start < ids.length; start += AT_ONCE)
        await this.watched.read(ids.slice(start, start + AT_ONCE));
    } catch (thrown) {
      this.needs.log.error({ err: thrown }, 'what is watched could not be read; the next re-read tries again');
    }
  }
}
