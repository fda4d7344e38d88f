import { createHmac, timingSafeEqual } from 'node:crypto';

/** Stripe signs `<t>.<body>` with HMAC-SHA256 and sends one `v1` per live secret. */
export type SignatureProblem = 'header_missing' | 'header_malformed' | 'too_old' | 'too_new' | 'no_match';

/** For whoever reads the log; the sender is not told. */
export const signatureProblems: Record<SignatureProblem, string> = {
  header_missing: 'it has no Stripe-Signature header; Stripe always sends one, so see that no proxy takes it away',
  header_malformed: 'its Stripe-Signature header is not in the form that Stripe sends',
  too_old:
    "it was signed more than 5 minutes ago by this machine's clock; `billing doctor` compares that with Stripe's",
  too_new: "it was signed in the future by this machine's clock; `billing doctor` compares that with Stripe's",
  no_match:
    'none of its signatures was made of these bytes with a secret in STRIPE_WEBHOOK_SECRETS; see that it holds the ' +
    'signing secret of the endpoint (`billing doctor`), and that no proxy changes the body',
};

const MAX_HEADER = 1_024;
const MAX_SIGNATURES = 8;
const OLDEST_SECONDS = 300;
/** The SDK accepts any future timestamp; a stolen delivery dated far ahead would stay valid for ever. */
const NEWEST_SECONDS = 60;
const V1 = /^[0-9a-f]{64}$/;

interface ParsedHeader {
  timestamp: number;
  signatures: string[];
}

/** Exactly one `t`, one to eight `v1` of 64 lower-case hex digits; other schemes are skipped. Null when malformed. */
export function parseSignatureHeader(header: string): ParsedHeader | null {
  if (header.length > MAX_HEADER) return null;
  const timestamps: string[] = [];
  const signatures: string[] = [];
  for (const part of header.split(',')) {
    const at = part.indexOf('=');
    if (at < 1) return null;
    const [scheme, value] = [part.slice(0, at).trim(), part.slice(at + 1)];
    if (scheme === 't') timestamps.push(value);
    if (scheme === 'v1') signatures.push(value);
  }
  const [timestamp] = timestamps;
  if (timestamps.length !== 1 || !/^\d{1,12}$/.test(timestamp ?? '')) return null;
  if (signatures.length === 0 || signatures.length > MAX_SIGNATURES || !signatures.every((value) => V1.test(value)))
    return null;
  return { timestamp: Number(timestamp), signatures };
}

/** Null when the body was signed with one of the secrets inside the window; else what is wrong. Every secret is tried. */
export function verifySignature(
  body: Buffer,
  header: string | undefined,
  secrets: readonly string[],
  wallNow: number,
): SignatureProblem | null {
  if (header === undefined || header === '') return 'header_missing';
  const parsed = parseSignatureHeader(header);
  if (!parsed) return 'header_malformed';
  const age = Math.floor(wallNow / 1000) - parsed.timestamp;
  if (age > OLDEST_SECONDS) return 'too_old';
  if (age < -NEWEST_SECONDS) return 'too_new';
  const given = parsed.signatures.map((signature) => Buffer.from(signature, 'hex'));
  let matches = false;
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(`${parsed.timestamp}.`).update(body).digest();
    for (const signature of given) matches = timingSafeEqual(expected, signature) || matches;
  }
  return matches ? null : 'no_match';
}
