import { parseValue } from 'graphql';
import type { GraphQLScalarType } from 'graphql';
import {
  CountryCodeScalar,
  CurrencyCodeScalar,
  DateTimeScalar,
  EmailScalar,
  JSONObjectScalar,
  LocaleScalar,
  SafeIntScalar,
  UrlScalar,
} from '../../src/graphql/scalars';

const accepted: [GraphQLScalarType, unknown, unknown][] = [
  [DateTimeScalar, '2027-01-31T09:30:00.000Z', Date.UTC(2027, 0, 31, 9, 30)],
  [DateTimeScalar, '2027-01-31T09:30:00Z', Date.UTC(2027, 0, 31, 9, 30)],
  [DateTimeScalar, '2027-01-31t10:30:00.123456+01:00', Date.UTC(2027, 0, 31, 9, 30, 0, 123)],
  [DateTimeScalar, '2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
  [SafeIntScalar, 9007199254740991, 9007199254740991],
  [SafeIntScalar, -1, -1],
  [CurrencyCodeScalar, 'EUR', 'EUR'],
  [CountryCodeScalar, 'DE', 'DE'],
  [LocaleScalar, 'de-at', 'de-AT'],
  [UrlScalar, 'https://app.example.com/billing?x=1', 'https://app.example.com/billing?x=1'],
  [EmailScalar, 'ada@example.com', 'ada@example.com'],
  [JSONObjectScalar, { a: [1, null] }, { a: [1, null] }],
];

const refused: [GraphQLScalarType, unknown][] = [
  [DateTimeScalar, '2027-01-31'],
  [DateTimeScalar, '2027-01-31 09:30:00Z'],
  [DateTimeScalar, '2027-01-31T09:30:00'],
  [DateTimeScalar, '2027-02-30T00:00:00Z'],
  [DateTimeScalar, '2027-13-01T00:00:00Z'],
  [DateTimeScalar, '2027-01-31T24:00:00Z'],
  [DateTimeScalar, 'tomorrow'],
  [DateTimeScalar, 1800000000],
  [SafeIntScalar, 9007199254740992],
  [SafeIntScalar, 1.5],
  [SafeIntScalar, '1'],
  [CurrencyCodeScalar, 'eur'],
  [CurrencyCodeScalar, 'ABC'],
  [CountryCodeScalar, 'de'],
  [CountryCodeScalar, 'DEU'],
  [CountryCodeScalar, 'ZZ'],
  [CountryCodeScalar, 'EU'],
  [CountryCodeScalar, 'DD'],
  [CountryCodeScalar, 'UK'],
  [LocaleScalar, 'en_GB'],
  [LocaleScalar, ''],
  [UrlScalar, '/billing'],
  [UrlScalar, 'javascript:alert(1)'],
  [UrlScalar, 'https://a b'],
  [EmailScalar, 'ada@localhost'],
  [EmailScalar, 'ada@example.com\r\nBcc: x@example.com'],
  [JSONObjectScalar, [1]],
  [JSONObjectScalar, null],
];

describe('scalars', () => {
  it.each(accepted)('%s reads %j', (scalar, value, expected) => {
    expect(scalar.parseValue(value)).toEqual(expected);
  });

  it.each(refused)('%s refuses %j and says what it found', (scalar, value) => {
    expect(() => scalar.parseValue(value)).toThrow(new RegExp(`^${scalar.name} must be .*, found `, 's'));
  });

  it('read literals as they read variables', () => {
    expect(DateTimeScalar.parseLiteral(parseValue('"2027-01-31T09:30:00Z"'))).toBe(Date.UTC(2027, 0, 31, 9, 30));
    expect(SafeIntScalar.parseLiteral(parseValue('42'))).toBe(42);
    expect(JSONObjectScalar.parseLiteral(parseValue('{a: $x}'), { x: 1 })).toEqual({ a: 1 });
    expect(() => SafeIntScalar.parseLiteral(parseValue('9007199254740993'))).toThrow('SafeInt must be');
    expect(() => CurrencyCodeScalar.parseLiteral(parseValue('EUR'))).toThrow('found the name EUR without quotes');
  });

  it('send instants and dates as RFC 3339 with milliseconds', () => {
    expect(DateTimeScalar.serialize(Date.UTC(2027, 0, 31))).toBe('2027-01-31T00:00:00.000Z');
    expect(DateTimeScalar.serialize(new Date(Date.UTC(2027, 0, 31)))).toBe('2027-01-31T00:00:00.000Z');
    expect(() => DateTimeScalar.serialize('2027')).toThrow(TypeError);
  });

  it("send Stripe's currencies in upper case", () => {
    expect(CurrencyCodeScalar.serialize('usd')).toBe('USD');
  });

  it('never send a number that a client would round', () => {
    expect(SafeIntScalar.serialize(5n)).toBe(5);
    expect(() => SafeIntScalar.serialize(2 ** 53)).toThrow(TypeError);
  });
});
