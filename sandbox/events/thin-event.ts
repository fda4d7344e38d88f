import type { EventRow, ThinEventRow } from '../store/tables.js';

export const THIN_PREFIX = 'evt_test_';

/** Objects that Stripe has no address for. */
const UNREACHABLE = ['discount', 'billing_portal.session', 'entitlements.active_entitlement_summary'];

function rfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** The thin twin of a stored event: what happened to which object, without the object. */
export function twinOf(event: EventRow): Record<string, unknown> {
  const { id, object } = event.data.object as { id?: string; object: string };
  const related =
    id === undefined || UNREACHABLE.includes(object)
      ? null
      : { id, type: object, url: `/v1/${object.replaceAll('.', '/')}s/${id}` };
  return {
    id: THIN_PREFIX + event.id.slice('evt_'.length),
    object: 'v2.core.event',
    created: rfc3339(event.created),
    livemode: false,
    reason: event.request.id === null ? null : { type: 'request', request: event.request },
    related_object: related,
    snapshot_event: event.id,
    type: `v1.${event.type}`,
  };
}

export function thinOnly({ created, related_object, ...row }: ThinEventRow): Record<string, unknown> {
  return { ...row, object: 'v2.core.event', created: rfc3339(created), livemode: false, reason: null, related_object };
}
