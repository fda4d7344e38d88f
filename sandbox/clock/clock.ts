import type { Wall } from '../ports.js';
import type { Store } from '../store/store.js';

/** The sandbox's own time: wall time plus an offset, or standing still. Kept in the state, so a restart goes on from it. */
export class Clock {
  private stepAt: number | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly store: Store,
    readonly wall: Wall,
  ) {}

  /** Milliseconds since 1970. */
  now(): number {
    return this.stepAt ?? this.outsideOfSteps();
  }

  /** What the clock shows apart from the step that is running. */
  outsideOfSteps(): number {
    const frozenAt = this.store.get('meta', 'frozen_at')?.value;
    if (frozenAt !== undefined) return Number(frozenAt);
    return this.wall.now() + Number(this.store.get('meta', 'clock_offset')?.value ?? 0);
  }

  get frozen(): boolean {
    return this.store.get('meta', 'frozen_at') !== undefined;
  }

  start(at: number, frozen: boolean): void {
    this.store.put(
      'meta',
      frozen ? { id: 'frozen_at', value: at } : { id: 'clock_offset', value: at - this.wall.now() },
    );
  }

  moveTo(at: number): void {
    this.start(at, this.frozen);
  }

  /** Runs one step at its own moment, even if the clock has gone past it meanwhile. */
  during<R>(at: number | null, step: () => R): R {
    this.stepAt = at;
    try {
      return step();
    } finally {
      this.stepAt = null;
    }
  }

  /** Called at every jump. The answer ends it. */
  onJump(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  jumped(): void {
    for (const listener of this.listeners) listener();
  }
}
