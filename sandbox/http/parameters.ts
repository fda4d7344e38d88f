import { parameterEmpty, parameterInvalid, parameterMissing, parameterUnknown } from './errors.js';
import { emptyGroup, type Raw, type RawGroup } from './form.js';

/** One parameter: how its words become a value, and whether a call must carry it. */
export class Parameter<T, R extends boolean = false> {
  constructor(
    readonly read: (raw: Raw, name: string) => T,
    readonly needed: R,
  ) {}

  required(): Parameter<T, true> {
    return new Parameter(this.read, true);
  }

  /** An empty value unsets the field: it reads as null. */
  clearable(): Parameter<T | null, R> {
    return new Parameter((raw, name) => (raw === '' ? null : this.read(raw, name)), this.needed);
  }
}

export type Fields = Record<string, Parameter<unknown, boolean>>;

export type Values<F extends Fields> = {
  [K in keyof F as F[K] extends Parameter<unknown, true> ? K : never]: F[K] extends Parameter<infer T, boolean>
    ? T
    : never;
} & {
  [K in keyof F as F[K] extends Parameter<unknown, true> ? never : K]?: F[K] extends Parameter<infer T, boolean>
    ? T
    : never;
};

export function readFields<F extends Fields>(fields: F, raw: RawGroup, prefix = ''): Values<F> {
  const nameOf = (key: string): string => (prefix ? `${prefix}[${key}]` : key);
  const values: Record<string, unknown> = {};
  for (const key of Object.keys(raw)) if (!Object.hasOwn(fields, key)) throw parameterUnknown(nameOf(key));
  for (const [key, parameter] of Object.entries(fields)) {
    const given = raw[key];
    if (given !== undefined) values[key] = parameter.read(given, nameOf(key));
    else if (parameter.needed) throw parameterMissing(nameOf(key));
  }
  return values as Values<F>;
}

function word(raw: Raw, name: string): string {
  if (typeof raw !== 'string') throw parameterInvalid(name, `Invalid string: ${JSON.stringify(raw)}`);
  return raw;
}

function group(raw: Raw, name: string): RawGroup {
  if (typeof raw === 'string') throw parameterInvalid(name, `Invalid object`);
  return raw;
}

export function text(maximum = 5000): Parameter<string> {
  return new Parameter((raw, name) => {
    const value = word(raw, name);
    if (value === '') throw parameterEmpty(name);
    if (value.length > maximum) {
      throw parameterInvalid(
        name,
        `Invalid string: ${value.slice(0, 20)}...; must be at most ${maximum} characters`,
        'parameter_invalid_string_length',
      );
    }
    return value;
  }, false);
}

/** Text that may be emptied; an empty value reads as null. */
export function clearableText(maximum = 5000): Parameter<string | null> {
  return text(maximum).clearable();
}

export function integer(minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER): Parameter<number> {
  return new Parameter((raw, name) => {
    const value = word(raw, name);
    if (!/^-?\d+$/.test(value)) throw parameterInvalid(name, `Invalid integer: ${value}`, 'parameter_invalid_integer');
    const number = Number(value);
    if (number < minimum) {
      throw parameterInvalid(
        name,
        `This value must be greater than or equal to ${minimum}.`,
        'parameter_invalid_integer',
      );
    }
    if (number > maximum) {
      throw parameterInvalid(name, `This value must be less than or equal to ${maximum}.`, 'parameter_invalid_integer');
    }
    return number;
  }, false);
}

/** Unix seconds. */
export function timestamp(): Parameter<number> {
  return new Parameter((raw, name) => {
    const value = word(raw, name);
    if (!/^\d{1,11}$/.test(value))
      throw parameterInvalid(name, `Invalid timestamp: must be an integer Unix timestamp (asked for '${value}')`);
    return Number(value);
  }, false);
}

export function decimal(): Parameter<string> {
  return new Parameter((raw, name) => {
    const value = word(raw, name);
    if (!/^-?\d+(\.\d{1,12})?$/.test(value))
      throw parameterInvalid(name, `Invalid decimal: ${value}; must have at most 12 decimal places`);
    return value;
  }, false);
}

export function yesNo(): Parameter<boolean> {
  return new Parameter((raw, name) => {
    if (raw === 'true' || raw === 'false') return raw === 'true';
    throw parameterInvalid(name, `Invalid boolean: ${word(raw, name)}`);
  }, false);
}

