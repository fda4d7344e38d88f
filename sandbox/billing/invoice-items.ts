import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';
import type { Subscription } from './lines.js';
import type { FullPrice } from './price-amount.js';
import { settleCurrency } from './customer-currency.js';
import { redeemDiscounts, type DiscountParam } from './discount-life.js';
import { amountOf, fullPrice, unitDecimal } from './price-amount.js';
import { findNamed } from '../resources/find.js';
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
  discounts?: string[];
  tax_rates?: Tables['tax_rate'][];
  invoice?: string | null;
  metadata?: Record<string, string>;
}

export function createInvoiceItem(account: Account, given: NewInvoiceItem): InvoiceItem {
  settleCurrency(account, given.customer, given.currency);
  return account.create('invoiceitem', invoiceItemFrom(account, given), 'invoiceitem.created');
}

export function invoiceItemFrom(account: Account, given: NewInvoiceItem): InvoiceItem {
  const each = given.price
    ? unitDecimal(given.price, given.currency)
    : given.quantity === 0
      ? '0'
      : String(given.amount / given.quantity);
  return {
    id: account.newId('ii'),
    object: 'invoiceitem',
    amount: given.amount,
    currency: given.currency,
    customer: given.customer,
    customer_account: null,
    date: account.now(given.customer),
    description: given.description,
    discountable: given.discountable,
    discounts: given.discounts ?? [],
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
    tax_rates: given.tax_rates ?? [],
    test_clock: account.testClockOf(given.customer),
  };
}

/** Something that is billed once with a subscription. */
export interface OneTimeItem {
  price: string;
  quantity?: number;
  discounts?: DiscountParam[] | null;
  metadata?: Record<string, string>;
  tax_rates?: Tables['tax_rate'][];
}

/** They wait as invoice items for the next invoice of the subscription, or of the customer where its id is null. */
export function addOneTimeItems(
  account: Account,
  { customer, currency, id }: { customer: string; currency: string; id: string | null },
  given: OneTimeItem[],
): InvoiceItem[] {
  return given.map(({ price: named, quantity = 1, discounts, metadata, tax_rates }, place) => {
    const price = fullPrice(account, findNamed(account, 'price', named, `add_invoice_items[${place}][price]`).id);
    const now = account.now(customer);
    return createInvoiceItem(account, {
      customer,
      amount: amountOf(price, quantity, currency, account.settings.rounding),
      currency,
      description: account.store.get('product', price.product)?.name ?? price.product,
      period: { start: now, end: now },
      quantity,
      price,
      proration: false,
      subscription: id,
      subscriptionItem: null,
      discountable: true,
      discounts: redeemDiscounts(account, discounts ?? [], { customer }),
      metadata,
      tax_rates,
    });
  });
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
