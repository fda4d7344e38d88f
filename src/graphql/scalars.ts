import { GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql';
import type { ValueNode } from 'graphql';
import { badUserInput } from '../errors.js';
import type { Instant } from '../ports.js';

/** RFC 3339 outside, milliseconds since 1970 inside. Entities may also hold a Date; what is parsed is always a number. */
export const DateTimeScalar = new GraphQLScalarType<Instant, string>({
  name: 'DateTime',
  description: 'RFC 3339 timestamp in UTC with milliseconds.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize(value) {
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
    if (typeof value === 'number' && Number.isFinite(value)) return new Date(value).toISOString();
    throw new TypeError(`DateTime serialises an instant or a Date, found ${shown(value)}.`);
  },
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(textOf(node)),
});

export const SafeIntScalar = new GraphQLScalarType<number, number>({
  name: 'SafeInt',
  description: 'Whole number inside the JavaScript safe range; sent as a JSON number.',
  serialize(value) {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (Number.isSafeInteger(number)) return number as number;
    throw new TypeError(`SafeInt serialises a whole number inside the safe range, found ${shown(value)}.`);
  },
  parseValue: parseSafeInt,
  parseLiteral: (node) => parseSafeInt(node.kind === Kind.INT ? Number(node.value) : valueFromASTUntyped(node)),
});

export const CurrencyCodeScalar = textScalar({
  name: 'CurrencyCode',
  description: 'ISO 4217 code, upper case.',
  expected: 'an upper-case ISO 4217 code such as EUR',
  parse: (text) => (Intl.supportedValuesOf('currency').includes(text) ? text : undefined),
  // Stripe writes currencies in lower case.
  show: (text) => text.toUpperCase(),
});

const regionNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** Groups, islands without a code of their own, private use and placeholders, which Intl names as well. */
const NO_COUNTRIES = ['CP', 'CQ', 'DG', 'EA', 'EU', 'EZ', 'IC', 'QO', 'UN', 'XA', 'XB', 'ZZ'];

/** A code that was withdrawn reads as its successor's. */
const isCountry = (code: string): boolean =>
  regionNames.of(code) !== undefined &&
  !NO_COUNTRIES.includes(code) &&
  canonicalLocale(`und-${code}`) === `und-${code}`;

export const CountryCodeScalar = textScalar({
  name: 'CountryCode',
  description: 'ISO 3166-1 alpha-2 code, upper case.',
  expected: 'an upper-case ISO 3166-1 alpha-2 code such as DE',
  parse: (text) => (/^[A-Z]{2}$/.test(text) && isCountry(text) ? text : undefined),
});

export const LocaleScalar = textScalar({
  name: 'Locale',
  description: 'BCP 47 language tag, such as en-GB.',
  expected: 'a BCP 47 language tag such as en-GB',
  parse: canonicalLocale,
});

export const UrlScalar = textScalar({
  name: 'URL',
  description: 'Absolute http(s) URL.',
  expected: 'an absolute http(s) URL such as https://app.example.com/billing',
  parse: (text) =>
    text.length <= 2048 && /^https?:\/\/[^\s/]\S*$/i.test(text) && URL.canParse(text) ? text : undefined,
});

export const EmailScalar = textScalar({
  name: 'EmailAddress',
  description: 'E-mail address.',
  expected: 'an e-mail address such as ada@example.com',
  parse: (text) => (text.length <= 254 && /^[^\s@<>(),;:"]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/.test(text) ? text : undefined),
});

export const DecimalScalar = textScalar({
  name: 'Decimal',
  description: 'Exact decimal sent as a string, used only for unit prices below one minor unit and for rates.',
  expected: "a decimal such as '0.5'",
  parse: (text) => (/^-?\d{1,30}(\.\d{1,30})?$/.test(text) ? text : undefined),
});

export const JSONObjectScalar = new GraphQLScalarType<Record<string, unknown>, Record<string, unknown>>({
  name: 'JSONObject',
  description: 'Free-form JSON object. Only for metadata and raw provider payloads.',
  serialize(value) {
    if (isObject(value)) return value;
    throw new TypeError(`JSONObject serialises an object, found ${shown(value)}.`);
  },
  parseValue: parseObject,
  parseLiteral: (node, variables) => parseObject(valueFromASTUntyped(node, variables)),
});

interface TextScalar {
  name: string;
  description: string;
  /** Completes the sentence "X must be …". */
  expected: string;
  /** Undefined refuses the text. */
  parse: (text: string) => string | undefined;
  show?: (text: string) => string;
}

function textScalar({ name, description, expected, parse, show = (text) => text }: TextScalar) {
  function parseText(value: unknown): string {
    const parsed = typeof value === 'string' ? parse(value) : undefined;
    if (parsed === undefined) throw badUserInput(`${name} must be ${expected}, found ${shown(value)}.`);
    return parsed;
  }
  return new GraphQLScalarType<string, string>({
    name,
    description,
    serialize(value) {
      if (typeof value === 'string') return show(value);
      throw new TypeError(`${name} serialises a string, found ${shown(value)}.`);
    },
    parseValue: parseText,
    parseLiteral: (node) => parseText(textOf(node)),
  });
}

const rfc3339 = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

function parseDateTime(value: unknown): Instant {
  const text = typeof value === 'string' ? value.toUpperCase() : '';
  const day = rfc3339.exec(text)?.[1];
  if (day === undefined || !isCalendarDay(day)) {
    throw badUserInput(
      `DateTime must be an RFC 3339 timestamp such as 2027-01-31T09:30:00.000Z, found ${shown(value)}.`,
      'Give the date, the time with seconds, and the offset (Z for UTC).',
    );
  }
  return Date.parse(text);
}

/** V8 reads 30 February as 1 March instead of refusing it. */
function isCalendarDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

function parseSafeInt(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw badUserInput(
    `SafeInt must be a whole number between ${Number.MIN_SAFE_INTEGER} and ${Number.MAX_SAFE_INTEGER}, found ${shown(value)}.`,
  );
}

function parseObject(value: unknown): Record<string, unknown> {
  if (isObject(value)) return value;
  throw badUserInput(`JSONObject must be an object, found ${shown(value)}.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function canonicalLocale(text: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(text)[0];
  } catch {
    return undefined;
  }
}

/** The string of a string literal; any other literal as its plain value, for the refusal to show. */
function textOf(node: ValueNode): unknown {
  return node.kind === Kind.ENUM ? Symbol(node.value) : valueFromASTUntyped(node);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'symbol') return `the name ${value.description} without quotes`;
  if (value === null || typeof value !== 'object') return String(value);
  return Array.isArray(value) ? 'a list' : 'an object';
}
