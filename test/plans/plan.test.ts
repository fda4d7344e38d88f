import fc from 'fast-check';
import {
  BillingInterval,
  isOffered,
  perMonth,
  type PlanState,
  priceFor,
  PriceModel,
  type PriceState,
  savingPercent,
} from '../../src/plans/plan.js';
import { FoundBy } from '../../src/plans/price-seller.js';

const { DAY, WEEK, MONTH, YEAR, ONE_TIME } = BillingInterval;

const aPrice = (differs: Partial<PriceState> = {}): PriceState => ({
  id: 'price_month',
  productId: 'prod_team',
  planKey: 'team',
  addOnKey: null,
  foundBy: FoundBy.PRODUCT_METADATA,
  lookupKey: null,
  active: true,
  interval: MONTH,
  intervalCount: 1,
  model: PriceModel.PER_UNIT,
  currency: 'USD',
  unitAmount: 2_000,
  unitDecimal: '2000',
  taxInclusive: null,
  tiers: null,
  currencyOptions: null,
  createdAt: 1_000,
  ...differs,
});
const team = { key: 'team' };
const pick = (interval: BillingInterval, currency: string | null, ...prices: PriceState[]) =>
  priceFor(team, interval, currency, prices)?.id ?? null;

describe('the price for an interval and a currency', () => {
  it.each<[string, string | null, string | null]>([
    ['the one that fits', pick(MONTH, 'USD', aPrice()), 'price_month'],
    ['any currency when none is asked for', pick(MONTH, null, aPrice({ currency: 'EUR' })), 'price_month'],
    ['none in another currency', pick(MONTH, 'EUR', aPrice()), null],
    ['none for another interval', pick(YEAR, 'USD', aPrice()), null],
    ['none for every third month', pick(MONTH, 'USD', aPrice({ intervalCount: 3 })), null],
    ['none that is archived', pick(MONTH, 'USD', aPrice({ active: false })), null],
    ['none of another plan', pick(MONTH, 'USD', aPrice({ planKey: 'business' })), null],
    [
      'the oldest of two',
      pick(MONTH, 'USD', aPrice({ id: 'price_b', createdAt: 2 }), aPrice({ id: 'price_a', createdAt: 1 })),
      'price_a',
    ],
    [
      'the smaller id of two of one second',
      pick(MONTH, 'USD', aPrice({ id: 'price_b' }), aPrice({ id: 'price_a' })),
      'price_a',
    ],
    [
      'the one with the lookup key before an older one',
      pick(MONTH, 'USD', aPrice({ createdAt: 1 }), aPrice({ id: 'price_new', lookupKey: 'team_month', createdAt: 9 })),
      'price_new',
    ],
    [
      'the one whose lookup key ends in its currency',
      pick(
        MONTH,
        'EUR',
        aPrice({ currency: 'EUR', createdAt: 1 }),
        aPrice({ id: 'price_eur', currency: 'EUR', lookupKey: 'team_month_eur' }),
      ),
      'price_eur',
    ],
    [
      'not the one whose lookup key says another interval',
      pick(MONTH, 'USD', aPrice({ createdAt: 1 }), aPrice({ id: 'price_x', lookupKey: 'team_year' })),
      'price_month',
    ],
  ])('is %s', (_what, found, expected) => {
    expect(found).toBe(expected);
  });

  it('does not depend on the order in which the prices come', () => {
    const prices = [1, 2, 3, 4].map((n) =>
      aPrice({ id: `price_${n}`, createdAt: n % 2, lookupKey: n === 3 ? 'team_month' : null }),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(prices, { minLength: 4 }), (any) => {
        expect(pick(MONTH, null, ...any)).toBe('price_3');
      }),
    );
  });
});

describe('a price per month', () => {
  it.each<[BillingInterval, number, number | null, number | null]>([
    [MONTH, 1, 2_000, 2_000],
    [MONTH, 3, 5_000, 1_667],
    [YEAR, 1, 20_000, 1_667],
    [YEAR, 1, 6, 1],
    [YEAR, 1, 5, 0],
    [YEAR, 2, 24_000, 1_000],
    [YEAR, 1, 0, 0],
    [YEAR, 1, null, null],
    [WEEK, 1, 500, null],
    [DAY, 1, 500, null],
    [ONE_TIME, 1, 500, null],
  ])('of one every %s x %i at %s is %s', (interval, intervalCount, unitAmount, expected) => {
    expect(perMonth({ interval, intervalCount, unitAmount })).toBe(expected);
  });

  it('is a whole number within half a unit of the exact share', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000_000), fc.integer({ min: 1, max: 36 }), (unitAmount, intervalCount) => {
        const found = perMonth({ interval: MONTH, intervalCount, unitAmount }) ?? NaN;
        expect(Number.isInteger(found)).toBe(true);
        expect(2 * Math.abs(found * intervalCount - unitAmount)).toBeLessThanOrEqual(intervalCount);
      }),
    );
  });
});

describe('a saving', () => {
  const year = (unitAmount: number | null) => aPrice({ id: 'price_year', interval: YEAR, unitAmount });
  it.each<[string, PriceState, PriceState[], number | null]>([
    ['of a year at ten months', year(20_000), [aPrice()], 16],
    ['of a year at twelve months', year(24_000), [aPrice()], null],
    ['of a dearer year', year(30_000), [aPrice()], null],
    ['of the monthly price itself', aPrice(), [aPrice()], null],
    ['without a monthly price', year(20_000), [], null],
    ['against another currency', year(20_000), [aPrice({ currency: 'EUR' })], null],
    ['against another plan', year(20_000), [aPrice({ planKey: 'business' })], null],
    ['against an archived monthly price', year(20_000), [aPrice({ active: false })], null],
    ['of a tiered price', year(null), [aPrice()], null],
    ['below one percent', year(23_999), [aPrice()], 0],
  ])('%s is counted down to whole percent or is none', (_what, price, siblings, expected) => {
    expect(savingPercent(price, siblings)).toBe(expected);
  });
});

describe('a plan', () => {
  const plan = (differs: Partial<PlanState>) =>
    ({ key: 'team', free: false, archived: false, ...differs }) as PlanState;
  it.each<[string, Partial<PlanState>, PriceState[], boolean]>([
    ['with a price', {}, [aPrice()], true],
    ['without a price', {}, [], false],
    ['with an archived price only', {}, [aPrice({ active: false })], false],
    ['with the price of another', {}, [aPrice({ planKey: 'business' })], false],
    ['that is free', { free: true }, [], true],
    ['that is archived', { archived: true }, [aPrice()], false],
  ])('%s is offered or not', (_what, differs, prices, offered) => {
    expect(isOffered(plan(differs), prices)).toBe(offered);
  });
});
