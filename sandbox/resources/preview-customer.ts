import type { Account } from '../account.js';
import { createInvoiceItem } from '../billing/invoice-items.js';
import { parameterMissing } from '../http/errors.js';
import { fullAddress } from './addresses.js';
import { createCustomer } from './customers.js';
import { describedItem } from './described-item.js';
import { find, findNamed } from './find.js';
import type { Preview } from './invoice-previews.js';

/** Puts in place what the invoice would be for; the rehearsal takes it away again. */
export function prepareCustomer(account: Account, customer: string, params: Preview): void {
  const { customer_details: details } = params;
  const held = find(account, 'customer', customer);
  if (details) {
    const given = details.address ? fullAddress(details.address) : held.address;
    account.store.put('customer', { ...held, address: given, tax_exempt: details.tax_exempt ?? held.tax_exempt });
  }
  (params.invoice_items ?? []).forEach(({ price, currency = params.currency ?? held.currency, ...item }, place) => {
    const given = { ...item, ...(price ? { pricing: { price } } : {}) };
    createInvoiceItem(account, describedItem(account, given, { customer, currency }, `invoice_items[${place}]`));
  });
}

/** The customer that is named, or one that only the rehearsal knows, described by `customer_details`. */
export function rehearsedCustomer(account: Account, params: Preview): string {
  if (params.customer) findNamed(account, 'customer', params.customer, 'customer');
  else if (!params.customer_details) throw parameterMissing('customer');
  const customer = params.customer ?? createCustomer(account, {}).id;
  prepareCustomer(account, customer, params);
  return customer;
}
