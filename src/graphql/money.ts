import { Arg, Field, Int, ObjectType } from 'type-graphql';
import { exponentOf, formatMoney } from '../money.js';
import { CurrencyCodeScalar, DateTimeScalar, LocaleScalar, SafeIntScalar } from './scalars.js';

@ObjectType({ description: 'An amount with its currency. Never a float.' })
export class Money {
  @Field(() => SafeIntScalar, { description: 'Amount in the smallest unit of the currency (cents, yen).' })
  minor: number;

  @Field(() => CurrencyCodeScalar, { description: 'ISO 4217 code.' })
  currency: string;

  constructor(minor: number, currency: string) {
    this.minor = minor;
    this.currency = currency;
  }

  @Field(() => Int, { description: 'Number of decimals of the currency (2 for USD, 0 for JPY, 3 for KWD).' })
  exponent(): number {
    return exponentOf(this.currency);
  }

  @Field(() => String, { description: 'Ready-to-show text.' })
  formatted(
    @Arg('locale', () => LocaleScalar, { defaultValue: 'en-US', description: 'Language and region to write it in.' })
    locale: string,
  ): string {
    return formatMoney(this.minor, this.currency, locale);
  }
}

@ObjectType({ description: 'A span of time; the end is exclusive.' })
export class Period {
  @Field(() => DateTimeScalar, { description: 'First moment.' })
  start: number;

  @Field(() => DateTimeScalar, { description: 'First moment after it.' })
  end: number;

  constructor(start: number, end: number) {
    this.start = start;
    this.end = end;
  }
}
