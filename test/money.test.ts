import fc from 'fast-check';
import { exponentOf, formatMoney } from '../src/money.js';

const CURRENCIES = Intl.supportedValuesOf('currency');
const ZERO = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ');
const THREE = 'BHD JOD KWD OMR TND'.split(' ');

/** As written before an amount; some symbols have a dot in them. */
const symbolOf = (currency: string) =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency })
    .formatToParts(0)
    .find(({ type }) => type === 'currency')?.value ?? '';

/** The digits that a person reads, as one whole number of minor units. */
function readBack(text: string, exponent: number): bigint {
  const [whole = '', fraction = ''] = text.replace(/[^\d.]/g, '').split('.');
  const sign = text.includes('-') ? -1n : 1n;
  return sign * BigInt(whole + fraction.padEnd(exponent, '0'));
}

/** `AMOUNTS=1000000 npx jest test/money` shows more of them. */
const AMOUNTS = Number(process.env.AMOUNTS ?? 1_000);

describe('money', () => {
  it.each([
    [2000, 'USD', 'en-US', '$20.00'],
    [5, 'USD', 'en-US', '$0.05'],
    [0, 'USD', 'en-US', '$0.00'],
    [-150, 'USD', 'en-US', '-$1.50'],
    [-5, 'USD', 'en-US', '-$0.05'],
    [2000, 'JPY', 'en-US', '¥2,000'],
    [1234, 'KWD', 'en-US', 'KWD 1.234'],
    [123456, 'EUR', 'de-DE', '1.234,56 €'],
    [9_007_199_254_740_991, 'USD', 'en-US', '$90,071,992,547,409.91'],
    [1000, 'HUF', 'en-US', 'HUF 10'],
    [1000, 'LYD', 'en-US', 'LYD 10.00'],
    [1055, 'HUF', 'en-US', 'HUF 10.55'],
    [1050, 'IDR', 'en-US', 'IDR 10.50'],
    [500, 'ISK', 'en-US', 'ISK 5'],
  ])('of %i minor %s in %s reads %s', (minor, currency, locale, text) => {
    expect(formatMoney(minor, currency, locale).replace(/\u00a0/g, ' ')).toBe(text);
  });

  it.each(CURRENCIES)('in %s has the decimals that Stripe counts', (currency) => {
    expect(exponentOf(currency)).toBe(ZERO.includes(currency) ? 0 : THREE.includes(currency) ? 3 : 2);
  });

  it(
    'is shown to the last minor unit in every currency: nothing is rounded, nothing passes through a fraction',
    () => {
      fc.assert(
        fc.property(fc.constantFrom(...CURRENCIES), fc.maxSafeInteger(), (currency, minor) => {
          const shown = formatMoney(minor, currency, 'en-US').replace(symbolOf(currency), '');
          expect(readBack(shown, exponentOf(currency))).toBe(BigInt(minor));
        }),
        {
          numRuns: AMOUNTS,
          examples: [
            ['HUF', 1055],
            ['COP', -1],
            ['USD', Number.MAX_SAFE_INTEGER],
          ],
        },
      );
      process.stdout.write(`${AMOUNTS} amounts in ${CURRENCIES.length} currencies shown and read back\n`);
    },
    600_000 + AMOUNTS,
  );
});
