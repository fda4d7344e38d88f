import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Config } from '../config.js';
import { BillingError } from '../errors.js';
import type { SharedRedis } from '../ports.js';

/** Who asks: both count, so that neither many tokens nor many addresses help. */
export interface Asker {
  /** Subject of the token; null without one. */
  subject: string | null;
  /** External id of the tenant; null for tokens of none. */
  account: string | null;
  /** Where the request came from; null where nobody knows. */
  address: string | null;
}

/** A click of an account's; two on one button are alike. */
export interface Click {
  account: string;
  click: string;
}

export interface RateLimits {
  /** One document with so many root fields. Throws RATE_LIMITED. */
  takeRequest(asker: Asker, rootFields: number): Promise<void>;
  /** One visit to the till. Throws RATE_LIMITED. */
  takeCheckout(asker: Asker): Promise<void>;
  /** A visit that never began does not count. */
  giveBackCheckout(asker: Asker): Promise<void>;
  /** Tells all gateways that somebody is at the till with a click, until she leaves it. */
  enterTill(click: Click): Promise<void>;
  leaveTill(click: Click): Promise<void>;
  isAtTill(click: Click): Promise<boolean>;
  /** One webhook with a bad signature; false when the address has sent too many. */
  takeBadSignature(address: string): Promise<boolean>;
}

const MINUTE = 60;
const BAD_SIGNATURES_A_MINUTE = 60;

/** Counts over all gateways that share a Redis, in this process without one or while it is away; 0 switches a limit off. */
export function createRateLimits({ rateLimits }: Pick<Config, 'rateLimits'>, redis?: SharedRedis): RateLimits {
  const limiter = (name: string, points: number): Limiter | null => {
    if (points === 0) return null;
    const own = new RateLimiterMemory({ points, duration: MINUTE });
    if (!redis) return own;
    const shared = { storeClient: redis.commands, rejectIfRedisNotReady: true, keyPrefix: `${redis.prefix}:${name}` };
    return new RateLimiterRedis({ ...shared, points, duration: MINUTE, insuranceLimiter: own });
  };
  const requests = limiter('requests', rateLimits.requestsPerMinute);
  const checkouts = limiter('checkouts', rateLimits.checkoutsPerMinute);
  const checkoutsOfAddress = limiter('checkouts-of-address', rateLimits.checkoutsPerMinuteAndAddress);
  // No limit, but where one may be met: it counts who is there.
  const tills = checkouts || checkoutsOfAddress ? limiter('tills', Number.MAX_SAFE_INTEGER) : null;
  const badSignatures = limiter('bad-signatures', BAD_SIGNATURES_A_MINUTE);
  return {
    async takeRequest({ subject, account, address }, rootFields) {
      const who = subject === null ? `address ${address}` : JSON.stringify([account, subject]);
      await take(requests, who, rootFields, `${rateLimits.requestsPerMinute} root fields a minute may be asked for`);
    },
    async takeCheckout({ account, address }) {
      if (account !== null)
        await take(checkouts, account, 1, `an account may begin ${rateLimits.checkoutsPerMinute} checkouts a minute`);
      if (address !== null) {
        const most = rateLimits.checkoutsPerMinuteAndAddress;
        await take(checkoutsOfAddress, address, 1, `an address may begin ${most} checkouts a minute`);
      }
    },
    async giveBackCheckout({ account, address }) {
      if (account !== null) await checkouts?.reward(account, 1);
      if (address !== null) await checkoutsOfAddress?.reward(address, 1);
    },
    async enterTill(click) {
      await tills?.penalty(nameOf(click), 1);
    },
    async leaveTill(click) {
      await tills?.reward(nameOf(click), 1);
    },
    async isAtTill(click) {
      return ((await tills?.get(nameOf(click)))?.consumedPoints ?? 0) > 0;
    },
    takeBadSignature: (address) =>
      take(badSignatures, address, 1, '').then(
        () => true,
        () => false,
      ),
  };
}

const nameOf = ({ account, click }: Click) => JSON.stringify([account, click]);

type Limiter = Pick<RateLimiterMemory, 'consume' | 'penalty' | 'reward' | 'get'>;

async function take(from: Limiter | null, key: string, points: number, rule: string): Promise<void> {
  try {
    await from?.consume(key, points);
  } catch (thrown) {
    if (!(thrown instanceof RateLimiterRes)) throw thrown;
    throw new BillingError('RATE_LIMITED', `Too much at once: ${rule}.`, {
      retryable: true,
      retryAfterMs: Math.max(1, thrown.msBeforeNext),
      hint: 'Wait for retryAfterMs, then go on more slowly.',
    });
  }
}
