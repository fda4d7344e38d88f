/** Stripe's own list: one unit of these is one minor unit. https://docs.stripe.com/currencies#zero-decimal */
const ZERO_DECIMAL = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
/** https://docs.stripe.com/currencies#three-decimal */
const THREE_DECIMAL = new Set('BHD JOD KWD OMR TND'.split(' '));

/**
 * Decimals that an amount of Stripe's has. ISK and UGX have none in life but two at Stripe, for compatibility, so the
 * answer differs from ISO 4217 there.
 */
export function exponentOf(currency: string): 0 | 2 | 3 {
  if (ZERO_DECIMAL.has(currency)) return 0;
  return THREE_DECIMAL.has(currency) ? 3 : 2;
}

/** Ready-to-show text. Works on the digits, so no amount ever becomes a binary fraction. */
export function formatMoney(minor: number, currency: string, locale: string): string {
  const exponent = exponentOf(currency);
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  const cut = digits.length - exponent;
  const decimal = `${minor < 0 ? '-' : ''}${digits.slice(0, cut)}${exponent > 0 ? `.${digits.slice(cut)}` : ''}`;
  // Intl knows fewer decimals than Stripe for some (HUF, IDR, ISK) and would round; whole amounts stay as it shows them.
  const exact =
    Number(digits.slice(cut)) === 0 ? {} : { minimumFractionDigits: exponent, maximumFractionDigits: exponent };
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency, ...exact });
  return format.format(decimal as unknown as number);
}
