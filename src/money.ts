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

/** Charges are whole multiples of so many minor units. https://docs.stripe.com/currencies#special-cases */
export function stepOf(currency: string): 1 | 10 | 100 {
  if (currency === 'ISK' || currency === 'UGX') return 100;
  return THREE_DECIMAL.has(currency) ? 10 : 1;
}

/** Ready-to-show text. Works on the digits, so no amount ever becomes a binary fraction. */
export function formatMoney(minor: number, currency: string, locale: string): string {
  const exponent = exponentOf(currency);
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  const cut = digits.length - exponent;
  const decimal = `${minor < 0 ? '-' : ''}${digits.slice(0, cut)}${exponent > 0 ? `.${digits.slice(cut)}` : ''}`;
  const whole = Number(digits.slice(cut)) === 0;
  return formatOf(locale, currency, exponent, whole).format(decimal as unknown as number);
}

/** Making one takes longer than all the rest of an answer. */
const formats = new Map<string, Intl.NumberFormat>();
/** Callers choose the locale, so there must be an end to them. */
const MOST_FORMATS = 1_000;

function formatOf(locale: string, currency: string, decimals: number, whole: boolean): Intl.NumberFormat {
  const key = `${locale} ${currency} ${whole}`;
  const held = formats.get(key);
  if (held) return held;
  if (formats.size >= MOST_FORMATS) formats.clear();
  // Intl knows fewer decimals than Stripe for some (HUF, IDR, ISK) and would round, and more for one (LYD); whole amounts
  // stay as it shows them.
  const exact = { maximumFractionDigits: decimals, ...(!whole && { minimumFractionDigits: decimals }) };
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency, ...exact });
  formats.set(key, format);
  return format;
}
