import type { Account } from '../account.js';
import type { Invoice } from './draft-invoice.js';

/** The method an invoice is charged to: its own, else the subscription's, else the customer's default. */
export function paymentMethodFor(
  account: Account,
  invoice: Pick<Invoice, 'default_payment_method' | 'parent' | 'customer'>,
): string | null {
  const subscription = account.store.get('subscription', invoice.parent?.subscription_details?.subscription ?? '');
  const customer = account.store.get('customer', invoice.customer ?? '');
  const wanted = [
    invoice.default_payment_method,
    subscription?.default_payment_method,
    customer?.invoice_settings.default_payment_method,
  ];
  for (const id of wanted) {
    const method = id ? account.store.get('payment_method', id) : undefined;
    if (method && method.customer === invoice.customer) return method.id;
  }
  return null;
}
