import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';
import type { Invoice } from './draft-invoice.js';

export interface BalanceChange {
  amount: number;
  currency: string;
  type: string;
  description?: string | null;
  invoice?: string | null;
  credit_note?: string | null;
  metadata?: Record<string, string>;
}

/** Moves the customer's balance and writes the line that says why. A negative amount is credit to the customer. */
export function changeBalance(
  account: Account,
  customerId: string,
  change: BalanceChange,
): Tables['customer_balance_transaction'] {
  const customer = account.store.get('customer', customerId);
  const ending = (customer?.balance ?? 0) + change.amount;
  account.update(
    'customer',
    customerId,
    { balance: ending, currency: customer?.currency ?? change.currency },
    'customer.updated',
  );
  return account.create('customer_balance_transaction', {
    id: account.newId('cbtxn'),
    object: 'customer_balance_transaction',
    amount: change.amount,
    checkout_session: null,
    created: account.now(customerId),
    credit_note: change.credit_note ?? null,
    currency: change.currency,
    customer: customerId,
    customer_account: null,
    description: change.description ?? null,
    ending_balance: ending,
    invoice: change.invoice ?? null,
    livemode: false,
    metadata: change.metadata ?? {},
    type: change.type,
  } as Tables['customer_balance_transaction']);
}

/** Moves the customer's balance to what the finalised invoice leaves of it. */
export function applyBalance(account: Account, invoice: Invoice): void {
  const customer = account.store.get('customer', invoice.customer ?? '');
  const ending = invoice.ending_balance ?? 0;
  if (!customer || customer.balance === ending) return;
  const tooSmall = invoice.total > 0 && ending > 0;
  changeBalance(account, customer.id, {
    amount: ending - customer.balance,
    currency: invoice.currency,
    type: tooSmall ? 'invoice_too_small' : 'applied_to_invoice',
    invoice: invoice.id,
  });
}

/** A voided invoice gives back what the balance had paid of it. */
export function returnBalance(account: Account, invoice: Invoice): void {
  const used = (invoice.ending_balance ?? invoice.starting_balance) - invoice.starting_balance;
  if (used === 0 || !invoice.customer || !account.store.get('customer', invoice.customer)) return;
  changeBalance(account, invoice.customer, {
    amount: -used,
    currency: invoice.currency,
    type: 'unapplied_from_invoice',
    invoice: invoice.id,
  });
}
