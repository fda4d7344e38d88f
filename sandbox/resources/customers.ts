import type { Account } from '../account.js';
import { parameterInvalid } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
  choice,
  clearableText,
  inRange,
  integer,
  list,
  mergeMetadata,
  metadata,
  range,
  record,
  text,
  type Values,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import { readdressDrafts } from '../billing/billed-to.js';
import { taxLocationOf } from '../billing/tax-location.js';
import { cancelSubscription } from '../billing/cancel-subscription.js';
import type { Tables } from '../store/tables.js';
import { address, fullAddress, fullShipping, shipping } from './addresses.js';
import { erase, find, findNamed } from './find.js';
import { attachPaymentMethod, resolvePaymentMethod } from '../payments/payment-methods.js';
import { search, searchFields } from './search.js';
import { createTaxId } from './tax-ids.js';
import { checkClockHasRoom } from './test-clocks.js';

const writing = {
  address: address.clearable(),
  balance: integer(),
  business_name: clearableText(150),
  description: clearableText(),
  email: clearableText(512),
  individual_name: clearableText(150),
  invoice_prefix: text(12),
  invoice_settings: record({ default_payment_method: clearableText(), footer: clearableText() }),
  metadata: metadata(),
  name: clearableText(256),
  next_invoice_sequence: integer(1),
  phone: clearableText(20),
  preferred_locales: list(text()).clearable(),
  shipping: shipping.clearable(),
  tax: record({ ip_address: clearableText(), validate_location: choice('auto', 'deferred', 'immediately') }),
  tax_exempt: choice('exempt', 'none', 'reverse').clearable(),
};

const creating = {
  ...writing,
  payment_method: text(),
  tax_id_data: list(record({ type: text(20).required(), value: text().required() }), 5),
  test_clock: text(),
};

export function createCustomer(account: Account, params: Values<typeof creating>): Tables['customer'] {
  if (params.test_clock)
    checkClockHasRoom(account, findNamed(account, 'test_helpers.test_clock', params.test_clock, 'test_clock').id);
  const {
    payment_method,
    shipping,
    tax,
    tax_id_data,
    address: given,
    metadata: meta,
    invoice_settings,
    tax_exempt,
    ...rest
  } = params;
  const id = account.newId('cus', 14);
  account.store.put('customer', {
    id,
    object: 'customer',
    address: given ? fullAddress(given) : null,
    balance: 0,
    created: params.test_clock
      ? (account.store.get('clock_time', params.test_clock)?.now ?? account.now())
      : account.now(),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: account.newWord(8).toUpperCase(),
    livemode: false,
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    shipping: shipping ? fullShipping(shipping) : null,
    test_clock: null,
    ...(rest as Partial<Tables['customer']>),
    preferred_locales: rest.preferred_locales ?? [],
    tax_exempt: tax_exempt ?? 'none',
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: invoice_settings?.footer ?? null,
      rendering_options: null,
    },
    metadata: mergeMetadata({}, meta),
  });
  locate(account, id, tax);
  for (const one of tax_id_data ?? []) createTaxId(account, id, one);
  const wanted = payment_method ?? invoice_settings?.default_payment_method;
  if (wanted) attachDefault(account, id, wanted, invoice_settings?.default_payment_method === wanted);
  const customer = find(account, 'customer', id);
  account.emit('customer.created', customer);
  return customer;
}

function attachDefault(account: Account, id: string, wanted: string, asDefault: boolean): void {
  const method = attachPaymentMethod(account, resolvePaymentMethod(account, wanted), id);
  if (!asDefault) return;
  const { invoice_settings } = find(account, 'customer', id);
  account.update('customer', id, { invoice_settings: { ...invoice_settings, default_payment_method: method.id } });
}

