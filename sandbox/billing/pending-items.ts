import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';
import type { NewLine, Subscription } from './lines.js';
import { fullPrice } from './price-amount.js';
import { invoiceItemOf } from './price-lines.js';

/** Pending invoice items of the subscription, and those of its customer that belong to none, as lines of its next invoice. */
export function pendingLines(account: Account, subscription: Subscription): NewLine[] {
  const { customer, currency, id } = subscription;
  return pendingIn(account, customer, currency)
    .filter((item) => [undefined, null, id].includes(item.parent?.subscription_details?.subscription))
    .map((item) => lineFor(account, item));
}

/** The customer's pending invoice items that belong to no subscription. */
export function pendingLinesOf(account: Account, customer: string, currency: string): NewLine[] {
  return pendingIn(account, customer, currency)
    .filter((item) => !item.parent?.subscription_details?.subscription)
    .map((item) => lineFor(account, item));
}

function pendingIn(account: Account, customer: string, currency: string): Tables['invoiceitem'][] {
  return account.store.where('invoiceitem', 'open', customer).filter((item) => item.currency === currency);
}

export function lineFor(account: Account, item: Tables['invoiceitem']): NewLine {
  const price = item.pricing?.price_details?.price;
  const owner = item.parent?.subscription_details;
  return {
    amount: item.amount,
    currency: item.currency,
    description: item.description ?? '',
    period: item.period,
    quantity: item.quantity,
    price: price ? fullPrice(account, price) : null,
    discountable: item.discountable,
    discounts: item.discounts ?? [],
    metadata: item.metadata ?? {},
    parent: owner?.subscription_item
      ? {
          type: 'subscription_item_details',
          invoice_item_details: null,
          subscription_item_details: {
            invoice_item: item.id,
            proration: item.proration,
            proration_details: account.store.get('credited_items', item.id)?.proration_details ?? null,
            subscription: owner.subscription,
            subscription_item: owner.subscription_item,
          },
        }
      : {
          type: 'invoice_item_details',
          subscription_item_details: null,
          invoice_item_details: {
            invoice_item: item.id,
            proration: item.proration,
            proration_details: null,
            subscription: owner?.subscription ?? null,
          },
        },
    subscription: owner?.subscription ?? null,
  };
}

/** The items the invoice took in are pending no more. */
export function takeItems(account: Account, invoice: string, lines: NewLine[]): void {
  for (const line of lines) {
    const item = account.store.get('invoiceitem', invoiceItemOf(line) ?? '');
    if (item && item.invoice === null) account.store.put('invoiceitem', { ...item, invoice });
  }
}
