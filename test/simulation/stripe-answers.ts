import type { Raw, StripeModel } from './stripe-model.js';

export interface Answer {
  status: number;
  body: unknown;
}

export const found = (body: unknown): Answer => ({ status: 200, body });

export const missing = (id: unknown): Answer => ({
  status: 404,
  body: {
    error: { type: 'invalid_request_error', code: 'resource_missing', message: `No such object: '${String(id)}'` },
  },
});

export const refused = (message: string): Answer => ({
  status: 400,
  body: { error: { type: 'invalid_request_error', message } },
});

/** A subscription with its latest invoice and its schedule in place of their ids, as the gateway asks for it. */
export function expanded(stripe: StripeModel, raw: Raw, at?: number): Raw {
  if (raw.object !== 'subscription') return raw;
  const named = (id: unknown) => (typeof id === 'string' ? (stripe.asOf(id, at) ?? id) : null);
  return { ...raw, latest_invoice: named(raw.latest_invoice), schedule: named(raw.schedule) };
}
