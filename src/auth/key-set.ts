import { createRemoteJWKSet, customFetch } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import type { Instant, Log, WallClock } from '../ports.js';

/** Between two requests for the key set, so that a flood of unknown key ids costs the issuer nothing. */
const COOLDOWN_MS = 30_000;
/** After a failure while no keys are known at all: nobody can sign in, so look again sooner. */
const FIRST_KEYS_COOLDOWN_MS = 3_000;
/** Keys older than this are fetched anew behind the answer, so that a withdrawn key goes away. */
const REFRESH_AFTER_MS = 10 * 60_000;

/**
 * The issuer's public keys. They are fetched when a token names a key that is not known, and kept while the issuer is down.
 * All waiting is measured on the wall clock port.
 */
export function createKeySet(url: string, wall: WallClock, log: Log): JWTVerifyGetKey {
  let mayAskAt: Instant = -Infinity;
  let fetchedAt: Instant | undefined;

  async function fetchSparingly(...[target, options]: Parameters<typeof fetch>): Promise<Response> {
    const now = wall.now();
    if (now < mayAskAt) throw new Error('The key set was asked for a moment ago.');
    mayAskAt = now + (fetchedAt === undefined ? FIRST_KEYS_COOLDOWN_MS : COOLDOWN_MS);
    const response = await fetch(target, options);
    if (response.ok) {
      fetchedAt = wall.now();
      mayAskAt = fetchedAt + COOLDOWN_MS;
    }
    return response;
  }

  const keys = createRemoteJWKSet(new URL(url), {
    // jose would measure both by its own clock; `fetchSparingly` decides instead.
    cooldownDuration: 0,
    cacheMaxAge: Infinity,
    timeoutDuration: 5_000,
    [customFetch]: fetchSparingly,
  });

  return async (header, token) => {
    const now = wall.now();
    if (fetchedAt !== undefined && now > fetchedAt + REFRESH_AFTER_MS && now >= mayAskAt) {
      keys.reload().catch((error: unknown) => log.warn({ err: error, url }, 'the key set could not be refreshed'));
    }
    return keys(header, token);
  };
}
