import type Stripe from 'stripe';
import { expectObject } from '../stripe/errors.js';
import { idOf, instant, toEnum } from '../stripe/objects.js';
import type { Address, CustomerState } from './account.js';
import { TaxIdVerification } from './tax-id.js';

/** One call, with all her tax ids. A deleted customer is an answer; an unknown one throws `resource_missing`. */
export async function fetchCustomer(stripe: Stripe, id: string): Promise<Stripe.Customer | Stripe.DeletedCustomer> {
  const customer = expectObject(await stripe.customers.retrieve(id, { expand: ['tax_ids'] }), 'customer');
  if (!customer.deleted && customer.tax_ids?.has_more)
    customer.tax_ids.data = await stripe.customers.listTaxIds(id, { limit: 100 }).autoPagingToArray({ limit: 1_000 });
  return customer;
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
  taxIds: [],
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
    taxIds: (raw.tax_ids?.data ?? []).map((taxId) => toTaxId(raw.id, taxId)),
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

function toTaxId(customerId: string, raw: Stripe.TaxId): CustomerState['taxIds'][number] {
  return {
    id: raw.id,
    customerId,
    type: raw.type,
    value: raw.value,
    verification:
      raw.verification === null
        ? TaxIdVerification.UNAVAILABLE
        : (toEnum(TaxIdVerification, raw.verification.status) as TaxIdVerification),
    verificationRaw: raw.verification?.status ?? null,
    createdAt: instant(raw.created),
  };
}
