import Stripe from 'stripe';
import type { Account } from '../accounts/account.entity.js';
import { ensureCustomer } from '../accounts/ensure-customer.js';
import { checkReturnUrl } from '../checkout/return-url.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { translateStripeError } from '../stripe/errors.js';
import { requireSubscription } from '../subscriptions/main-subscription.js';
import { flowData, needsSubscription, type PortalFlow, portalLocale } from './portal-flow.js';

export interface CreatePortalSession {
  account: Account;
  actor: string;
  flow: PortalFlow;
  returnUrl: string;
  /** One of the configured ones; null for the first of them, or Stripe's own default. */
  configuration: string | null;
  /** Null follows the browser. */
  locale: string | null;
}

/**
 * Opens Stripe's portal for the account and answers its address, which is good for a few minutes and belongs to the
 * caller alone: it is stored nowhere. Throws Refusal: RETURN_URL_NOT_ALLOWED, INVALID, NO_SUBSCRIPTION.
 */
export async function createPortalSession(parts: Parts, asked: CreatePortalSession): Promise<string> {
  const { stripe, config, publicUrl } = parts;
  const { account, flow } = asked;
  const origins = [new URL(publicUrl).origin, ...config.returnOrigins];
  const returnUrl = checkReturnUrl(asked.returnUrl, origins, 'returnUrl');
  const configuration = chooseConfiguration(config.stripe.portalConfigurations, asked.configuration);
  const subscription = needsSubscription(flow) ? (await requireSubscription(parts, account.id, null)).id : null;
  const customer = await ensureCustomer(parts, asked);
  try {
    const session = await stripe.billingPortal.sessions.create({
      customer,
      return_url: returnUrl,
      locale: portalLocale(asked.locale),
      configuration,
      flow_data: flowData(flow, subscription, returnUrl),
    });
    return session.url;
  } catch (thrown) {
    throw refusalOf(thrown) ?? translateStripeError(thrown, 'open the customer portal');
  }
}

/** A configuration decides what a customer may do there, so callers choose only among those the operator has named. */
function chooseConfiguration(allowed: readonly string[], asked: string | null): string | undefined {
  if (asked === null) return allowed[0];
  if (allowed.includes(asked)) return asked;
  throw new Refusal(UserErrorCode.INVALID, 'This portal configuration may not be chosen.', {
    field: ['input', 'configuration'],
    hint: 'Leave it out, or let the operator add it to STRIPE_PORTAL_CONFIGURATIONS.',
  });
}

function refusalOf(thrown: unknown): Refusal | null {
  if (!(thrown instanceof Stripe.errors.StripeInvalidRequestError)) return null;
  if (thrown.param?.startsWith('flow_data')) {
    return new Refusal(UserErrorCode.OTHER, 'The portal does not offer this page for the subscription as it is now.', {
      field: ['input', 'flow'],
      hint: 'Open the portal with the flow HOME instead.',
    });
  }
  if (thrown.param === 'configuration' || /configuration/i.test(thrown.message)) {
    return new Refusal(UserErrorCode.OTHER, 'The customer portal is not set up at Stripe.', {
      hint: 'The operator saves its settings in the dashboard, or names a configuration in STRIPE_PORTAL_CONFIGURATIONS.',
    });
  }
  return null;
}
