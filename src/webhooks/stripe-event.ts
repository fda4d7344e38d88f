import { z } from 'zod';

/** Anything that can be an id of Stripe's; what is not shaped so counts as absent. */
const ID = /^[A-Za-z0-9_-]{3,200}$/;

export const isId = (value: unknown): value is string => typeof value === 'string' && ID.test(value);

const envelope = z.object({
  id: z.string().regex(/^evt_[A-Za-z0-9_]{1,200}$/),
  object: z.literal('event'),
  type: z.string().regex(/^[a-z0-9_.]{1,120}$/),
  created: z.int().min(0).max(100_000_000_000),
  api_version: z.string().max(60).nullish(),
  livemode: z.boolean(),
  account: z.string().max(200).nullish(),
  request: z.object({ idempotency_key: z.string().max(255).nullish() }).nullish(),
  data: z.object({
    object: z.record(z.string(), z.unknown()),
    previous_attributes: z.record(z.string(), z.unknown()).nullish(),
  }),
});

/** The part of an event that the gateway reads: only ids, words and moments, never amounts. */
export interface StripeEvent {
  id: string;
  type: string;
  /** Whole seconds; ties are common, so it is never a version. */
  created: number;
  apiVersion: string | null;
  livemode: boolean;
  /** The connected account it comes from; null for our own. */
  account: string | null;
  /** Idempotency key of the API call that caused it; null when Stripe's own engine did. */
  requestKey: string | null;
  object: Record<string, unknown>;
  previousAttributes: Record<string, unknown> | null;
}

/** Null when the JSON is no snapshot event. */
export function toStripeEvent(json: unknown): StripeEvent | null {
  const parsed = envelope.safeParse(json);
  if (!parsed.success) return null;
  const { data, request, api_version, account, id, type, created, livemode } = parsed.data;
  return {
    id,
    type,
    created,
    livemode,
    apiVersion: api_version ?? null,
    account: account ?? null,
    requestKey: request?.idempotency_key ?? null,
    object: data.object,
    previousAttributes: data.previous_attributes ?? null,
  };
}

/** The id in a field that Stripe fills with an id or with the object itself. */
export function idIn(object: Record<string, unknown> | null, field: string): string | null {
  const value = object?.[field];
  const id = typeof value === 'object' && value !== null ? (value as { id?: unknown }).id : value;
  return isId(id) ? id : null;
}
