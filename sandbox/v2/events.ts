import type { Account } from '../account.js';
import { noSuch } from '../http/errors.js';
import { integer, inRange, list, text } from '../http/parameters.js';
import { route } from '../http/route.js';
import type { EventRow, ThinEventRow } from '../store/tables.js';
import { momentRange, rfc3339, v2Page } from './answers.js';

const KEPT = 30 * 86_400;
const PREFIX = 'evt_test_';
/** Objects that Stripe has no address for. */
const UNREACHABLE = ['discount', 'billing_portal.session', 'entitlements.active_entitlement_summary'];

/** The thin twin of a stored event: what happened to which object, without the object. */
function twinOf(event: EventRow): Record<string, unknown> {
  const { id, object } = event.data.object as { id?: string; object: string };
  const related =
    id === undefined || UNREACHABLE.includes(object)
      ? null
      : { id, type: object, url: `/v1/${object.replaceAll('.', '/')}s/${id}` };
  return {
    id: PREFIX + event.id.slice('evt_'.length),
    object: 'v2.core.event',
    created: rfc3339(event.created),
    livemode: false,
    reason: event.request.id === null ? null : { type: 'request', request: event.request },
    related_object: related,
    snapshot_event: event.id,
    type: `v1.${event.type}`,
  };
}

function thinOnly({ created, related_object, ...row }: ThinEventRow): Record<string, unknown> {
  return { ...row, object: 'v2.core.event', created: rfc3339(created), livemode: false, reason: null, related_object };
}

/** Everything of the last thirty days, newest first. */
function recentEvents(account: Account): { at: number; shown: Record<string, unknown> }[] {
  const horizon = account.now() - KEPT;
  return [
    ...account.store.all('event').map((row) => ({ at: row.created, shown: twinOf(row) })),
    ...account.store.all('thin_event').map((row) => ({ at: row.created, shown: thinOnly(row) })),
  ]
    .filter(({ at }) => at >= horizon)
    .reverse()
    .sort((one, other) => other.at - one.at);
}

const filters = {
  created: momentRange,
  limit: integer(1, 100),
  object_id: text(),
  page: text(),
  types: list(text(), 20),
};

export const v2EventRoutes = [
  route('GET', '/v2/core/events', filters, ({ account, params }) => {
    const { created, object_id: about, types, limit, page } = params;
    const rows = recentEvents(account)
      .filter(({ at }) => inRange(at, created))
      .map(({ shown }) => shown)
      .filter((shown) => types === undefined || types.includes(String(shown['type'])))
      .filter((shown) => about === undefined || (shown['related_object'] as { id: string } | null)?.id === about);
    const kept = {
      ...(about === undefined ? {} : { object_id: about }),
      ...Object.fromEntries((types ?? []).map((type, place) => [`types[${place}]`, type])),
      ...Object.fromEntries(Object.entries(created ?? {}).map(([bound, at]) => [`created[${bound}]`, rfc3339(at)])),
    };
    return v2Page('/v2/core/events', rows, { limit, page }, kept);
  }),
  route('GET', '/v2/core/events/:id', {}, ({ account, id }) => {
    const horizon = account.now() - KEPT;
    const thin = account.store.get('thin_event', id);
    if (thin && thin.created >= horizon) return thinOnly(thin);
    const snapshot = id.startsWith(PREFIX) ? account.store.get('event', `evt_${id.slice(PREFIX.length)}`) : undefined;
    if (!snapshot || snapshot.created < horizon) throw noSuch('event', id);
    return twinOf(snapshot);
  }),
];
