import type { Account } from '../account.js';
import type { Item } from '../billing/lines.js';
import { isMetered } from '../billing/price-amount.js';
import { taxLocationOf } from '../billing/tax-location.js';
import { listOf } from './lists.js';

/** The object, or the one that a part belongs to. */
export interface Holder {
  id: string;
  customer?: string;
}

/** Fields that are absent unless they are expanded, by object and name. */
export const includables: Record<string, (account: Account, holder: Holder) => unknown> = {
  'price.tiers': (account, { id }) => account.store.get('price_details', id)?.tiers,
  'price.currency_options': (account, { id }) => account.store.get('price_details', id)?.currency_options,
  'customer.subscriptions': (account, { id }) =>
    listOf(
      `/v1/customers/${id}/subscriptions`,
      account.store
        .where('subscription', 'customer', id)
        .filter(({ status }) => status !== 'canceled' && status !== 'incomplete_expired')
        .reverse(),
    ),
  'subscription_item.billed_until': (_account, holder) => billedUntil(holder as unknown as Item),
  'customer.sources': (_account, { id }) => listOf(`/v1/customers/${id}/sources`, []),
  'customer.tax': (account, { id }) => taxOf(account, id),
  'customer.invoice_credit_balance': (account, { id }) => {
    const customer = account.store.get('customer', id);
    return customer && customer.balance !== 0 && customer.currency ? { [customer.currency]: customer.balance } : {};
  },
  'invoice.payments': (account, { id }) =>
    listOf(`/v1/invoices/${id}/payments`, account.store.where('invoice_payment', 'invoice', id)),
  'invoice.confirmation_secret': (account, { id }) => {
    const [payment] = account.store.where('invoice_payment', 'invoice', id);
    const intent = payment?.payment.payment_intent
      ? account.store.get('payment_intent', payment.payment.payment_intent)
      : undefined;
    return intent ? { client_secret: intent.client_secret, type: 'payment_intent' } : null;
  },
  'charge.refunds': (account, { id }) =>
    listOf(`/v1/charges/${id}/refunds`, account.store.where('refund', 'charge', id).reverse()),
  'customer.tax_ids': (account, { id }) =>
    listOf(`/v1/customers/${id}/tax_ids`, account.store.where('tax_id', 'customer', id).reverse()),
  'coupon.applies_to': (account, { id }) => {
    const products = account.store.get('coupon_details', id)?.products;
    return products ? { products } : undefined;
  },
  'coupon.currency_options': (account, { id }) => account.store.get('coupon_details', id)?.currency_options,
  'subscription_update.products': (account, { id }) => account.store.get('portal_products', id)?.products ?? null,
  'checkout.session.line_items': (account, { id }) =>
    listOf(`/v1/checkout/sessions/${id}/line_items`, account.store.get('checkout_plan', id)?.shown_items ?? []),
};

/** Licensed items are billed in advance, metered ones behind. */
function billedUntil({ price, current_period_end, current_period_start }: Item): number {
  return isMetered(price) ? current_period_start : current_period_end;
}

function taxOf(account: Account, id: string): object {
  const customer = account.store.get('customer', id);
  const location = customer ? taxLocationOf(account, customer) : null;
  return {
    automatic_tax: location ? 'supported' : 'unrecognized_location',
    ip_address: account.store.get('customer_ip', id)?.ip_address ?? null,
    location,
    provider: 'stripe',
  };
}
