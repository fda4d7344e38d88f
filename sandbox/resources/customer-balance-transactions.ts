import { changeBalance } from '../billing/customer-balance.js';
import { noSuch } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { clearableText, currency, integer, mergeMetadata, metadata, text } from '../http/parameters.js';
import { route } from '../http/route.js';
import { find } from './find.js';

export const customerBalanceTransactionRoutes = [
  route(
    'POST',
    '/v1/customers/:id/balance_transactions',
    {
      amount: integer().required(),
      currency: currency().required(),
      description: clearableText(350),
      metadata: metadata(),
    },
    ({ account, params, id }) => {
      find(account, 'customer', id);
      return changeBalance(account, id, {
        ...params,
        type: 'adjustment',
        metadata: mergeMetadata({}, params.metadata),
      });
    },
  ),
  route('GET', '/v1/customers/:id/balance_transactions', { ...paging, invoice: text() }, ({ account, params, id }) =>
    page(
      `/v1/customers/${id}/balance_transactions`,
      account.store.where('customer_balance_transaction', 'customer', find(account, 'customer', id).id),
      params,
      (row) => params.invoice === undefined || row.invoice === params.invoice,
    ),
  ),
  route('GET', '/v1/customers/:id/balance_transactions/:transaction', {}, ({ account, id, innerId }) => {
    const found = find(account, 'customer_balance_transaction', innerId);
    if (found.customer !== id) throw noSuch('customer balance transaction', innerId);
    return found;
  }),
];
