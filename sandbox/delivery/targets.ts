import { thinOnly, twinOf } from '../events/thin-event.js';
import type { Store } from '../store/store.js';
import type { EventRow, ThinEventRow } from '../store/tables.js';

/** Where events are sent: a webhook endpoint, or an event destination of v2, which may take them thin. */
export interface Target {
  id: string;
  url: string;
  enabled: boolean;
  enabledEvents: string[];
  payload: 'snapshot' | 'thin';
  /** The version that snapshots are said to be in; null: the event's own. */
  apiVersion: string | null;
}

export function targets(store: Store): Target[] {
  const ids = [...store.all('webhook_endpoint'), ...store.all('v2.core.event_destination')];
  return ids.flatMap(({ id }) => targetOf(store, id) ?? []);
}

export function targetCount(store: Store): number {
  return store.count('webhook_endpoint') + store.count('v2.core.event_destination');
}

export function targetOf(store: Store, id: string): Target | null {
  const endpoint = store.get('webhook_endpoint', id);
  if (endpoint) {
    const { url, status, enabled_events, api_version } = endpoint;
    return {
      id,
      url,
      enabled: status === 'enabled',
      enabledEvents: enabled_events,
      payload: 'snapshot',
      apiVersion: api_version,
    };
  }
  const destination = store.get('v2.core.event_destination', id);
  if (!destination) return null;
  return {
    id,
    url: destination.webhook_endpoint?.url ?? '',
    enabled: destination.status === 'enabled',
    enabledEvents: destination.enabled_events,
    payload: destination.event_payload === 'thin' ? 'thin' : 'snapshot',
    apiVersion: destination.snapshot_api_version ?? null,
  };
}

/** Whether the target asked for the type: thin ones name the thin types, such as `v1.invoice.paid`. */
export function wants({ enabled, enabledEvents, payload }: Target, type: string): boolean {
  const name = payload === 'thin' ? `v1.${type}` : type;
  return enabled && enabledEvents.some((pattern) => pattern === '*' || pattern === name);
}

export function payloadFor(target: Target, event: EventRow | ThinEventRow): object {
  if (!('api_version' in event)) return notification(thinOnly(event));
  if (target.payload === 'thin') return notification(twinOf(event));
  return { ...event, api_version: target.apiVersion ?? event.api_version };
}

/** What happened, without the data: that is fetched. */
function notification(event: Record<string, unknown>): object {
  const { data: _fetched, ...rest } = event;
  return rest;
}
