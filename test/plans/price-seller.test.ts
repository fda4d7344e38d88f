import { BillingInterval } from '../../src/plans/plan.js';
import { FoundBy, keepsItsName, parseLookupKey, type SellerClaims, sellerOf } from '../../src/plans/price-seller.js';

const known = { plans: new Set(['team', 'business', 'free']), addOns: new Set(['storage']) };
const claims = (differs: Partial<SellerClaims>): SellerClaims => ({
  LOOKUP_KEY: null,
  PRICE_METADATA: null,
  PRODUCT_METADATA: null,
  CONFIGURED: null,
  ...differs,
});

describe('what a price sells', () => {
  it.each<[string, Partial<SellerClaims>, string | null, FoundBy | null]>([
    [
      'its lookup key before all else',
      { LOOKUP_KEY: 'team', PRICE_METADATA: 'business', PRODUCT_METADATA: 'business', CONFIGURED: 'free' },
      'team',
      FoundBy.LOOKUP_KEY,
    ],
    [
      'its own metadata before those of its product',
      { PRICE_METADATA: 'team', PRODUCT_METADATA: 'business' },
      'team',
      FoundBy.PRICE_METADATA,
    ],
    [
      'those of its product before the settings',
      { PRODUCT_METADATA: 'team', CONFIGURED: 'business' },
      'team',
      FoundBy.PRODUCT_METADATA,
    ],
    ['the settings last', { CONFIGURED: 'team' }, 'team', FoundBy.CONFIGURED],
    ['nothing when nothing names it', {}, null, null],
    [
      'what is known before what is not',
      { LOOKUP_KEY: 'gold', PRODUCT_METADATA: 'team' },
      'team',
      FoundBy.PRODUCT_METADATA,
    ],
  ])('is told by %s', (_what, said, planKey, foundBy) => {
    expect(sellerOf(claims(said), known)).toEqual({ planKey, addOnKey: null, foundBy });
  });

  it('may be an add-on', () => {
    expect(sellerOf(claims({ LOOKUP_KEY: 'storage' }), known)).toMatchObject({ planKey: null, addOnKey: 'storage' });
  });
});

describe('a lookup key', () => {
  it.each([
    ['team_month', { key: 'team', interval: 'MONTH', currency: null }],
    ['team_year_eur', { key: 'team', interval: 'YEAR', currency: 'EUR' }],
    ['team_plus_month', { key: 'team_plus', interval: 'MONTH', currency: null }],
    ['team', null],
    ['team_fortnight', null],
    ['_month', null],
    [null, null],
  ])('%s is read as %j', (key, expected) => {
    expect(parseLookupKey(key)).toEqual(expected);
  });

  it.each([
    ['month in its own currency', {}, true],
    ['year', { interval: BillingInterval.YEAR }, false],
    ['every second month', { intervalCount: 2 }, false],
    ['month in another currency', { currency: 'EUR' }, false],
    ['month with the currency among its options', { currency: 'EUR', currencyOptions: { USD: {} as never } }, true],
  ])('that says a month in USD fits a price for a %s or not', (_what, differs, fits) => {
    const name = { key: 'team', interval: BillingInterval.MONTH, currency: 'USD' };
    const price = {
      interval: BillingInterval.MONTH,
      intervalCount: 1,
      currency: 'USD',
      currencyOptions: null,
      ...differs,
    };
    expect(keepsItsName(name, price)).toBe(fits);
  });
});
