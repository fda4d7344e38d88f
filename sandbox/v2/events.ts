import type { Account } from '../account.js';
import { noSuch } from '../http/errors.js';
import { integer, inRange, list, text } from '../http/parameters.js';
import { route } from '../http/route.js';
import { THIN_PREFIX, thinOnly, twinOf } from '../events/thin-event.js';
import { momentRange, rfc3339, v2Page } from './answers.js';

const KEPT = 30 * 86_400;

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
    const snapshot = id.startsWith(THIN_PREFIX)
      ? account.store.get('event', `evt_${id.slice(THIN_PREFIX.length)}`)
      : undefined;
    if (!snapshot || snapshot.created < horizon) throw noSuch('event', id);
    return twinOf(snapshot);
  }),
];
