import type { Account } from '../account.js';
import { planDeliveries } from '../delivery/misbehave.js';
import { targets, wants } from '../delivery/targets.js';
import type { EventRow, ThinEventRow } from '../store/tables.js';

export const API_VERSION = '2026-10-28.endive';

/** Stores the event and one delivery for each endpoint that wants it, in the transaction that changes the object. */
export function createEvent(account: Account, type: string, object: object, previous?: Record<string, unknown>): void {
  const wanting = targets(account.store).filter((target) => wants(target, type));
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
  for (const target of wanting) {
    const holds = type === 'invoice.created' ? (object as { id: string }).id : null;
    for (const row of planDeliveries(account, event.id, target.id, holds)) account.store.put('delivery', row);
  }
}

/** Stores an event that only v2 tells, and a delivery for each thin destination that wants it, or for the one that is named. */
export function tellThin(
  account: Account,
  given: Pick<ThinEventRow, 'type' | 'related_object' | 'data'>,
  only?: string,
): ThinEventRow {
  const event: ThinEventRow = { id: account.newId('evt_test'), created: account.now(), ...given };
  account.store.put('thin_event', event);
  const name = event.type.replace(/^v1\./, '');
  for (const target of targets(account.store)) {
    const asked = only === undefined ? target.payload === 'thin' && wants(target, name) : target.id === only;
    if (!asked) continue;
    for (const row of planDeliveries(account, event.id, target.id, null)) account.store.put('delivery', row);
  }
  return event;
}

function momentOf(account: Account, object: object): number {
  if (!account.settings.eventsFollowTestClock) return account.now();
  const { customer, object: kind, id } = object as { customer?: unknown; object?: string; id?: string };
  if (kind === 'customer') return account.now(id);
  return account.now(typeof customer === 'string' ? customer : null);
}
