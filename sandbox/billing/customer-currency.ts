import type { Account } from '../account.js';

/** The first thing that is billed to a customer settles its currency. */
export function settleCurrency(account: Account, customer: string, currency: string): void {
  if (account.store.get('customer', customer)?.currency !== null) return;
  account.update('customer', customer, { currency }, account.settings.tellsCurrency ? 'customer.updated' : undefined);
}
