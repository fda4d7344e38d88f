import type { Instant } from '../ports.js';
import { subjectKey, subjectOf } from '../sync/subject.js';
import { isHandled, wantedTypes } from './handlers.js';
import type { EventSource, NewInboxRow } from './inbox.js';
import type { StripeEvent } from './stripe-event.js';

/**
 * The row of an event, however it came here: pending when something acts on its type, ignored otherwise. Stripe's list has
 * what is wanted beside what says the same.
 */
export const toInboxRow = (
  event: StripeEvent,
  body: Buffer,
  receivedAt: Instant,
  source: EventSource = 'delivery',
): NewInboxRow => ({
  id: event.id,
  type: event.type,
  created: event.created,
  apiVersion: event.apiVersion,
  livemode: event.livemode,
  subject: subjectKey(subjectOf(event)),
  requestKey: event.requestKey,
  body,
  receivedAt,
  state: (source === 'list' ? wantedTypes.includes(event.type) : isHandled(event.type)) ? 'pending' : 'ignored',
  source,
});
