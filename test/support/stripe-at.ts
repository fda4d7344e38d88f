import { createSystemRandom, systemTimers, systemWall } from '../../src/clock/system-clock.js';
import type { CallPolicy } from '../../src/stripe/call-settings.js';
import { createStripe, type StripeClient } from '../../src/stripe/client.js';
import type { CallPorts } from '../../src/stripe/patient-http-client.js';

/** The settings' defaults at a sandbox. */
export const AT_SANDBOX: CallPolicy = {
  perSecond: 0,
  mutationMs: 9_500,
  jobMs: 30_000,
  breakerFailures: 5,
  breakerPauseMs: 30_000,
};

/** The gateway's client for whatever answers at this address. */
export const stripeAt = (url: string, calls: Partial<CallPolicy> = {}, ports: Partial<CallPorts> = {}): StripeClient =>
  createStripe(
    { secretKey: 'sk_test_x', apiBase: url, calls: { ...AT_SANDBOX, ...calls } },
    { wall: systemWall, timers: systemTimers, random: createSystemRandom(), ...ports },
  );
