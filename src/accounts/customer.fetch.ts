import type Stripe from 'stripe';
import { expectObject } from '../stripe/errors.js';
import type { CustomerState } from './account.js';

/** One call. A deleted customer is an answer; an unknown one throws `resource_missing`. */
export async function fetchCustomer(stripe: Stripe, id: string): Promise<Stripe.Customer | Stripe.DeletedCustomer> {
  return expectObject(await stripe.customers.retrieve(id), 'customer');
}

export function toCustomer(raw: Stripe.Customer | Stripe.DeletedCustomer): CustomerState {
  if (raw.deleted) return { id: raw.id, deleted: true, accountId: null, name: null, email: null, currency: null };
  return {
    id: raw.id,
    deleted: false,
    accountId: raw.metadata.account_id ?? null,
    name: raw.name ?? null,
    email: raw.email,
    currency: raw.currency?.toUpperCase() ?? null,
  };
}
