import Stripe from 'stripe';
import { createStrictHttpClient } from './strict-http-client.js';

export interface StripeOptions {
  secretKey: string;
  /** A sandbox's address; undefined talks to Stripe. */
  apiBase: string | undefined;
}

/** A mutation's caller waits no longer than this for one attempt; the SDK tries three times under one key. */
const TIMEOUT_MS = 10_000;

/** The pinned API version of everything the gateway reads and writes. */
export const STRIPE_API_VERSION = Stripe.API_VERSION;

export function createStripe({ secretKey, apiBase }: StripeOptions): Stripe {
  const base = apiBase === undefined ? undefined : new URL(apiBase);
  return new Stripe(secretKey, {
    apiVersion: STRIPE_API_VERSION,
    maxNetworkRetries: 2,
    timeout: TIMEOUT_MS,
    telemetry: false,
    httpClient: createStrictHttpClient(),
    appInfo: { name: 'graphql-billing-gateway' },
    ...(base && {
      host: base.hostname,
      port: base.port || (base.protocol === 'https:' ? 443 : 80),
      protocol: base.protocol === 'https:' ? 'https' : 'http',
    }),
  });
}
