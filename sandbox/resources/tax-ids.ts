import type { Account } from '../account.js';
import { readdressDrafts } from '../billing/billed-to.js';
import { looksLikeTaxId } from '../billing/tax-id-format.js';
import { noSuch, parameterInvalid } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { choice, record, text } from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';
import { erase, find, findNamed } from './find.js';

type TaxId = Tables['tax_id'];

export function createTaxId(account: Account, customer: string, given: { type: string; value: string }): TaxId {
  if (!looksLikeTaxId(given.type, given.value))
    throw parameterInvalid('value', `Invalid value for ${given.type}.`, 'tax_id_invalid');
  const now = account.now(customer);
  const checked = given.type === 'eu_vat' || given.type === 'gb_vat' || given.type === 'au_abn';
  const taxId = account.create(
    'tax_id',
    {
      id: account.newId('txi'),
      object: 'tax_id',
      country: given.type === 'eu_vat' ? given.value.slice(0, 2).toUpperCase() : given.type.slice(0, 2).toUpperCase(),
      created: now,
      customer,
      customer_account: null,
      livemode: false,
      owner: { customer, type: 'customer' },
      type: given.type,
      value: given.value,
      verification: { status: checked ? 'pending' : 'unavailable', verified_address: null, verified_name: null },
    } as TaxId,
    'customer.tax_id.created',
  );
  if (checked) account.plan('tax_id.verify', taxId.id, now + 1, customer);
  readdressDrafts(account, customer);
  return taxId;
}

/** The authority's answer: a value of zeros is unknown to it. */
export function verifyTaxId(account: Account, id: string): void {
  const taxId = account.store.get('tax_id', id);
  if (!taxId) return;
  const verified = !/0{6,}/.test(taxId.value);
  const name = account.store.get('customer', taxId.customer ?? '')?.name ?? null;
  account.update(
    'tax_id',
    id,
    {
      verification: {
        status: verified ? 'verified' : 'unverified',
        verified_address: null,
        verified_name: verified ? name : null,
      },
    },
    'customer.tax_id.updated',
  );
}

function remove(account: Account, id: string): unknown {
  const taxId = find(account, 'tax_id', id);
  account.emit('customer.tax_id.deleted', taxId);
  account.unplan('tax_id.verify', id);
  const erased = erase(account, 'tax_id', id, 'tax_id');
  if (taxId.customer) readdressDrafts(account, String(taxId.customer));
  return erased;
}

function ofCustomer(account: Account, customer: string, id: string): TaxId {
  const taxId = find(account, 'tax_id', id);
  if (taxId.customer !== customer) throw noSuch('tax_id', id);
  return taxId;
}

const creating = { type: text(20).required(), value: text().required() };

export const taxIdRoutes = [
  route('POST', '/v1/customers/:id/tax_ids', creating, ({ account, params, id }) =>
    createTaxId(account, find(account, 'customer', id).id, params),
  ),
  route('GET', '/v1/customers/:id/tax_ids', paging, ({ account, params, id }) =>
    page(
      `/v1/customers/${id}/tax_ids`,
      account.store.where('tax_id', 'customer', find(account, 'customer', id).id),
      params,
    ),
  ),
  route('GET', '/v1/customers/:id/tax_ids/:tax_id', {}, ({ account, id, innerId }) => ofCustomer(account, id, innerId)),
  route('DELETE', '/v1/customers/:id/tax_ids/:tax_id', {}, ({ account, id, innerId }) =>
    remove(account, ofCustomer(account, id, innerId).id),
  ),
  route(
    'POST',
    '/v1/tax_ids',
    { ...creating, owner: record({ type: choice('customer').required(), customer: text().required() }).required() },
    ({ account, params }) =>
      createTaxId(account, findNamed(account, 'customer', params.owner.customer, 'owner[customer]').id, params),
  ),
  route(
    'GET',
    '/v1/tax_ids',
    { ...paging, owner: record({ type: choice('customer').required(), customer: text().required() }) },
    ({ account, params }) =>
      page(
        '/v1/tax_ids',
        params.owner ? account.store.where('tax_id', 'customer', params.owner.customer) : account.store.all('tax_id'),
        params,
      ),
  ),
  route('GET', '/v1/tax_ids/:id', {}, ({ account, id }) => find(account, 'tax_id', id)),
  route('DELETE', '/v1/tax_ids/:id', {}, ({ account, id }) => remove(account, id)),
];
