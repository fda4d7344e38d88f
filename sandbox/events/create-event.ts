import type { Account } from '../account.js';
import { planDeliveries } from '../delivery/misbehave.js';
import type { EventRow } from '../store/tables.js';

export const API_VERSION = '2026-10-28.endive';

/** Stores the event and one delivery for each endpoint that wants it, in the transaction that changes the object. */
export function createEvent(account: Account, type: string, object: object, previous?: Record<string, unknown>): void {
  const wanting = account.store
    .all('webhook_endpoint')
    .filter((endpoint) => endpoint.status === 'enabled' && wants(endpoint.enabled_events, type));
  const event: EventRow = {
    id: account.newId('evt'),
    object: 'event',
    api_version: API_VERSION,
    created: momentOf(account, object),
    data: previous ? { object, previous_attributes: previous } : { object },
    livemode: false,
    pending_webhooks: wanting.length,
    request: account.origin,
    type,
  };
  account.store.put('event', event);
  for (const endpoint of wanting) {
    for (const row of planDeliveries(account, event, endpoint.id)) account.store.put('delivery', row);
  }
}

export function wants(enabledEvents: string[], type: string): boolean {
  return enabledEvents.some((pattern) => pattern === '*' || pattern === type);
}

function momentOf(account: Account, object: object): number {
  if (!account.settings.eventsFollowTestClock) return account.now();
  const { customer, object: kind, id } = object as { customer?: unknown; object?: string; id?: string };
  if (kind === 'customer') return account.now(id);
  return account.now(typeof customer === 'string' ? customer : null);
}