export function choice<const V extends string>(...allowed: V[]): Parameter<V> {
  return new Parameter((raw, name) => {
    const value = word(raw, name);
    const found = allowed.find((one) => one === value);
    if (found === undefined)
      throw parameterInvalid(
        name,
        `Invalid ${name}: must be one of ${allowed.slice(0, -1).join(', ')}${allowed.length > 1 ? ', or ' : ''}${allowed.at(-1)}`,
      );
    return found;
  }, false);
}

export function currency(): Parameter<string> {
  return new Parameter((raw, name) => {
    const value = word(raw, name).toLowerCase();
    if (!/^[a-z]{3}$/.test(value))
      throw parameterInvalid(
        name,
        `Invalid currency: ${value}. Stripe currently supports three-letter ISO codes such as usd.`,
      );
    return value;
  }, false);
}

export function url(): Parameter<string> {
  return new Parameter((raw, name) => {
    const value = word(raw, name);
    if (!URL.canParse(value.replaceAll('{CHECKOUT_SESSION_ID}', 'cs')))
      throw parameterInvalid(name, 'Not a valid URL', 'url_invalid');
    return value;
  }, false);
}

export function record<F extends Fields>(fields: F): Parameter<Values<F>> {
  return new Parameter((raw, name) => readFields(fields, raw === '' ? emptyGroup() : group(raw, name), name), false);
}

export function list<T>(entry: Parameter<T, boolean>, maximum = 1000): Parameter<T[]> {
  return new Parameter((raw, name) => {
    const entries = Object.entries(group(raw, name));
    if (entries.some(([key]) => !/^\d+$/.test(key))) throw parameterInvalid(name, 'Invalid array');
    if (entries.length > maximum)
      throw parameterInvalid(name, `Array ${name} exceeded maximum ${maximum} allowed elements.`);
    return entries
      .sort(([one], [other]) => Number(one) - Number(other))
      .map(([key, inner]) => entry.read(inner, `${name}[${key}]`));
  }, false);
}

/** A group with free keys, such as one entry per currency. */
export function byKey<T>(entry: Parameter<T, boolean>): Parameter<Record<string, T>> {
  return new Parameter((raw, name) => {
    const values: Record<string, T> = {};
    for (const [key, inner] of Object.entries(group(raw, name))) values[key] = entry.read(inner, `${name}[${key}]`);
    return values;
  }, false);
}

export function either<A, B>(
  one: Parameter<A, boolean>,
  other: Parameter<B, boolean>,
  takesFirst: (raw: Raw) => boolean,
): Parameter<A | B> {
  return new Parameter<A | B>((raw, name) => (takesFirst(raw) ? one.read(raw, name) : other.read(raw, name)), false);
}

/** `'now'` and its like, or a moment. */
export function momentOr<const V extends string>(...words: V[]): Parameter<V | number> {
  return either(choice(...words), timestamp(), (raw) => words.includes(raw as V));
}

export interface Range {
  gt?: number;
  gte?: number;
  lt?: number;
  lte?: number;
}

export function range(): Parameter<Range> {
  const bounds = record({ gt: timestamp(), gte: timestamp(), lt: timestamp(), lte: timestamp() });
  return new Parameter((raw, name) => {
    if (typeof raw !== 'string') return bounds.read(raw, name);
    const exact = timestamp().read(raw, name);
    return { gte: exact, lte: exact };
  }, false);
}

export function inRange(value: number, { gt, gte, lt, lte }: Range = {}): boolean {
  return (
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte) &&
    (lt === undefined || value < lt) &&
    (lte === undefined || value <= lte)
  );
}

/** Null clears all of it; an empty value of a key removes that key. */
export type MetadataChange = Record<string, string> | null;

export function metadata(): Parameter<MetadataChange> {
  return new Parameter((raw, name) => {
    if (raw === '') return null;
    const values: Record<string, string> = {};
    for (const [key, value] of Object.entries(group(raw, name))) {
      if (key.length > 40)
        throw parameterInvalid(`${name}[${key}]`, `Metadata keys must be at most 40 characters (found ${key.length}).`);
      const given = word(value, `${name}[${key}]`);
      if (given.length > 500)
        throw parameterInvalid(
          `${name}[${key}]`,
          `Metadata values can have up to 500 characters, but you passed in a value that is ${given.length} characters.`,
        );
      values[key] = given;
    }
    return values;
  }, false);
}

export function mergeMetadata(
  before: Record<string, string>,
  change: MetadataChange | undefined,
): Record<string, string> {
  if (change === undefined) return before;
  if (change === null) return {};
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== ''));
}
