import type { Account } from '../account.js';
import { notPossible, parameterMissing } from '../http/errors.js';
import { choice, integer, list, mergeMetadata, metadata, record, text, url, type Values } from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';
import { API_VERSION, tellThin } from '../events/create-event.js';
import { thinOnly } from '../events/thin-event.js';
import { find } from '../resources/find.js';
import { v2Page } from './answers.js';

type Destination = Tables['v2.core.event_destination'];

const LARGEST_NUMBER = 16;
const included = list(choice('webhook_endpoint.signing_secret', 'webhook_endpoint.url'), 2);

const describing = {
  description: text(),
  enabled_events: list(text()),
  include: included,
  metadata: metadata(),
  name: text(),
};
const creating = {
  ...describing,
  enabled_events: list(text()).required(),
  event_payload: choice('snapshot', 'thin').required(),
  events_from: list(choice('self', '@self'), 1),
  name: text().required(),
  snapshot_api_version: text(),
  type: choice('webhook_endpoint').required(),
  webhook_endpoint: record({ url: url().required() }),
};

/** The address, and on creation the secret, are shown to those who ask for them. */
function shown(destination: Destination, include: string[] = [], secret?: string): Destination {
  const wants = (field: string): boolean => include.includes(`webhook_endpoint.${field}`);
  return {
    ...destination,
    webhook_endpoint: {
      ...(wants('url') ? { url: destination.webhook_endpoint?.url } : {}),
      ...(wants('signing_secret') && secret !== undefined ? { signing_secret: secret } : {}),
    },
  };
}

function create(account: Account, params: Values<typeof creating>): Destination {
  if (!params.webhook_endpoint) throw parameterMissing('webhook_endpoint');
  if (account.store.count('v2.core.event_destination') >= LARGEST_NUMBER)
    throw notPossible(`You have reached the maximum of ${LARGEST_NUMBER} event destinations.`);
  const id = account.newId('ed_test');
  const secret = `whsec_${account.newWord(32)}`;
  const now = new Date(account.now() * 1000).toISOString();
  account.store.put('endpoint_secret', { id, secrets: [{ secret, expires_at: null }], managed: false });
  const destination = account.create('v2.core.event_destination', {
    id,
    object: 'v2.core.event_destination',
    created: now,
    description: params.description ?? '',
    enabled_events: params.enabled_events,
    event_payload: params.event_payload,
    events_from: params.events_from ?? ['self'],
    livemode: false,
    metadata: mergeMetadata({}, params.metadata),
    name: params.name,
    ...(params.event_payload === 'snapshot'
      ? { snapshot_api_version: params.snapshot_api_version ?? API_VERSION }
      : {}),
    status: 'enabled',
    type: params.type,
    updated: now,
    webhook_endpoint: params.webhook_endpoint,
  });
  return shown(destination, params.include, secret);
}

function change(account: Account, id: string, patch: Partial<Destination>): Destination {
  find(account, 'v2.core.event_destination', id);
  const updated = new Date(account.now() * 1000).toISOString();
  return shown(account.update('v2.core.event_destination', id, { ...patch, updated }));
}

export const v2EventDestinationRoutes = [
  route('POST', '/v2/core/event_destinations', creating, ({ account, params }) => create(account, params)),
  route(
    'GET',
    '/v2/core/event_destinations',
    { include: included, limit: integer(1, 100), page: text() },
    ({ account, params: { include, limit, page } }) => {
      const rows = account.store.all('v2.core.event_destination').reverse();
      const kept = Object.fromEntries((include ?? []).map((field, place) => [`include[${place}]`, field]));
      return v2Page(
        '/v2/core/event_destinations',
        rows.map((row) => shown(row, include)),
        { limit, page },
        kept,
      );
    },
  ),
  route('GET', '/v2/core/event_destinations/:id', { include: included }, ({ account, params, id }) =>
    shown(find(account, 'v2.core.event_destination', id), params.include),
  ),
  route(
    'POST',
    '/v2/core/event_destinations/:id',
    { ...describing, webhook_endpoint: record({ url: url().required() }) },
    ({ account, params: { include, metadata: given, ...rest }, id }) => {
      const held = find(account, 'v2.core.event_destination', id);
      change(account, id, { ...rest, metadata: mergeMetadata(held.metadata ?? {}, given) });
      return shown(find(account, 'v2.core.event_destination', id), include);
    },
  ),
  route('DELETE', '/v2/core/event_destinations/:id', {}, ({ account, id }) => {
    find(account, 'v2.core.event_destination', id);
    account.store.remove('endpoint_secret', id);
    account.store.remove('v2.core.event_destination', id);
    return { id, object: 'v2.core.event_destination', deleted: true };
  }),
  route('POST', '/v2/core/event_destinations/:id/disable', {}, ({ account, id }) =>
    change(account, id, { status: 'disabled', status_details: { disabled: { reason: 'user' } } }),
  ),
  route('POST', '/v2/core/event_destinations/:id/enable', {}, ({ account, id }) =>
    change(account, id, { status: 'enabled', status_details: undefined }),
  ),
  route('POST', '/v2/core/event_destinations/:id/ping', {}, ({ account, id }) => {
    find(account, 'v2.core.event_destination', id);
    const related_object = { id, type: 'v2.core.event_destination', url: `/v2/core/event_destinations/${id}` };
    const ping = { type: 'v2.core.event_destination.ping', related_object, data: {} };
    return thinOnly(tellThin(account, ping, id));
  }),
];
