import type { Database } from '../database/database.js';
import type { Hints, Log, Timers } from '../ports.js';
import { ConflatingStream } from './conflating-stream.js';
import { ReRead } from './re-read.js';

const USE = 'use:';

/** Tells whoever watches what an account uses that more of it was counted; called after the commit. */
export const announceUse = ({ hints }: { hints: Hints }, accountId: string): void =>
  hints.publish({ topic: `${USE}${accountId}`, revision: 0 });

interface Needs {
  database: Database;
  hints: Hints;
  timers: Timers;
  log: Log;
}

interface Watched {
  streams: Set<ConflatingStream<true>>;
  /** Grows with the account's revision and with all that is counted of it; null before the first re-read. */
  version: number | null;
}

/**
 * Rings for whoever watches what an account may use: when its revision has grown, or what was counted. As with the hub,
 * hints are the speed and the re-read is the promise. A ring may be for nothing; two are one to a slow reader.
 */
export class UseWatch {
  private readonly watched = new Map<string, Watched>();
  private readonly reRead: ReRead;

  constructor(private readonly needs: Needs) {
    this.reRead = new ReRead(needs, {
      accounts: this.watched,
      onHint: ({ topic }) => this.ring(topic.startsWith(USE) ? topic.slice(USE.length) : topic),
      read: (accountIds) => this.readVersions(accountIds),
    });
  }

  start(): void {
    this.reRead.start();
  }

  stop(): void {
    this.reRead.stop();
    for (const { streams } of this.watched.values()) [...streams].forEach((stream) => stream.close());
  }

  watch(accountId: string): ConflatingStream<true> {
    const held: Watched = this.watched.get(accountId) ?? { streams: new Set(), version: null };
    this.watched.set(accountId, held);
    const stream = new ConflatingStream<true>(() => {
      held.streams.delete(stream);
      if (held.streams.size === 0) this.watched.delete(accountId);
    });
    held.streams.add(stream);
    return stream;
  }

  private ring(accountId: string): void {
    this.watched.get(accountId)?.streams.forEach((stream) => stream.offer(true));
  }

  private async readVersions(accountIds: string[]): Promise<void> {
    const rows = await this.needs.database.read.rows<{ id: string; own: number | string; counted: number | string }>(
      `SELECT id, revision AS own, (SELECT COALESCE(SUM(u.revision), 0) FROM usage_counters u WHERE u.account_id = accounts.id) AS counted
       FROM accounts WHERE id IN (${accountIds.map(() => '?').join(', ')})`,
      accountIds,
    );
    for (const { id, own, counted } of rows) {
      const held = this.watched.get(id);
      const version = Number(own) + Number(counted);
      if (!held || held.version === version) continue;
      held.version = version;
      this.ring(id);
    }
  }
}
