import { idIn, isId, type StripeEvent } from '../webhooks/stripe-event.js';

/**
 * What is looked at together and written by one round at a time: a customer with all that is hers, a product with its
 * prices, or, for an event that names neither, the object itself until its customer is known.
 */
export type Subject =
  { kind: 'customer'; id: string } | { kind: 'catalogue'; id: string } | { kind: 'object'; id: string };

/** The key of a subject's row: a customer's own id, or a kind, a colon and an id. No customer id has a colon. */
export const subjectKey = ({ kind, id }: Subject): string => (kind === 'customer' ? id : `${kind}:${id}`);

export function parseSubject(key: string): Subject {
  const at = key.indexOf(':');
  if (at < 0) return { kind: 'customer', id: key };
  return { kind: key.slice(0, at) === 'catalogue' ? 'catalogue' : 'object', id: key.slice(at + 1) };
}

/** Pure and total: every event has exactly one subject. */
export function subjectOf(event: Pick<StripeEvent, 'id' | 'object' | 'previousAttributes'>): Subject {
  const { object, previousAttributes } = event;
  const customer =
    (object.object === 'customer' && isId(object.id) ? object.id : null) ??
    idIn(object, 'customer') ??
    idIn(previousAttributes, 'customer');
  if (customer) return { kind: 'customer', id: customer };
  const product = object.object === 'product' && isId(object.id) ? object.id : idIn(object, 'product');
  if (product) return { kind: 'catalogue', id: product };
  return { kind: 'object', id: isId(object.id) ? object.id : event.id };
}
