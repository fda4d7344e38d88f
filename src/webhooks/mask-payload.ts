/** Fields of Stripe's objects that say who a person is, what she pays with, or that open a door. */
const HIDDEN =
  /(^|_)(name|email|phone|address|shipping|secret|url|pdf|last4|fingerprint|iban|ip|ip_address|line1|line2|city|postal_code|value|verification)$/;
const MASK = '[hidden]';

/** What an event brought, with the fields of persons, cards and keys hidden; everything else as it was sent. */
export function maskPayload(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskPayload);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, held]) => [
      field,
      HIDDEN.test(field) && isTelling(held) ? MASK : maskPayload(held),
    ]),
  );
}

/** A number is an amount, and no word of anybody. */
const isTelling = (held: unknown) => typeof held === 'string' || (typeof held === 'object' && held !== null);
