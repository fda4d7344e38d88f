const ZERO_DECIMAL = new Set([
  'bif',
  'clp',
  'djf',
  'gnf',
  'jpy',
  'kmf',
  'krw',
  'mga',
  'pyg',
  'rwf',
  'vnd',
  'vuv',
  'xaf',
  'xof',
  'xpf',
]);
const THREE_DECIMAL = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd']);

/** Decimal places between the unit people write and the minor unit Stripe counts. */
export function exponentOf(currency: string): number {
  if (ZERO_DECIMAL.has(currency)) return 0;
  return THREE_DECIMAL.has(currency) ? 3 : 2;
}

/** Charges in three-decimal currencies end in 0; other amounts are any whole number of minor units. */
export function stepOf(currency: string): number {
  return THREE_DECIMAL.has(currency) ? 10 : 1;
}

const formats = new Map<string, Intl.NumberFormat>();

/** `$20.00` */
export function formatAmount(minor: string | number, currency: string): string {
  const exponent = exponentOf(currency);
  // Making a format costs a hundred times what using it does.
  let format = formats.get(currency);
  if (!format) {
    format = new Intl.NumberFormat('en-US', {
      style: 'currency',
      currency: currency.toUpperCase(),
      minimumFractionDigits: exponent,
    });
    formats.set(currency, format);
  }
  return format.format(Number(minor) / 10 ** exponent);
}
