import { Refusal, UserErrorCode } from '../refusal.js';

/** Stripe puts the session's id here. Kept out of the parser, which would percent-encode the braces. */
const PLACEHOLDER = '{CHECKOUT_SESSION_ID}';
const STAND_IN = 'CHECKOUTSESSIONIDPLACEHOLDER';

/**
 * A return address that may be handed to Stripe, written anew from its parsed form. Only the parsed origin counts, so
 * user-info, backslashes and look-alikes cannot lead elsewhere. Throws Refusal: RETURN_URL_NOT_ALLOWED.
 */
export function checkReturnUrl(text: string, allowedOrigins: readonly string[], field: string): string {
  const refused = (reason: string) =>
    new Refusal(UserErrorCode.RETURN_URL_NOT_ALLOWED, `${field} ${reason}.`, {
      field: ['input', field],
      hint: `Allowed origins: ${allowedOrigins.join(', ')}. Operators add others to RETURN_ORIGINS.`,
    });
  // The parser would drop or turn these silently, and the next parser might not.
  if (/[\s\\\p{Cc}]/u.test(text) || text.length > 2_000) throw refused('has characters that no address has');
  const plain = text.replaceAll(PLACEHOLDER, STAND_IN);
  const url = URL.canParse(plain) ? new URL(plain) : null;
  if (!url || !/^https?:\/\//i.test(text)) throw refused('is no absolute http(s) address');
  if (url.username !== '' || url.password !== '') throw refused('carries a user name');
  if (!allowedOrigins.includes(url.origin)) throw refused(`leads to ${url.origin}, which is not allowed`);
  return url.href.replaceAll(STAND_IN, PLACEHOLDER);
}
