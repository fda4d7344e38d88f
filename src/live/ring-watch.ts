import type { Hints, Log, Timers } from '../ports.js';
import { ConflatingStream } from './conflating-stream.js';
import { ReRead } from './re-read.js';

interface Watched {
  streams: Set<ConflatingStream<true>>;
  /** What it was when it last rang; null before the first re-read. */
  version: number | null;
}

/** Whose bells there are, and when they ring. */
export interface Bells {
  /** Whose bell a hint rings. */
  keyOf(topic: string): string;
  /** A number each that grows with every change. */
  readVersions(keys: string[]): Promise<ReadonlyMap<string, number>>;
}

/**
 * Rings for whoever watches something that has changed. As with the hub, hints are the speed and the re-read is the promise.
 * A ring may be for nothing; two are one to a slow reader.
 */
export class RingWatch {
  private readonly watched = new Map<string, Watched>();
  private readonly reRead: ReRead;

  constructor(
    needs: { hints: Hints; timers: Timers; log: Log },
    private readonly bells: Bells,
  ) {
    this.reRead = new ReRead(needs, {
      accounts: this.watched,
      onHint: ({ topic }) => this.ring(bells.keyOf(topic)),
      read: (keys) => this.compare(keys),
    });
  }

  start(): void {
    this.reRead.start();
  }

  stop(): void {
    this.reRead.stop();
    for (const { streams } of this.watched.values()) [...streams].forEach((stream) => stream.close());
  }

  watch(key: string): ConflatingStream<true> {
    const held: Watched = this.watched.get(key) ?? { streams: new Set(), version: null };
    this.watched.set(key, held);
    const stream = new ConflatingStream<true>(() => {
      held.streams.delete(stream);
      if (held.streams.size === 0) this.watched.delete(key);
    });
    held.streams.add(stream);
    return stream;
  }

  private ring(key: string): void {
    this.watched.get(key)?.streams.forEach((stream) => stream.offer(true));
  }

  private async compare(keys: string[]): Promise<void> {
    for (const [key, version] of await this.bells.readVersions(keys)) {
      const held = this.watched.get(key);
      if (!held || held.version === version) continue;
      held.version = version;
      this.ring(key);
    }
  }
}
