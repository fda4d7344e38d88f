import type { CustomerState } from '../accounts/account.js';
import type { SeenCheckoutSession } from '../checkout/checkout-session.fetch.js';
import type { SeenInvoice } from '../invoices/invoice.fetch.js';
import type { InvoicePaymentState } from '../payments/invoice-payment.js';
import type { SeenPaymentMethod } from '../payments/payment-method.fetch.js';
import type { SeenSubscription } from '../subscriptions/subscription.fetch.js';
import type { Demand } from '../webhooks/handlers.js';

/** What Stripe answered about one object: the object, or that there is none. `raw` is compared with events. */
export type Look<State> = { state: State; raw: object } | { state: null; raw: null };

export interface Failure {
  /** Transient may work later without a change; permanent means that mapping or deciding threw. */
  transient: boolean;
  message: string;
  /** Set when it says nothing about the object: Stripe was not asked, or had too much to do. How long to leave it alone. */
  pauseMs?: number;
}

/** All that one round saw of a customer. What was not looked at is not in it. */
export interface Seen {
  customer: Map<string, Look<CustomerState>>;
  subscription: Map<string, Look<SeenSubscription>>;
  invoice: Map<string, Look<SeenInvoice>>;
  checkoutSession: Map<string, Look<SeenCheckoutSession>>;
  /** Every method she has, by id; null when they were not looked at. */
  paymentMethods: ReadonlyMap<string, Look<SeenPaymentMethod>> | null;
  /** How the invoices that were seen were tried to be paid, by their id; those that were not asked for are not in it. */
  invoicePayment: Map<string, InvoicePaymentState>;
  /** By object id; such an object is in no map, or is an invoice whose payment could not be seen. */
  failures: Map<string, Failure>;
  /** A look at everything failed, so what was not seen says nothing. */
  incomplete: Failure | null;
}

/** What is fetched one by one; payment methods come as one list. */
export type CustomerDemand = Exclude<Demand['kind'], 'product' | 'paymentMethod'>;

export function nothingSeen(): Seen {
  return {
    customer: new Map(),
    subscription: new Map(),
    invoice: new Map(),
    checkoutSession: new Map(),
    paymentMethods: null,
    invoicePayment: new Map(),
    failures: new Map(),
    incomplete: null,
  };
}