/** Remembers the IP address, and checks at once where the customer is taxed: if told to, or if tax is worked out for it. */
function locate(account: Account, id: string, tax: Values<typeof writing>['tax']): void {
  if (!tax) return;
  if (tax.ip_address !== undefined) account.store.put('customer_ip', { id, ip_address: tax.ip_address });
  const taxed = account.store.where('subscription', 'customer', id).some((one) => one.automatic_tax.enabled);
  const { validate_location: validate = 'auto' } = tax;
  if (validate === 'deferred' || (validate === 'auto' && !taxed)) return;
  if (taxLocationOf(account, find(account, 'customer', id))) return;
  throw parameterInvalid(
    'address',
    "The customer's location is not recognised: it needs at least a country.",
    'customer_tax_location_invalid',
  );
}

function updateCustomer(account: Account, id: string, params: Values<typeof writing>): Tables['customer'] {
  const customer = find(account, 'customer', id);
  const { shipping, tax, address: given, metadata: change, invoice_settings, tax_exempt, ...rest } = params;
  const settings = { ...customer.invoice_settings, ...invoice_settings };
  if (invoice_settings?.default_payment_method) {
    const method = findNamed(
      account,
      'payment_method',
      invoice_settings.default_payment_method,
      'invoice_settings[default_payment_method]',
    );
    if (method.customer !== id) {
      throw parameterInvalid(
        'invoice_settings[default_payment_method]',
        `The customer does not have a payment method with the ID ${method.id}. The payment method must be attached to the customer.`,
        'resource_missing',
      );
    }
  }
  const after = account.update(
    'customer',
    id,
    {
      ...(rest as Partial<Tables['customer']>),
      ...(rest.preferred_locales === undefined ? {} : { preferred_locales: rest.preferred_locales ?? [] }),
      ...(given === undefined ? {} : { address: given ? fullAddress(given) : null }),
      ...(shipping === undefined ? {} : { shipping: shipping ? fullShipping(shipping) : null }),
      ...(tax_exempt === undefined ? {} : { tax_exempt: tax_exempt ?? 'none' }),
      invoice_settings: settings,
      metadata: mergeMetadata(customer.metadata, change),
    },
    'customer.updated',
  );
  readdressDrafts(account, id);
  locate(account, id, tax);
  return after;
}

function deleteCustomer(account: Account, id: string): unknown {
  const customer = find(account, 'customer', id);
  for (const subscription of account.store.where('subscription', 'customer', id)) {
    if (!subscription.ended_at) cancelSubscription(account, subscription.id, { reason: 'cancellation_requested' });
  }
  for (const method of account.store.where('payment_method', 'customer', id)) {
    account.emit('payment_method.detached', account.update('payment_method', method.id, { customer: null }), {
      customer: id,
    });
  }
  account.emit('customer.deleted', customer);
  return erase(account, 'customer', id, 'customer');
}

export const customerRoutes = [
  route('POST', '/v1/customers', creating, ({ account, params }) => createCustomer(account, params)),
  route(
    'GET',
    '/v1/customers',
    { ...paging, created: range(), email: text(), test_clock: text() },
    ({ account, params }) =>
      page(
        '/v1/customers',
        account.store.all('customer'),
        params,
        (customer) =>
          (customer.test_clock ?? null) === (params.test_clock ?? null) &&
          (params.email === undefined || customer.email === params.email) &&
          inRange(customer.created, params.created),
      ),
  ),
  route('GET', '/v1/customers/search', searchFields, ({ account, params }) =>
    search('/v1/customers/search', account.store.all('customer'), params),
  ),
  route('GET', '/v1/customers/:id', {}, ({ account, id }) => {
    const gone = account.store.get('deleted', id);
    return gone && !account.store.get('customer', id)
      ? { id, object: 'customer', deleted: true }
      : find(account, 'customer', id);
  }),
  route('POST', '/v1/customers/:id', writing, ({ account, params, id }) => updateCustomer(account, id, params)),
  route('DELETE', '/v1/customers/:id', {}, ({ account, id }) => deleteCustomer(account, id)),
];
