import { parameterInvalid } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { choice, inRange, mergeMetadata, metadata, range, record, text } from '../http/parameters.js';
import { route } from '../http/route.js';
import { fullShipping, shipping } from './addresses.js';
import { find, findNamed } from './find.js';
import { search, searchFields } from './search.js';

const updating = {
  customer: text(),
  description: text(),
  fraud_details: record({ user_report: choice('fraudulent', 'safe').required() }),
  metadata: metadata(),
  receipt_email: text(),
  shipping,
};

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
  route('POST', '/v1/charges/:id', updating, ({ account, params, id }) => {
    const charge = find(account, 'charge', id);
    const { customer, fraud_details, metadata: change, shipping: parcel, ...rest } = params;
    if (customer) findNamed(account, 'customer', customer, 'customer');
    if (customer && charge.customer && customer !== charge.customer)
      throw parameterInvalid('customer', `The charge '${id}' already belongs to the customer ${charge.customer}.`);
    const patch = {
      ...rest,
      ...(customer ? { customer } : {}),
      ...(fraud_details ? { fraud_details } : {}),
      ...(parcel ? { shipping: fullShipping(parcel) } : {}),
      metadata: mergeMetadata(charge.metadata, change),
    };
    return account.update('charge', id, patch, 'charge.updated');
  }),
];
