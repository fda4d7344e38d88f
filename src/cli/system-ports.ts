import { followBillingClock, wallBillingClock } from '../clock/billing-clock.js';
import { createSystemRandom, systemTimers, systemWall } from '../clock/system-clock.js';
import type { Config } from '../config.js';
import { createInProcessHints } from '../live/hints.js';
import { createRedisHints } from '../live/redis-hints.js';
import { createMailer } from '../notifications/create-mailer.js';
import type { Log, Ports } from '../ports.js';
import { openRedis } from '../redis/open-redis.js';
import { createStripe, type StripeClient } from '../stripe/client.js';
import { openMigratedDatabase } from './open-configured-database.js';

/**
 * The real clock, database, Stripe and network. Throws when the database or the billing clock cannot be reached, or its
 * schema is not this version's. `redisAnswerMs` is how long Redis is waited for, when not as short as in production.
 */
export async function openSystemPorts(
  config: Config,
  log: Log,
  open = openMigratedDatabase,
  redisAnswerMs?: number,
): Promise<Ports> {
  const clocks = { wall: systemWall, timers: systemTimers, log };
  const random = createSystemRandom();
  const database = await open(config, { ...clocks, random });
  const billing = config.billingClockUrl
    ? await followBillingClock(config.billingClockUrl, clocks)
    : wallBillingClock(systemWall);
  const { redisUrl, databaseUrl } = config;
  const redis = redisUrl
    ? await openRedis({ redisUrl, databaseUrl, answerMs: redisAnswerMs }, { ...clocks, random })
    : undefined;
  return {
    ...clocks,
    random,
    billing,
    database,
    stripe: openStripe(config),
    redis,
    hints: redis ? createRedisHints(redis, random) : createInProcessHints(),
    mail: await createMailer(config, { database, random }),
  };
}

/** Stripe, or the sandbox that the settings name. */
export const openStripe = ({ stripe }: Config): StripeClient =>
  createStripe(stripe, { wall: systemWall, timers: systemTimers, random: createSystemRandom() });

/** Gives back what `openSystemPorts` has opened. */
export async function closeSystemPorts({ billing, hints, redis, database }: Ports): Promise<void> {
  billing.close();
  await hints.close();
  await redis?.close();
  await database.close();
}
