import type { Hints, Log, Timers } from '../ports.js';
import { ConflatingStream } from './conflating-stream.js';
import { ReRead } from './re-read.js';

const INBOX = 'inbox';
/** What happens within this time is one ring. */
const RING_MS = 100;

/**
 * Rings for whoever watches the inbox. An account that has changed may have finished an event, so every hint rings;
 * what no hint tells, the re-read does. A ring may be for nothing; two are one to a slow reader.
 */
export class InboxWatch {
  private readonly watched = new Map<string, Set<ConflatingStream<true>>>();
  private readonly reRead: ReRead;
  private cancelRing: (() => void) | null = null;

  constructor(private readonly needs: { hints: Hints; timers: Timers; log: Log }) {
    this.reRead = new ReRead(needs, {
      accounts: this.watched,
      onHint: () => this.ring(),
      read: () => Promise.resolve(this.offer()),
    });
  }

  start(): void {
    this.reRead.start();
  }

  stop(): void {
    this.reRead.stop();
    this.cancelRing?.();
    [...(this.watched.get(INBOX) ?? [])].forEach((stream) => stream.close());
  }

  watch(): ConflatingStream<true> {
    const streams = this.watched.get(INBOX) ?? new Set();
    this.watched.set(INBOX, streams);
    const stream = new ConflatingStream<true>(() => {
      streams.delete(stream);
      if (streams.size === 0) this.watched.delete(INBOX);
    });
    streams.add(stream);
    return stream;
  }

  /** Something may have come in or ended. */
  ring(): void {
    if (this.cancelRing || !this.watched.has(INBOX)) return;
    this.cancelRing = this.needs.timers.after(RING_MS, () => {
      this.cancelRing = null;
      this.offer();
    });
  }

  private offer(): void {
    this.watched.get(INBOX)?.forEach((stream) => stream.offer(true));
  }
}
