import { previousAttributes } from './events/previous-attributes.js';
import { createEvent } from './events/create-event.js';
import type { Clock } from './clock/clock.js';
import type { AgendaKind } from './clock/agenda.js';
import { wordAt } from './random.js';
import type { SandboxSettings } from './settings.js';
import type { Store } from './store/store.js';
import type { TableName, Tables } from './store/tables.js';

/** Which API call causes the events of the moment; both null when Stripe acts by itself. */
export interface Origin {
  id: string | null;
  idempotency_key: string | null;
}

export const automatic: Origin = { id: null, idempotency_key: null };

/** The one Stripe account the sandbox plays: its rows, its clock, its settings, and the way to write an event. */
export class Account {
  origin: Origin = automatic;
  /** Where pages such as the hosted checkout are reached; known once the server listens. */
  url = '';
  /** Sends a test clock on its way, after the answer to the call that asked for it. */
  advanceTestClock: (clock: string, target: number) => void = () => undefined;

  constructor(
    readonly store: Store,
    readonly clock: Clock,
    readonly settings: SandboxSettings,
    readonly seed: number,
  ) {}

  /** Unix seconds: of the customer's test clock if it has one, else of the sandbox's clock. */
  now(customer?: string | null): number {
    const testClock = this.testClockOf(customer);
    const time = testClock === null ? undefined : this.store.get('clock_time', testClock);
    return time ? time.now : Math.floor(this.clock.now() / 1000);
  }

  testClockOf(customer?: string | null): string | null {
    return (customer && this.store.get('customer', customer)?.test_clock) || null;
  }

  newId(prefix: string, length = 24): string {
    return `${prefix}_${this.newWord(length)}`;
  }

  newWord(length: number): string {
    const counter = Number(this.store.get('meta', 'words')?.value ?? 0) + 1;
    this.store.put('meta', { id: 'words', value: counter });
    return wordAt(this.seed, counter, length);
  }

  /** Puts a new object; with an event type, tells the endpoints. */
  create<T extends TableName>(table: T, row: Tables[T], eventType?: string): Tables[T] {
    this.store.put(table, row);
    if (eventType) this.emit(eventType, row);
    return row;
  }

  /** Replaces fields of an object. The event carries what the changed fields held before; without a change there is none. */
  update<T extends TableName>(table: T, id: string, patch: Partial<Tables[T]>, eventType?: string): Tables[T] {
    const before = this.store.get(table, id);
    if (!before) throw new Error(`The sandbox asked to change ${table} '${id}', which it does not hold.`);
    const after = { ...before, ...patch };
    const previous = previousAttributes(before, after);
    if (previous === null) return before;
    this.store.put(table, after);
    if (eventType) this.emit(eventType, after, eventType.endsWith('.updated') ? previous : undefined);
    return after;
  }

  emit(type: string, object: object, previous?: Record<string, unknown>): void {
    createEvent(this, type, object, previous);
  }

  /** Plans a step of the clock; planning the same kind for the same subject again moves it. */
  plan(kind: AgendaKind, subject: string, at: number, customer?: string | null): void {
    const id = `${kind} ${subject}`;
    const clock = this.testClockOf(customer);
    const held = this.store.get('agenda', id);
    if (held?.at !== at || held.clock !== clock) this.store.put('agenda', { id, kind, subject, at, clock });
  }

  unplan(kind: AgendaKind, subject: string): void {
    const id = `${kind} ${subject}`;
    if (this.store.get('agenda', id)) this.store.remove('agenda', id);
  }

  /** Runs `work` as something Stripe does by itself. */
  automatically<R>(work: () => R): R {
    const before = this.origin;
    this.origin = automatic;
    try {
      return work();
    } finally {
      this.origin = before;
    }
  }
}
