import type Stripe from 'stripe';
import { expectObject } from '../stripe/errors.js';
import { idOf, instant, toEnum } from '../stripe/objects.js';
import { CheckoutStatus, CheckoutUi, type CheckoutSessionState } from './checkout-session.js';

/** What Stripe says of a checkout; who owns it is decided later. */
export type SeenCheckoutSession = Omit<CheckoutSessionState, 'accountId'> & {
  /** `client_reference_id`, as the checkout wrote it. */
  claimedAccountId: string | null;
};

/** One call. Throws `resource_missing` when it is unknown to Stripe. */
export async function fetchCheckoutSession(stripe: Stripe, id: string): Promise<Stripe.Checkout.Session> {
  return expectObject(await stripe.checkout.sessions.retrieve(id), 'checkout.session');
}

export async function fetchOpenCheckoutSessions(stripe: Stripe, customer: string): Promise<Stripe.Checkout.Session[]> {
  const page = await stripe.checkout.sessions.list({ customer, status: 'open', limit: 100 });
  return page.data;
}

const uis: Record<string, CheckoutUi> = {
  hosted_page: CheckoutUi.HOSTED,
  embedded_page: CheckoutUi.EMBEDDED,
  elements: CheckoutUi.ELEMENTS,
};

export function toCheckoutSession(raw: Stripe.Checkout.Session): SeenCheckoutSession {
  return {
    id: raw.id,
    customerId: idOf(raw.customer),
    status: toEnum(CheckoutStatus, raw.status) as CheckoutStatus,
    statusRaw: String(raw.status),
    mode: raw.mode,
    ui: uis[String(raw.ui_mode)] ?? CheckoutUi.HOSTED,
    url: raw.url,
    priceId: raw.metadata?.price ?? null,
    seats: /^\d{1,9}$/.test(raw.metadata?.seats ?? '') ? Number(raw.metadata?.seats) : 1,
    subscriptionId: idOf(raw.subscription),
    createdAt: instant(raw.created),
    expiresAt: instant(raw.expires_at),
    claimedAccountId: raw.client_reference_id,
  };
}
