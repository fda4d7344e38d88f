import { followBillingClock, wallBillingClock } from '../clock/billing-clock.js';
import { createSystemRandom, systemTimers, systemWall } from '../clock/system-clock.js';
import type { Config } from '../config.js';
import { createInProcessHints } from '../live/hints.js';
import type { Log, Ports } from '../ports.js';
import { createStripe } from '../stripe/client.js';
import { openConfiguredDatabase } from './open-configured-database.js';

/** The real clock, database, Stripe and network. Throws when the database or the billing clock cannot be reached. */
export async function openSystemPorts(config: Config, log: Log): Promise<Ports> {
  const clocks = { wall: systemWall, timers: systemTimers, log };
  const random = createSystemRandom();
  const database = await openConfiguredDatabase(config, { ...clocks, random });
  const billing = config.billingClockUrl
    ? await followBillingClock(config.billingClockUrl, clocks)
    : wallBillingClock(systemWall);
  return {
    ...clocks,
    random,
    billing,
    database,
    stripe: createStripe({ secretKey: config.stripe.secretKey, apiBase: config.stripe.apiBase }),
    hints: createInProcessHints(),
  };
}

/** Gives back what `openSystemPorts` has opened. */
export async function closeSystemPorts({ billing, hints, database }: Ports): Promise<void> {
  billing.close();
  await hints.close();
  await database.close();
}
