import type Stripe from 'stripe';
import type { Story } from './story.js';

type Fields = Record<string, unknown>;

/** Who causes the events of a moment: a call of the SDK, the clock, or somebody on a page. */
export type Cause = 'call' | 'clock' | 'page';

/** Holds every event that is delivered to what Stripe promises of it, and knows what each object was told to be. */
export class ToldEvents {
  private readonly keys = new Map<string, string | null>();
  private readonly known = new Map<string, Fields>();
  private taken = 0;

  constructor(private readonly story: Story) {
    story.stripe.on('response', ({ request_id, idempotency_key }: Stripe.ResponseEvent) =>
      this.keys.set(request_id, idempotency_key ?? null),
    );
  }

  /** The types since the last call, one list for each second, in order; the types of one second by name. */
  async since(cause: Cause): Promise<string[][]> {
    await this.story.sandbox.idle();
    const order = new Map<string, number>();
    for await (const { id } of this.story.stripe.events.list({ limit: 100 })) order.set(id, -order.size);
    const events = this.story.receiver.events.slice(this.taken);
    this.taken += events.length;
    events.sort((one, other) => (order.get(one.id) ?? 0) - (order.get(other.id) ?? 0));
    const seconds = new Map<number, string[]>();
    for (const event of events) {
      expect(order.has(event.id)).toBe(true);
      this.check(event, cause);
      seconds.set(event.created, [...(seconds.get(event.created) ?? []), event.type].sort());
    }
    expect([...seconds.keys()]).toEqual([...seconds.keys()].sort((one, other) => one - other));
    return [...seconds.values()];
  }

  private check(event: Stripe.Event, cause: Cause): void {
    const { type, api_version, request, data } = event;
    const told = { type, api_version, livemode: event.livemode };
    expect(told).toEqual({ type, api_version: '2026-10-28.endive', livemode: false });
    if (cause !== 'call') expect({ type, request }).toEqual({ type, request: { id: null, idempotency_key: null } });
    else expect({ type, key: this.keys.get(String(request?.id)) }).toEqual({ type, key: request?.idempotency_key });

    const previous = data.previous_attributes as Fields | undefined;
    const carries = /updated$/.test(type) || type === 'payment_method.detached';
    expect({ type, carries: previous !== undefined }).toEqual({ type, carries });
    const object = data.object as unknown as Fields;
    if (object['id'] === undefined) return;
    const name = `${String(object['object'])} ${String(object['id'])}`;
    const before = this.known.get(name);
    if (previous && before)
      expect({ type, was: withoutNulls(patched(object, previous)) }).toEqual({ type, was: withoutNulls(before) });
    this.known.set(name, object);
  }
}

/** The object with what the changed fields held before. */
function patched(object: Fields, previous: Fields): Fields {
  const result = { ...object };
  for (const [key, was] of Object.entries(previous)) {
    const is = result[key];
    result[key] = isGroup(was) && isGroup(is) ? patched(is, was) : was;
  }
  return result;
}

function isGroup(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What each invoice leaves on its customer without a word. */
const untold = new Set(['next_invoice_sequence']);

/** A field that was absent is told as null. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isGroup(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, held]) => held !== null && !(value['object'] === 'customer' && untold.has(key)))
      .map(([key, held]) => [key, withoutNulls(held)]),
  );
}
