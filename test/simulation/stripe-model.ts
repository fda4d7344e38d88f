import { isDeepStrictEqual } from 'node:util';
import type { Chance } from './chance.js';

/** An object as Stripe's API shows it. */
export type Raw = Record<string, unknown> & { id: string; object: string };

export interface SentEvent {
  id: string;
  type: string;
  created: number;
  body: Buffer;
}

interface Version {
  at: number;
  raw: Raw | null;
}

/** What Stripe knows, as it knew it at every moment, so that an old answer can be given; and what it tells. */
export class StripeModel {
  readonly events: SentEvent[] = [];
  private readonly objects = new Map<string, Version[]>();

  constructor(
    private readonly now: () => number,
    /** Seconds of billing time. */
    readonly seconds: () => number,
    private readonly chance: Chance,
    private readonly tell: (event: SentEvent) => void,
  ) {}

  /** The object now; null when there is none. */
  get(id: string): Raw | null {
    return this.asOf(id, this.now());
  }

  asOf(id: string, at: number): Raw | null {
    return this.objects.get(id)?.findLast((version) => version.at <= at)?.raw ?? null;
  }

  all(object: string, at = this.now()): Raw[] {
    return [...this.objects.keys()].flatMap((id) => this.asOf(id, at) ?? []).filter((raw) => raw.object === object);
  }

  put(raw: Raw, type?: string): void {
    this.write(raw.id, raw);
    if (type) this.send(type, raw, null);
  }

  /** Changes an object and tells of it; an `.updated` event says what was before. Silent when nothing differs. */
  change(id: string, patch: object, ...types: string[]): void {
    const before = this.get(id);
    if (!before) return;
    const after: Raw = { ...before, ...patch };
    const fields = Object.keys(after).filter((field) => !isDeepStrictEqual(after[field], before[field]));
    if (fields.length === 0) return;
    this.write(id, after);
    const previous = Object.fromEntries(fields.map((field) => [field, before[field] ?? null]));
    for (const type of types) this.send(type, after, /updated|detached/.test(type) ? previous : null);
  }

  remove(id: string, type: string, remains: Raw | null = null): void {
    const before = this.get(id);
    if (!before) return;
    this.write(id, remains);
    this.send(type, before, null);
  }

  send(type: string, object: Raw, previous: object | null): void {
    const id = `evt_${String(this.chance.whole(0, 999_999)).padStart(6, '0')}${this.events.length}`;
    const created = this.seconds();
    const data = { object, ...(previous && { previous_attributes: previous }) };
    const fixed = { object: 'event', api_version: '2026-10-28.endive', livemode: false, request: null };
    const event = { id, type, created, body: Buffer.from(JSON.stringify({ id, type, created, ...fixed, data })) };
    this.events.push(event);
    this.tell(event);
  }

  private write(id: string, raw: Raw | null): void {
    this.objects.set(id, [...(this.objects.get(id) ?? []), { at: this.now(), raw }]);
  }
}
