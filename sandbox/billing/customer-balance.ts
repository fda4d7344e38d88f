import type { Account } from '../account.js';
import type { Invoice } from './draft-invoice.js';

/** Moves the customer's balance to what the finalised invoice leaves of it. */
export function applyBalance(account: Account, invoice: Invoice): void {
  const customer = account.store.get('customer', invoice.customer ?? '');
  const ending = invoice.ending_balance ?? 0;
  if (!customer || customer.balance === ending) return;
  account.update(
    'customer',
    customer.id,
    { balance: ending, currency: customer.currency ?? invoice.currency },
    'customer.updated',
  );
}
