import { createHmac } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { BillingInterval } from '../plans/plan.js';
import type { ChangeAsked } from './change-draft.js';
import { ChangeTiming } from './classify-change.js';

/** A preview may be accepted for this long, by the wall clock. */
export const PREVIEW_LIFE_MS = 10 * 60_000;

const addOns = z.array(z.object({ addOn: z.string(), quantity: z.int() })).nullable();
const interval = z.enum(BillingInterval).nullable();

const claimsShape = z.object({
  accountId: z.string(),
  subscriptionId: z.string(),
  /** The subscription's own, not the account's: what else happens on the account changes no price. */
  subscriptionRevision: z.int(),
  /** Billing time. */
  shownAt: z.int(),
  plan: z.string(),
  interval,
  seats: z.int(),
  /** All add-ons as they are to be; null where they stay. */
  addOns,
  /** Stripe's id of the code, and the code; null for none. */
  promotion: z.object({ id: z.string(), code: z.string() }).nullable(),
  timing: z.enum(ChangeTiming),
  /** What was asked for, where the rules may have decided otherwise. */
  asked: z.object({
    interval,
    currency: z.string().nullable(),
    seats: z.int().nullable(),
    timing: z.enum(ChangeTiming).nullable(),
    promotionCode: z.string().nullable(),
  }),
  /** The items as they were, by id: price and quantity. */
  items: z.array(z.tuple([z.string(), z.string(), z.int().nullable()])),
  /** The items as they are to be: price and quantity; empty for the free plan. */
  targets: z.array(z.tuple([z.string(), z.int().nullable()])),
  /** Stripe's own moment for the proration, in whole seconds; null when nothing is prorated. */
  prorationDate: z.int().nullable(),
  /** Minor units. */
  amountDue: z.int(),
  linesHash: z.string(),
});

/** What was shown, and under what it was true. */
export type PreviewClaims = z.infer<typeof claimsShape>;

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

/** Throws Refusal: INVALID for the first field that is given beside a token and says otherwise. */
export function checkAgrees(claims: PreviewClaims, given: Beside): void {
  const { subscriptionId: subscription, promotion, plan, interval, seats, addOns, timing, asked } = claims;
  const shown = { subscription, plan, interval, seats, addOns, timing, promotionCode: promotion?.code ?? null };
  const fields = Object.keys(shown) as (keyof Beside)[];
  const says = (said: Partial<Beside>, field: keyof Beside) =>
    inWords(said[field]).toLowerCase() === inWords(given[field]).toLowerCase();
  const odd = fields.find((field) => given[field] !== null && !says(shown, field) && !says(asked, field));
  if (!odd) return;
  const message = `The preview says ${inWords(shown[odd])} for ${odd}, and beside its token stands ${inWords(given[odd])}.`;
  const hint = 'Give the token alone, or preview what is wanted instead.';
  throw new Refusal(UserErrorCode.INVALID, message, { field: ['input', odd], hint });
}

/** What may be given beside a token; null for what is not. */
export type Beside = Pick<ChangeAsked, 'subscription' | 'plan' | 'interval' | 'seats' | 'addOns' | 'timing'> & {
  promotionCode: string | null;
};

/** The same for what means the same: codes are read in any case, add-ons in any order. */
function inWords(said: Beside[keyof Beside] | undefined): string {
  if (said === null || said === undefined) return 'nothing';
  if (typeof said !== 'object') return `'${String(said).trim()}'`;
  const parts = said.map(({ addOn, quantity }) => `${quantity} x ${addOn}`);
  return `'${parts.sort().join(', ')}'`;
}

/** Said of another account's as well: whose it is, is nobody's business. */
const NONE = 'This is no token of a preview for this account.';

/** What a preview's token says. Throws Refusal: PREVIEW_EXPIRED, PREVIEW_OUTDATED, or INVALID for what is none of this account's. */
export async function readPreview(parts: Parts, accountId: string, token: string): Promise<PreviewClaims> {
  const field = ['input', 'previewToken'];
  const hint = 'Preview the change again and accept the new one.';
  const refuse = (code: UserErrorCode, message: string) => new Refusal(code, message, { field, hint });
  const options = { audience: AUDIENCE, algorithms: ['HS256'], currentDate: new Date(parts.wall.now()) };
  const { payload } = await jwtVerify(token, await signingKey(parts), options).catch((thrown: unknown) => {
    if ((thrown as { code?: unknown }).code === 'ERR_JWT_EXPIRED')
      throw refuse(UserErrorCode.PREVIEW_EXPIRED, 'This preview is older than ten minutes.');
    throw refuse(UserErrorCode.INVALID, NONE);
  });
  if (payload.accountId !== accountId) throw refuse(UserErrorCode.INVALID, NONE);
  const { data: claims } = claimsShape.safeParse(payload);
  if (claims) return claims;
  throw refuse(UserErrorCode.PREVIEW_OUTDATED, 'This preview was made by another version of the gateway.');
}
