import type Stripe from 'stripe';
import { idOf, instant } from '../stripe/objects.js';
import { type PaymentMethodState, toKind } from './payment-method.js';

/** What Stripe says of a payment method; who owns it is decided later. */
export type SeenPaymentMethod = Omit<PaymentMethodState, 'accountId'>;

const MOST = 1_000;

/** Every method of a customer, in one call for up to a hundred: what is not in the list is not hers any more. */
export function fetchPaymentMethods(stripe: Stripe, customer: string): Promise<Stripe.PaymentMethod[]> {
  return stripe.customers.listPaymentMethods(customer, { limit: 100 }).autoPagingToArray({ limit: MOST });
}

/** The parts that the kinds have in common, each under the name of its kind. */
interface Details {
  brand?: string | null;
  display_brand?: string | null;
  bank_name?: string | null;
  last4?: string | null;
  exp_month?: number;
  exp_year?: number;
}

export function toPaymentMethod(raw: Stripe.PaymentMethod): SeenPaymentMethod {
  const details = (raw as unknown as Record<string, Details | undefined>)[raw.type] ?? {};
  return {
    id: raw.id,
    customerId: idOf(raw.customer) ?? '',
    kind: toKind(raw.type),
    kindRaw: raw.type,
    brand: details.display_brand ?? details.brand ?? details.bank_name ?? null,
    last4: details.last4 ?? null,
    expMonth: details.exp_month ?? null,
    expYear: details.exp_year ?? null,
    createdAt: instant(raw.created),
  };
}
