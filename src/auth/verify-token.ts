import { createSecretKey } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import type { JWTHeaderParameters, JWTPayload, JWTVerifyOptions, JWTVerifyResult } from 'jose';
import type { Config } from '../config.js';
import { BillingError } from '../errors.js';
import type { Instant, Log, WallClock } from '../ports.js';
import { isExternalId, isName } from './external-id.js';
import { createKeySet } from './key-set.js';
import { Role } from './roles.js';
import type { Caller } from './roles.js';

/** Longer ones are refused before anything is decoded. */
const MAX_TOKEN_LENGTH = 8_192;
/** A token that was good is not checked again for so long, so a withdrawn key or a changed role is noticed after it at the latest. */
const KEPT_MS = 60_000;
const MOST_KEPT = 1_000;
const bearer = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;
const tenantRoles: readonly Role[] = [Role.MEMBER, Role.BILLING_ADMIN];

export interface TokenVerifier {
  /**
   * Who the `Authorization` header says is asking; null without a header. Whatever is wrong with a token, the answer is
   * the same UNAUTHENTICATED: which check failed is only in the debug log.
   */
  verify(authorization: string | undefined): Promise<Caller | null>;
}

/** Verifies with the shared secret (HS256) or the issuer's key set (RS256, ES256, EdDSA), never with what a token brings. */
export function createTokenVerifier(config: Pick<Config, 'auth'>, wall: WallClock, log: Log): TokenVerifier {
  const checkSignature = signatureCheck(config.auth, wall, log);
  const verified = new Map<string, { caller: Caller; from: Instant; until: Instant }>();
  const known = (authorization: string, now: Instant): Caller | undefined => {
    const held = verified.get(authorization);
    return held && held.from <= now && now < held.until ? held.caller : undefined;
  };
  const keep = (authorization: string, caller: Caller, from: Instant): Caller => {
    verified.delete(authorization);
    verified.set(authorization, { caller, from, until: Math.min(caller.expiresAt, from + KEPT_MS) });
    if (verified.size > MOST_KEPT) verified.delete(verified.keys().next().value as string);
    return caller;
  };
  return {
    async verify(authorization) {
      if (authorization === undefined) return null;
      const now = wall.now();
      const caller = known(authorization, now);
      if (caller) return caller;
      try {
        const token = authorization.length <= MAX_TOKEN_LENGTH ? bearer.exec(authorization)?.[1] : undefined;
        if (token === undefined) throw new Error('not a bearer token in compact form');
        const { payload, protectedHeader } = await checkSignature(token);
        return keep(authorization, toCaller(payload, protectedHeader), now);
      } catch (cause) {
        log.debug({ reason: (cause as Error).message }, 'a token was refused');
        throw tokenRefused(cause);
      }
    },
  };
}

function signatureCheck(
  auth: Config['auth'],
  wall: WallClock,
  log: Log,
): (token: string) => Promise<JWTVerifyResult<JWTPayload>> {
  const options = (algorithms: string[]): JWTVerifyOptions => ({
    algorithms,
    issuer: auth.issuer,
    audience: auth.audience,
    requiredClaims: ['sub', 'exp'],
    currentDate: new Date(wall.now()),
  });
  if (auth.jwksUrl !== undefined) {
    const keys = createKeySet(auth.jwksUrl, wall, log);
    return (token) => jwtVerify(token, keys, options(['RS256', 'ES256', 'EdDSA', 'Ed25519']));
  }
  if (auth.jwtSecret === undefined)
    throw new Error('Neither AUTH_JWT_SECRET nor AUTH_JWKS_URL is set; tokens need one.');
  const secret = createSecretKey(Buffer.from(auth.jwtSecret));
  return (token) => jwtVerify(token, secret, options(['HS256']));
}

function toCaller(claims: JWTPayload, header: JWTHeaderParameters): Caller {
  if (header.typ !== undefined && !/^(application\/)?(at\+)?jwt$/i.test(header.typ)) throw new Error('typ is not JWT');
  if (!isName(claims.sub)) throw new Error('sub is not an id');
  const accounts = toAccounts(claims);
  const roles = toRoles(claims.roles, accounts.length > 0);
  if (roles.length === 0) throw new Error('neither a known role nor an account');
  return { subject: claims.sub, accounts, roles, expiresAt: (claims.exp as number) * 1000 };
}

/** `account` names the one that is meant by default, `accounts` all of them; either may be missing. */
function toAccounts({ account, accounts = [] }: JWTPayload): string[] {
  if (!Array.isArray(accounts)) throw new Error('accounts is not a list');
  const named: unknown[] = account === undefined ? accounts : [account, ...(accounts as unknown[])];
  if (!named.every(isExternalId)) throw new Error('an account is not an external id');
  return [...new Set(named)];
}

/**
 * Roles this version does not know are dropped: an issuer may be ahead of it. Without an account a tenant's roles mean
 * nothing, except beside OPERATOR, whom they let act for accounts that she names.
 */
function toRoles(claim: unknown, hasAccount: boolean): Role[] {
  if (claim !== undefined && !Array.isArray(claim)) throw new Error('roles is not a list');
  const known = Object.values(Role).filter((role) => (claim as unknown[] | undefined)?.includes(role));
  const tenants = hasAccount || known.includes(Role.OPERATOR);
  const usable = known.filter((role) => role !== Role.PUBLIC && (tenants || !tenantRoles.includes(role)));
  return usable.length === 0 && hasAccount ? [Role.MEMBER] : usable;
}

/** Whether a refused token was good in everything but its time: who comes back from a checkout may hold such a one. */
export const isExpired = (thrown: unknown): boolean =>
  thrown instanceof BillingError && thrown.cause instanceof errors.JWTExpired;

function tokenRefused(cause: unknown): BillingError {
  return new BillingError('UNAUTHENTICATED', 'The token was refused.', {
    hint: 'Send `Authorization: Bearer <token>` with a token of your issuer that has not expired.',
    cause,
  });
}
