import type { Account } from '../account.js';
import { API_VERSION } from '../events/create-event.js';
import { notPossible } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { clearableText, list, mergeMetadata, metadata, text, url, yesNo } from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';
import { erase, find } from './find.js';

const LARGEST_NUMBER = 16;

export interface NewEndpoint {
  url: string;
  enabled_events: string[];
  secret?: string;
  api_version?: string;
  description?: string | null;
  metadata?: Record<string, string>;
}

/** The new endpoint without its secret, which is shown in the answer to its creation only. */
export function createEndpoint(
  account: Account,
  given: NewEndpoint,
  managed = false,
): { endpoint: Tables['webhook_endpoint']; secret: string } {
  if (account.store.count('webhook_endpoint') >= LARGEST_NUMBER) {
    throw notPossible(`You have reached the maximum of ${LARGEST_NUMBER} test webhook endpoints.`);
  }
  const id = account.newId('we');
  const secret = given.secret ?? `whsec_${account.newWord(32)}`;
  account.store.put('endpoint_secret', { id, secrets: [{ secret, expires_at: null }], managed });
  const endpoint = account.create('webhook_endpoint', {
    id,
    object: 'webhook_endpoint',
    api_version: given.api_version ?? API_VERSION,
    application: null,
    created: account.now(),
    description: given.description ?? null,
    enabled_events: given.enabled_events,
    livemode: false,
    metadata: given.metadata ?? {},
    status: 'enabled',
    url: given.url,
  });
  return { endpoint, secret };
}

/** The endpoint named when the sandbox was started: one, however often it is started with another address or secret. */
export function manageEndpoint(
  account: Account,
  given: { url: string; secret: string; enabledEvents?: string[] },
): void {
  const managed = account.store.all('endpoint_secret').find((row) => row.managed);
  const enabled_events = given.enabledEvents ?? ['*'];
  if (!managed) {
    createEndpoint(
      account,
      { url: given.url, secret: given.secret, enabled_events, description: 'Named when the sandbox was started' },
      true,
    );
    return;
  }
  account.store.put('endpoint_secret', { ...managed, secrets: [{ secret: given.secret, expires_at: null }] });
  account.update('webhook_endpoint', managed.id, { url: given.url, enabled_events, status: 'enabled' });
}

export const webhookEndpointRoutes = [
  route(
    'POST',
    '/v1/webhook_endpoints',
    {
      url: url().required(),
      enabled_events: list(text()).required(),
      api_version: text(),
      connect: yesNo(),
      description: clearableText(),
      metadata: metadata(),
    },
    ({ account, params }) => {
      const { endpoint, secret } = createEndpoint(account, { ...params, metadata: mergeMetadata({}, params.metadata) });
      return { ...endpoint, secret };
    },
  ),
  route('GET', '/v1/webhook_endpoints', paging, ({ account, params }) =>
    page('/v1/webhook_endpoints', account.store.all('webhook_endpoint'), params),
  ),
  route('GET', '/v1/webhook_endpoints/:id', {}, ({ account, id }) => find(account, 'webhook_endpoint', id)),
  route(
    'POST',
    '/v1/webhook_endpoints/:id',
    { url: url(), enabled_events: list(text()), disabled: yesNo(), description: clearableText(), metadata: metadata() },
    ({ account, params, id }) => {
      const endpoint = find(account, 'webhook_endpoint', id);
      const { disabled, metadata: change, ...rest } = params;
      return account.update('webhook_endpoint', id, {
        ...rest,
        ...(disabled === undefined ? {} : { status: disabled ? 'disabled' : 'enabled' }),
        metadata: mergeMetadata(endpoint.metadata, change),
      });
    },
  ),
  route('DELETE', '/v1/webhook_endpoints/:id', {}, ({ account, id }) => {
    find(account, 'webhook_endpoint', id);
    account.store.remove('endpoint_secret', id);
    return erase(account, 'webhook_endpoint', id, 'webhook_endpoint');
  }),
];
