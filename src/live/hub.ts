import type { Database } from '../database/database.js';
import { notFound } from '../errors.js';
import { type Metrics, silentMetrics } from '../operations/figures.js';
import type { AuditEntry } from '../history/audit.js';
import type { Loaders } from '../graphql/loaders.js';
import type { Account } from '../accounts/account.entity.js';
import type { Hints, Log, Timers } from '../ports.js';
import { ConflatingStream, stoppable } from './conflating-stream.js';
import { cursorAt, standOf } from './cursor.js';
import { ReRead } from './re-read.js';
import { type AccountSnapshot, loadSnapshot } from './snapshot.js';

export enum StreamKind {
  SNAPSHOT = 'SNAPSHOT',
  CHANGED = 'CHANGED',
  RESYNC = 'RESYNC',
}

/** One message of an account's stream. `loaders` come with it so that every socket answers from the same reads. */
export interface AccountPush {
  kind: StreamKind;
  cursor: string;
  revision: number;
  at: number;
  entries: AuditEntry[];
  skipped: number;
  account: Account;
  loaders: Loaders;
}

export interface Hub {
  start(): void;
  stop(): void;
  /**
   * First the state now (or, with a cursor, what happened since), then every newer state; states between may be
   * skipped, revisions only grow. Throws NOT_FOUND for an account that does not exist.
   */
  watchAccount(accountId: string, after?: string | null): AsyncIterableIterator<AccountPush>;
  /** How many streams are open. */
  readonly watchers: number;
}

interface Topic {
  streams: Set<ConflatingStream<AccountSnapshot>>;
  /** The newest revision handed out. */
  revision: number;
  loading: boolean;
  /** Something may have changed since the load under way began. */
  stale: boolean;
  /** Tells how long the newest hint has waited for its snapshot. */
  handedOver: () => void;
}

interface Needs {
  database: Database;
  hints: Hints;
  timers: Timers;
  log: Log;
  metrics?: Metrics;
}

export function createHub(needs: Needs): Hub {
  return new AccountHub(needs);
}

class AccountHub implements Hub {
  private readonly topics = new Map<string, Topic>();
  private readonly metrics: Metrics;
  private readonly reRead: ReRead;

  constructor(private readonly needs: Needs) {
    this.metrics = needs.metrics ?? silentMetrics;
    this.reRead = new ReRead(needs, {
      accounts: this.topics,
      onHint: ({ topic }) => this.refresh(topic),
      read: (accountIds) => this.readRevisions(accountIds),
    });
  }

  get watchers(): number {
    return [...this.topics.values()].reduce((count, { streams }) => count + streams.size, 0);
  }

  start(): void {
    this.reRead.start();
  }

  stop(): void {
    this.reRead.stop();
    for (const { streams } of this.topics.values()) [...streams].forEach((stream) => stream.close());
  }

  watchAccount(accountId: string, after?: string | null): AsyncIterableIterator<AccountPush> {
    const stream = this.register(accountId);
    return stoppable(this.pushes(accountId, stream, after ?? null), stream);
  }

  /** Registered first and read after, so that no commit can fall between. */
  private register(accountId: string): ConflatingStream<AccountSnapshot> {
    const topic: Topic = this.topics.get(accountId) ?? {
      streams: new Set(),
      revision: -1,
      loading: false,
      stale: false,
      handedOver: () => {},
    };
    this.topics.set(accountId, topic);
    const stream = new ConflatingStream<AccountSnapshot>(() => {
      topic.streams.delete(stream);
      if (topic.streams.size === 0) this.topics.delete(accountId);
    });
    topic.streams.add(stream);
    return stream;
  }

  private async *pushes(
    accountId: string,
    stream: ConflatingStream<AccountSnapshot>,
    after: string | null,
  ): AsyncGenerator<AccountPush, void> {
    try {
      const first = await loadSnapshot(this.needs.database, accountId);
      if (!first) throw notFound('account', accountId);
      this.handOut(accountId, first);
      let sent = first.revision;
      const stand = after === null ? null : standOf(after);
      const known = stand !== null && (await first.hasPassed(stand));
      if (!known) yield push(first, after === null ? StreamKind.SNAPSHOT : StreamKind.RESYNC);
      else if (stand.revision < sent) yield await this.changed(first, stand.revision);
      for await (const snapshot of stream) {
        if (snapshot.revision <= sent) continue;
        yield await this.changed(snapshot, sent);
        sent = snapshot.revision;
      }
    } finally {
      stream.close();
    }
  }

  private async changed(snapshot: AccountSnapshot, since: number): Promise<AccountPush> {
    return { ...push(snapshot, StreamKind.CHANGED), ...(await snapshot.entriesSince(since)) };
  }

  /** Loads the newest state once for all who watch it; a hint during the load makes it load again. */
  private refresh(accountId: string): void {
    const topic = this.topics.get(accountId);
    if (!topic) return;
    if (!topic.stale) topic.handedOver = this.metrics.start('billing_live_lag_seconds');
    topic.stale = true;
    if (topic.loading) return;
    topic.loading = true;
    void this.load(accountId, topic)
      .catch((thrown: unknown) =>
        this.needs.log.error(
          { err: thrown, account: accountId },
          'a live snapshot could not be read; the next re-read tries again',
        ),
      )
      .then(() => {
        topic.loading = false;
        // A hint that came between the end of the loop and here found it still loading.
        if (topic.stale) this.refresh(accountId);
      });
  }

  private async load(accountId: string, topic: Topic): Promise<void> {
    while (topic.stale) {
      topic.stale = false;
      const { handedOver } = topic;
      const snapshot = await loadSnapshot(this.needs.database, accountId);
      if (snapshot && snapshot.revision < topic.revision) this.metrics.count('billing_version_backward_total');
      if (snapshot && this.handOut(accountId, snapshot)) handedOver();
    }
  }

  /** Offers to all who watch what is newer than all before; each drops what it has sent already. */
  private handOut(accountId: string, snapshot: AccountSnapshot): boolean {
    const topic = this.topics.get(accountId);
    if (!topic || snapshot.revision <= topic.revision) return false;
    topic.revision = snapshot.revision;
    topic.streams.forEach((stream) => stream.offer(snapshot));
    return true;
  }

  private async readRevisions(accountIds: string[]): Promise<void> {
    const rows = await this.needs.database.read.rows<{ id: string; revision: number | string }>(
      `SELECT id, revision FROM accounts WHERE id IN (${accountIds.map(() => '?').join(', ')})`,
      accountIds,
    );
    for (const { id, revision } of rows)
      if (Number(revision) > (this.topics.get(id)?.revision ?? Infinity)) this.refresh(id);
  }
}

const push = (snapshot: AccountSnapshot, kind: StreamKind): AccountPush => ({
  kind,
  cursor: cursorAt(snapshot),
  revision: snapshot.revision,
  at: snapshot.at,
  entries: [],
  skipped: 0,
  account: snapshot.account,
  loaders: snapshot.loaders,
});
