const SCALE = 12;
const ONE = 10n ** BigInt(SCALE);

/** A decimal of at most twelve places as a whole number of 10^-12. */
export function scaled(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.replace('-', '').split('.');
  const value = BigInt(whole) * ONE + BigInt(fraction.padEnd(SCALE, '0'));
  return decimal.startsWith('-') ? -value : value;
}

export type Rounding = 'half_up' | 'half_even';

/** `value / divisor` as a whole number; ties away from zero, or to the even neighbour. */
export function divideRounded(value: bigint, divisor: bigint, rounding: Rounding): number {
  const negative = value < 0n !== divisor < 0n;
  const above = value < 0n ? -value : value;
  const below = divisor < 0n ? -divisor : divisor;
  const whole = above / below;
  const twice = (above % below) * 2n;
  const up = twice > below || (twice === below && (rounding === 'half_up' || whole % 2n === 1n));
  const size = Number(up ? whole + 1n : whole);
  return negative && size !== 0 ? -size : size;
}

/** `amount * part / total`, rounded to a whole minor unit. */
export function share(amount: number, part: number, total: number, rounding: Rounding): number {
  if (total === 0) return 0;
  return divideRounded(BigInt(amount) * BigInt(part), BigInt(total), rounding);
}

/** A scaled decimal times a quantity, rounded to a whole minor unit. */
export function timesQuantity(decimal: string, quantity: number, rounding: Rounding): number {
  return divideRounded(scaled(decimal) * BigInt(quantity), ONE, rounding);
}

/** A percentage with at most twelve places of an amount. */
export function percentOf(amount: number, percent: string, rounding: Rounding): number {
  return divideRounded(BigInt(amount) * scaled(percent), ONE * 100n, rounding);
}

/** An exact sum before rounding: scaled minor units. */
export function roundScaled(value: bigint, rounding: Rounding): number {
  return divideRounded(value, ONE, rounding);
}

export const scale = ONE;

/** The nearest amount a currency can charge: three-decimal currencies end in 0. */
export function toStep(amount: number, step: number): number {
  return step === 1 ? amount : divideRounded(BigInt(amount), BigInt(step), 'half_up') * step;
}
