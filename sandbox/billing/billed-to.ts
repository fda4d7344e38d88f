import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';

type Invoice = Tables['invoice'];
type BilledTo = Pick<
  Invoice,
  | 'customer_address'
  | 'customer_email'
  | 'customer_name'
  | 'customer_phone'
  | 'customer_shipping'
  | 'customer_tax_exempt'
  | 'customer_tax_ids'
>;

/** Whom an invoice is made out to: the customer as it is now. */
export function billedTo(account: Account, id: string): BilledTo {
  const customer = account.store.get('customer', id);
  const taxIds = customer ? account.store.where('tax_id', 'customer', id) : [];
  return {
    customer_address: customer?.address ?? null,
    customer_email: customer?.email ?? null,
    customer_name: customer?.name ?? null,
    customer_phone: customer?.phone ?? null,
    customer_shipping: customer?.shipping ?? null,
    customer_tax_exempt: customer?.tax_exempt ?? 'none',
    customer_tax_ids: taxIds.map(({ type, value }) => ({ type, value })),
  };
}

/** Drafts follow their customer; what has been issued keeps whom it was made out to. */
export function readdressDrafts(account: Account, customer: string): void {
  const drafts = account.store.where('invoice', 'customer', customer).filter(({ status }) => status === 'draft');
  drafts.forEach(({ id }) => account.update('invoice', id, billedTo(account, customer)));
}
