import { isDeepStrictEqual } from 'node:util';
import type { Chance } from './chance.js';

/** An object as Stripe's API shows it. */
export type Raw = Record<string, unknown> & { id: string; object: string };

export interface SentEvent {
  id: string;
  type: string;
  created: number;
  customer: string;
  body: Buffer;
  /** When it happened, by the run's time. */
  at: number;
  /** Left out of Stripe's own list too. */
  silent: boolean;
}

/** What one call of the API has changed. */
export interface Effect {
  /** Its idempotency key; null where it had none. */
  key: string | null;
  customer: string;
  /** How often something of hers had changed by then that no call asked for. */
  others: number;
}

const previousCustomer = (previous: object | null) => (previous as { customer?: unknown } | null)?.customer;

interface Version {
  at: number;
  raw: Raw | null;
}

/** What Stripe knows, as it knew it at every moment, so that an old answer can be given; and what it tells. */
export class StripeModel {
  readonly events: SentEvent[] = [];
  /** What the API was asked for and did, in order. */
  readonly effects: Effect[] = [];
  private readonly objects = new Map<string, Version[]>();
  /** Ids by kind and the customer that they are or were of. */
  private readonly owned = new Map<string, Set<string>>();
  /** By customer, how often something changed that no call asked for. */
  private readonly others = new Map<string, number>();
  private request: { key: string | null; changed: Set<string> } | null = null;

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

  asOf(id: string, at = this.now()): Raw | null {
    return this.objects.get(id)?.findLast((version) => version.at <= at)?.raw ?? null;
  }

  all(object: string, at = this.now()): Raw[] {
    return [...this.objects.keys()].flatMap((id) => this.asOf(id, at) ?? []).filter((raw) => raw.object === object);
  }

  listed(): SentEvent[] {
    return this.events.filter(({ silent }) => !silent);
  }

  /** Those of one customer. */
  of(object: string, customer: string, at = this.now()): Raw[] {
    const ids = this.owned.get(`${object} ${customer}`) ?? [];
    return [...ids].flatMap((id) => this.asOf(id, at) ?? []).filter((raw) => raw.customer === customer);
  }

  /** Does what one call of the API asks for; its events name its key. */
  answer<Result>(key: string | null, work: () => Result): Result {
    const request = { key, changed: new Set<string>() };
    this.request = request;
    try {
      return work();
    } finally {
      this.request = null;
      for (const customer of request.changed)
        this.effects.push({ key, customer, others: this.others.get(customer) ?? 0 });
    }
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
    const request = this.request && { id: 'req_1', idempotency_key: this.request.key };
    const fixed = { object: 'event', api_version: '2026-10-28.endive', livemode: false, request };
    const customer = String(object.customer ?? previousCustomer(previous) ?? object.id);
    const body = Buffer.from(JSON.stringify({ id, type, created, ...fixed, data }));
    const event = { id, type, created, customer, body, at: this.now(), silent: false };
    this.events.push(event);
    this.tell(event);
  }

  private write(id: string, raw: Raw | null): void {
    const versions = this.objects.get(id);
    const version = { at: this.now(), raw };
    if (versions) versions.push(version);
    else this.objects.set(id, [version]);
    const customer = raw?.customer;
    if (!raw || typeof customer !== 'string') return;
    if (this.request) this.request.changed.add(customer);
    else this.others.set(customer, (this.others.get(customer) ?? 0) + 1);
    const name = `${raw.object} ${customer}`;
    const ids = this.owned.get(name);
    if (ids) ids.add(id);
    else this.owned.set(name, new Set([id]));
  }
}
