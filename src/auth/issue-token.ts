import { SignJWT } from 'jose';
import type { Config } from '../config.js';
import type { WallClock } from '../ports.js';
import type { Role } from './roles.js';

export interface TokenRequest {
  /** External id of the tenant; left out for tokens of your backend and your staff. */
  account?: string;
  /** All of a person who belongs to several. */
  accounts?: string[];
  roles: Role[];
  /** Who the token says is asking; made from the account or the first role when left out. */
  subject?: string;
  ttlSeconds: number;
}

/** Signs a development token with the shared secret. Throws in production, and where tokens come from a key set. */
export async function issueToken(
  config: Pick<Config, 'auth' | 'production'>,
  wall: WallClock,
  request: TokenRequest,
): Promise<string> {
  if (config.production) throw new Error('Development tokens are not issued in production; ask your own issuer.');
  if (config.auth.jwtSecret === undefined) {
    throw new Error('AUTH_JWKS_URL is set, so only its issuer can sign tokens; unset it to use development tokens.');
  }
  const now = Math.floor(wall.now() / 1000);
  const token = new SignJWT({ account: request.account, accounts: request.accounts, roles: request.roles })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(request.subject ?? defaultSubject(request))
    .setIssuedAt(now)
    .setExpirationTime(now + request.ttlSeconds);
  if (config.auth.issuer !== undefined) token.setIssuer(config.auth.issuer);
  if (config.auth.audience !== undefined) token.setAudience(config.auth.audience);
  return token.sign(Buffer.from(config.auth.jwtSecret));
}

function defaultSubject({ account, roles }: TokenRequest): string {
  return account === undefined
    ? `development-${(roles[0] ?? 'caller').toLowerCase()}`
    : `developer@${account}`.slice(0, 255);
}
