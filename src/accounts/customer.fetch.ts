import type Stripe from 'stripe';
import { DISCOUNT_EXPANDS, toHeldDiscounts } from '../checkout/discount.fetch.js';
import { expectObject } from '../stripe/errors.js';
import { idOf, instant, toEnum } from '../stripe/objects.js';
import type { Address, CustomerState } from './account.js';
import { TaxIdVerification } from './tax-id.js';

const CUSTOMER_EXPANDS = ['tax_ids', 'tax', ...DISCOUNT_EXPANDS.map((path) => `discount.${path}`)];

/** One call, with all her tax ids. A deleted customer is an answer; an unknown one throws `resource_missing`. */
export async function fetchCustomer(stripe: Stripe, id: string): Promise<Stripe.Customer | Stripe.DeletedCustomer> {
  const customer = expectObject(await stripe.customers.retrieve(id, { expand: CUSTOMER_EXPANDS }), 'customer');
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
  credit: 0,
  taxExempt: null,
  taxLocation: null,
  discounts: null,
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
    // Stripe writes what she owes; `-0` would differ from what is stored.
    credit: raw.balance === 0 ? 0 : -raw.balance,
    taxExempt: raw.tax_exempt === 'none' ? null : (raw.tax_exempt ?? null),
    taxLocation: ['supported', 'not_collecting'].find((word) => word === raw.tax?.automatic_tax) ?? null,
    discounts: toHeldDiscounts([raw.discount ?? null]),
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
