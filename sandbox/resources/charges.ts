import { page, paging } from '../http/lists.js';
import { inRange, mergeMetadata, metadata, range, text } from '../http/parameters.js';
import { route } from '../http/route.js';
import { find } from './find.js';
import { search, searchFields } from './search.js';

export const chargeRoutes = [
  route(
    'GET',
    '/v1/charges',
    { ...paging, created: range(), customer: text(), payment_intent: text() },
    ({ account, params }) => {
      const { store } = account;
      const rows = params.payment_intent
        ? store.where('charge', 'payment_intent', params.payment_intent)
        : params.customer
          ? store.where('charge', 'customer', params.customer)
          : store.all('charge');
      return page(
        '/v1/charges',
        rows,
        params,
        (row) =>
          (params.customer === undefined || row.customer === params.customer) && inRange(row.created, params.created),
      );
    },
  ),
  route('GET', '/v1/charges/search', searchFields, ({ account, params }) =>
    search('/v1/charges/search', account.store.all('charge'), params),
  ),
  route('GET', '/v1/charges/:id', {}, ({ account, id }) => find(account, 'charge', id)),
  route('POST', '/v1/charges/:id', { metadata: metadata(), description: text() }, ({ account, params, id }) => {
    const charge = find(account, 'charge', id);
    return account.update(
      'charge',
      id,
      {
        ...(params.description ? { description: params.description } : {}),
        metadata: mergeMetadata(charge.metadata, params.metadata),
      },
      'charge.updated',
    );
  }),
];
