import type { Account } from '../account.js';
import { listOf } from './lists.js';

interface Holder {
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
  'checkout.session.line_items': (account, { id }) =>
    listOf(`/v1/checkout/sessions/${id}/line_items`, account.store.get('checkout_plan', id)?.shown_items ?? []),
};

function taxOf(account: Account, id: string): object {
  const country = account.store.get('customer', id)?.address?.country;
  const known = country !== undefined && country !== null;
  return {
    automatic_tax: known ? 'supported' : 'unrecognized_location',
    ip_address: null,
    location: known ? { country, source: 'billing_address', state: null } : null,
    provider: 'stripe',
  };
}
