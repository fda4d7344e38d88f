/** Fields of Stripe's objects that say who a person is, what she pays with, or that open a door. */
const HIDDEN =
  /(^|_)(name|email|phone|address|shipping|secret|url|pdf|last4|fingerprint|iban|ip|ip_address|line1|line2|city|postal_code|value|verification)$/;
const MASK = '[hidden]';

const TOO_DEEP = '[too deep to be shown]';
/** Stripe's own objects are not half as deep. */
const DEEPEST = 50;

/** What an event brought, with the fields of persons, cards and keys hidden; everything else as it was sent. */
export function maskPayload(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === DEEPEST) return TOO_DEEP;
  if (Array.isArray(value)) return value.map((held) => maskPayload(held, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([field, held]) => [
      field,
      HIDDEN.test(field) && isTelling(held) ? MASK : maskPayload(held, depth + 1),
    ]),
  );
}

/** A number is an amount, and no word of anybody. */
const isTelling = (held: unknown) => typeof held === 'string' || (typeof held === 'object' && held !== null);
