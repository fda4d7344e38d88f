import { createHmac } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import type { BillingInterval } from '../plans/plan.js';
import type { ChangeTiming } from './classify-change.js';

/** A preview may be accepted for this long, by the wall clock. */
export const PREVIEW_LIFE_MS = 10 * 60_000;

/** What was shown, and under what it was true. */
export interface PreviewClaims {
  accountId: string;
  subscriptionId: string;
  /** The subscription's own, not the account's: what else happens on the account changes no price. */
  subscriptionRevision: number;
  plan: string;
  interval: BillingInterval | null;
  currency: string;
  seats: number;
  timing: ChangeTiming;
  /** The items as they were, by id: price and quantity. */
  items: [id: string, priceId: string, quantity: number | null][];
  /** Stripe's own moment for the proration, in whole seconds; null when nothing is prorated. */
  prorationDate: number | null;
  /** Minor units. */
  amountDue: number;
  linesHash: string;
}

const AUDIENCE = 'preview-change';
const KEY_ID = 'preview-key';

/** From the secret of the tokens where there is one; else a random one, made once for each database. */
async function signingKey({ config, database, random }: Parts): Promise<Uint8Array> {
  const { jwtSecret } = config.auth;
  const root = jwtSecret ?? (await keptSecret(database, `${random.uuid()}${random.uuid()}`));
  return createHmac('sha256', root).update('preview of a change of plan').digest();
}

async function keptSecret(database: Parts['database'], fresh: string): Promise<string> {
  const readKept = () => database.read.rows<{ value: string }>('SELECT value FROM secrets WHERE id = ?', [KEY_ID]);
  const [held] = await readKept();
  if (held) return held.value;
  await database.insertIfAbsent('secrets', ['id', 'value', 'created_at'], [[KEY_ID, fresh, await database.now()]]);
  // Another process may have been faster; the stored one is everybody's.
  return (await readKept())[0]?.value ?? fresh;
}

export async function signPreview(parts: Parts, claims: PreviewClaims): Promise<{ token: string; expiresAt: number }> {
  const expiresAt = Math.floor((parts.wall.now() + PREVIEW_LIFE_MS) / 1000) * 1000;
  const token = await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setAudience(AUDIENCE)
    .setExpirationTime(expiresAt / 1000)
    .sign(await signingKey(parts));
  return { token, expiresAt };
}

/** What a preview's token says. Throws Refusal: PREVIEW_EXPIRED, or INVALID for what is none of this account's. */
export async function readPreview(parts: Parts, accountId: string, token: string): Promise<PreviewClaims> {
  const field = ['input', 'previewToken'];
  const hint = 'Preview the change again and accept the new one.';
  let claims: PreviewClaims;
  try {
    const options = { audience: AUDIENCE, algorithms: ['HS256'], currentDate: new Date(parts.wall.now()) };
    claims = (await jwtVerify<PreviewClaims>(token, await signingKey(parts), options)).payload;
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === 'ERR_JWT_EXPIRED')
      throw new Refusal(UserErrorCode.PREVIEW_EXPIRED, 'This preview is older than ten minutes.', { field, hint });
    throw new Refusal(UserErrorCode.INVALID, 'This is no token of a preview.', { field, hint });
  }
  if (claims.accountId === accountId) return claims;
  throw new Refusal(UserErrorCode.INVALID, 'This is no token of a preview.', { field, hint });
}
