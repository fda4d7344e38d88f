import Stripe from 'stripe';
import { type Metrics, silentMetrics } from '../operations/figures.js';
import type { BreakerState } from './breaker.js';
import type { CallPolicy } from './call-settings.js';
import { type CallPorts, createPatientHttpClient } from './patient-http-client.js';
import { createStrictHttpClient } from './strict-http-client.js';

export interface StripeOptions {
  secretKey: string;
  /** A sandbox's address; undefined talks to Stripe. */
  apiBase: string | undefined;
  calls: CallPolicy;
}

/** Stripe's SDK, and how its calls go. */
export interface StripeClient extends Stripe {
  calls: {
    breaker: () => BreakerState;
    /** Where waits, repetitions and refusals are counted from now on. */
    report: (metrics: Metrics) => void;
  };
}

/** The pinned API version of everything the gateway reads and writes. */
export const STRIPE_API_VERSION = Stripe.API_VERSION;

export function createStripe({ secretKey, apiBase, calls }: StripeOptions, ports: CallPorts): StripeClient {
  const base = apiBase === undefined ? undefined : new URL(apiBase);
  let metrics = silentMetrics;
  const { client, breaker } = createPatientHttpClient(createStrictHttpClient(), calls, ports, () => metrics);
  const stripe = new Stripe(secretKey, {
    apiVersion: STRIPE_API_VERSION,
    maxNetworkRetries: 0,
    timeout: calls.jobMs,
    telemetry: false,
    httpClient: client,
    appInfo: { name: 'graphql-billing-gateway' },
    ...(base && {
      host: base.hostname,
      port: base.port || (base.protocol === 'https:' ? 443 : 80),
      protocol: base.protocol === 'https:' ? 'https' : 'http',
    }),
  });
  return Object.assign(stripe, { calls: { breaker: breaker.state, report: (to: Metrics) => void (metrics = to) } });
}
