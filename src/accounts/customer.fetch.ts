import type Stripe from 'stripe';
import { expectObject } from '../stripe/errors.js';
import { idOf } from '../stripe/objects.js';
import type { Address, CustomerState } from './account.js';

/** One call. A deleted customer is an answer; an unknown one throws `resource_missing`. */
export async function fetchCustomer(stripe: Stripe, id: string): Promise<Stripe.Customer | Stripe.DeletedCustomer> {
  return expectObject(await stripe.customers.retrieve(id), 'customer');
}

const nothingKnown: Omit<CustomerState, 'id' | 'deleted'> = {
  accountId: null,
  name: null,
  email: null,
  currency: null,
  phone: null,
  locale: null,
  address: null,
  defaultPaymentMethodId: null,
};

export function toCustomer(raw: Stripe.Customer | Stripe.DeletedCustomer): CustomerState {
  if (raw.deleted) return { ...nothingKnown, id: raw.id, deleted: true };
  return {
    id: raw.id,
    deleted: false,
    accountId: raw.metadata.account_id ?? null,
    name: raw.name ?? null,
    email: raw.email,
    currency: raw.currency?.toUpperCase() ?? null,
    phone: raw.phone ?? null,
    locale: raw.preferred_locales?.[0] ?? null,
    address: toAddress(raw.address ?? null),
    defaultPaymentMethodId: idOf(raw.invoice_settings.default_payment_method),
  };
}

/** Null for an address without a single part, which is how Stripe keeps one that was cleared. */
function toAddress(raw: Stripe.Address | null): Address | null {
  if (raw === null) return null;
  const address = {
    line1: raw.line1 || null,
    line2: raw.line2 || null,
    city: raw.city || null,
    state: raw.state || null,
    postalCode: raw.postal_code || null,
    country: raw.country || null,
  };
  return Object.values(address).some((part) => part !== null) ? address : null;
}
