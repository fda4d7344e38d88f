import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';
import type { Subscription } from './lines.js';
import type { FullPrice } from './price-amount.js';
import { unitDecimal } from './price-amount.js';
import type { Proration } from './prorations.js';

export type InvoiceItem = Tables['invoiceitem'];

export interface NewInvoiceItem {
  customer: string;
  amount: number;
  currency: string;
  description: string | null;
  period: { start: number; end: number };
  quantity: number;
  price: FullPrice | null;
  proration: boolean;
  subscription: string | null;
  subscriptionItem: string | null;
  discountable: boolean;
  invoice?: string | null;
  metadata?: Record<string, string>;
}

export function createInvoiceItem(account: Account, given: NewInvoiceItem): InvoiceItem {
  const each = given.price
    ? unitDecimal(given.price, given.currency)
    : given.quantity === 0
      ? '0'
      : String(given.amount / given.quantity);
  return account.create(
    'invoiceitem',
    {
      id: account.newId('ii'),
      object: 'invoiceitem',
      amount: given.amount,
      currency: given.currency,
      customer: given.customer,
      customer_account: null,
      date: account.now(given.customer),
      description: given.description,
      discountable: given.discountable,
      discounts: [],
      invoice: given.invoice ?? null,
      livemode: false,
      metadata: given.metadata ?? {},
      net_amount: given.amount,
      parent: given.subscription
        ? {
            type: 'subscription_details',
            subscription_details: {
              subscription: given.subscription,
              ...(given.subscriptionItem ? { subscription_item: given.subscriptionItem } : {}),
            },
          }
        : null,
      period: given.period,
      pricing: given.price
        ? {
            type: 'price_details',
            price_details: { price: given.price.id, product: given.price.product },
            unit_amount_decimal: each,
          }
        : null,
      proration: given.proration,
      quantity: given.quantity,
      quantity_decimal: String(given.quantity),
      tax_rates: [],
      test_clock: account.testClockOf(given.customer),
    },
    'invoiceitem.created',
  );
}

/** A proration waits as an invoice item until the subscription's next invoice takes it in. */
export function createProrationItem(account: Account, subscription: Subscription, proration: Proration): InvoiceItem {
  const item = createInvoiceItem(account, {
    customer: subscription.customer,
    amount: proration.amount,
    currency: subscription.currency,
    description: proration.description,
    period: proration.period,
    quantity: proration.quantity,
    price: proration.price,
    proration: true,
    subscription: subscription.id,
    subscriptionItem: proration.item,
    discountable: false,
    metadata: subscription.metadata,
  });
  account.store.put('credited_items', { id: item.id, proration_details: { credited_items: proration.credited } });
  if (proration.credited === null && proration.amount > 0) rememberCharge(account, subscription.id, proration, item.id);
  return item;
}

function rememberCharge(
  account: Account,
  subscription: string,
  { item, amount, period }: Proration,
  line: string,
): void {
  const memory = account.store.get('subscription_memory', subscription);
  if (!memory) return;
  const debit = { line, invoice: null, amount, start: period.start, end: period.end, until: period.end };
  account.store.put('subscription_memory', {
    ...memory,
    debits: { ...memory.debits, [item]: [...(memory.debits[item] ?? []), debit] },
  });
}
