import type Stripe from 'stripe';

export type Mode = 'flexible' | 'classic';
export type PriceGiven = Partial<Stripe.PriceCreateParams> & { amount?: number };

interface Step {
  /** How long after the step before. */
  after: string;
  price?: PriceGiven;
  quantity?: number;
  add?: PriceGiven;
  remove?: number;
  anchor?: 'now' | 'unchanged';
  behavior?: 'always_invoice' | 'create_prorations' | 'none';
  /** Seconds before now at which it is prorated. */
  proratedBefore?: number;
  /** Amounts of the lines of the invoice that follows at once, credits first; null: there is none. */
  lines: number[] | null;
  /** Its total with tax. */
  total?: number;
}

export interface Case {
  name: string;
  modes?: Mode[];
  start?: string;
  price: PriceGiven;
  second?: PriceGiven;
  quantity?: number;
  coupon?: Partial<Stripe.CouponCreateParams>;
  country?: string;
  trial?: number;
  anchorAfter?: number;
  steps: Step[];
  /** Total of the next renewal. */
  next: number;
}

export const both: Mode[] = ['flexible', 'classic'];
const month = 'P15D';

// April 2027 has 30 days; every amount is price × remaining seconds / seconds of the period, halves away from zero.
// prettier-ignore
export const cases: Case[] = [
  // 9900 × 15/30 = 4950; 49900 × 15/30 = 24950
  { name: '$99 to $499 with 15 of 30 days left', price: { amount: 9900 }, steps: [{ after: month, price: { amount: 49_900 }, lines: [-4950, 24_950], total: 20_000 }], next: 49_900 },
  // 9900 × 20/30 = 6600; 49900 × 20/30 = 33266.67
  { name: 'an upgrade with 20 of 30 days left', price: { amount: 9900 }, steps: [{ after: 'P10D', price: { amount: 49_900 }, lines: [-6600, 33_267], total: 26_667 }], next: 49_900 },
  // 9900 × 29/30 = 9570; 49900 × 29/30 = 48236.67
  { name: 'an upgrade after one day', price: { amount: 9900 }, steps: [{ after: 'P1D', price: { amount: 49_900 }, lines: [-9570, 48_237], total: 38_667 }], next: 49_900 },
  // 9900 / 30 = 330; 49900 / 30 = 1663.33
  { name: 'an upgrade on the last day', price: { amount: 9900 }, steps: [{ after: 'P29D', price: { amount: 49_900 }, lines: [-330, 1663], total: 1333 }], next: 49_900 },
  { name: 'a downgrade in the middle becomes credit', price: { amount: 49_900 }, steps: [{ after: month, price: { amount: 9900 }, lines: [-24_950, 4950], total: -20_000 }], next: 9900 },
  // 49900 / 3 = 16633.33; 9900 / 3 = 3300
  { name: 'a downgrade with 10 of 30 days left', price: { amount: 49_900 }, steps: [{ after: 'P20D', price: { amount: 9900 }, lines: [-16_633, 3300], total: -13_333 }], next: 9900 },
  // 2000 × 1 / 2 = 1000; 2000 × 5 / 2 = 5000
  { name: 'more seats in the middle', price: { amount: 2000 }, steps: [{ after: month, quantity: 5, lines: [-1000, 5000], total: 4000 }], next: 10_000 },
  { name: 'fewer seats in the middle', price: { amount: 2000 }, quantity: 5, steps: [{ after: month, quantity: 2, lines: [-5000, 2000], total: -3000 }], next: 4000 },
  // 2997 × 2/3 = 1998; 3996 × 2/3 = 2664
  { name: 'one seat more with 20 of 30 days left', price: { amount: 999 }, quantity: 3, steps: [{ after: 'P10D', quantity: 4, lines: [-1998, 2664], total: 666 }], next: 3996 },
  // 1000 × 2591999/2592000 = 999.9996; 2000 × 2591999/2592000 = 1999.999
  { name: 'one second into the period', price: { amount: 1000 }, steps: [{ after: 'PT1S', price: { amount: 2000 }, lines: [-1000, 2000], total: 1000 }], next: 2000 },
  // 14.5 of 30 days: 1000 × 14.5/30 = 483.33; 3000 × 14.5/30 = 1450
  { name: 'half a day is half a day', price: { amount: 1000 }, steps: [{ after: 'P15DT12H', price: { amount: 3000 }, lines: [-483, 1450], total: 967 }], next: 3000 },
  // 1 / 2 = 0.5, away from zero: 1; 3 / 2 = 1.5: 2
  { name: 'halves round away from zero', price: { amount: 1 }, steps: [{ after: month, price: { amount: 3 }, lines: [-1, 2], total: 1 }], next: 3 },
  // Nothing was charged, so nothing is credited; 2000 / 2 = 1000
  { name: 'from free, the anchor stays', modes: ['flexible'], price: { amount: 0 }, steps: [{ after: month, price: { amount: 2000 }, lines: [1000], total: 1000 }], next: 2000 },
  // A whole period begins.
  { name: 'from free, classic billing begins anew', modes: ['classic'], price: { amount: 0 }, steps: [{ after: month, price: { amount: 2000 }, lines: [2000], total: 2000 }], next: 2000 },
  { name: 'to free', price: { amount: 2000 }, steps: [{ after: month, price: { amount: 0 }, lines: [-1000, 0], total: -1000 }], next: 0 },
  // 2000 / 2 back, a whole year charged
  { name: 'month to year with a new anchor', price: { amount: 2000 }, steps: [{ after: month, price: { amount: 20_000, recurring: { interval: 'year' } }, anchor: 'now', lines: [-1000, 20_000], total: 19_000 }], next: 20_000 },
  { name: 'month to year, which classic billing anchors anew by itself', modes: ['classic'], price: { amount: 2000 }, steps: [{ after: month, price: { amount: 20_000, recurring: { interval: 'year' } }, lines: [-1000, 20_000], total: 19_000 }], next: 20_000 },
  // 1 April 2027 to 1 April 2028 has 366 days, 351 are left: 20000 × 351/366 = 19180.33
  { name: 'month to year on the old anchor', modes: ['flexible'], price: { amount: 2000 }, steps: [{ after: month, price: { amount: 20_000, recurring: { interval: 'year' } }, lines: [-1000, 19_180], total: 18_180 }], next: 20_000 },
  // 183 of 366 days are left: 20000 / 2
  { name: 'year to month with a new anchor', price: { amount: 20_000, recurring: { interval: 'year' } }, steps: [{ after: 'P183D', price: { amount: 2000 }, anchor: 'now', lines: [-10_000, 2000], total: -8000 }], next: 2000 },
  // 21 of 31 days
  { name: 'a month of 31 days', start: '2027-01-01T00:00:00Z', price: { amount: 3100 }, steps: [{ after: 'P10D', price: { amount: 6200 }, lines: [-2100, 4200], total: 2100 }], next: 6200 },
  // 21 of 28 days
  { name: 'a month of 28 days', start: '2027-02-01T00:00:00Z', price: { amount: 2800 }, steps: [{ after: 'P7D', price: { amount: 5600 }, lines: [-2100, 4200], total: 2100 }], next: 5600 },
  // 20 of 29 days
  { name: 'February of a leap year', start: '2028-02-01T00:00:00Z', price: { amount: 2900 }, steps: [{ after: 'P9D', price: { amount: 5800 }, lines: [-2000, 4000], total: 2000 }], next: 5800 },
  // 29 February to 29 March: 20 of 29 days
  { name: 'a start on the leap day', start: '2028-02-29T00:00:00Z', price: { amount: 2900 }, steps: [{ after: 'P9D', price: { amount: 5800 }, lines: [-2000, 4000], total: 2000 }], next: 5800 },
  // 29 February 2028 to 28 February 2029: 365 days, 265 left
  { name: 'a year from the leap day', start: '2028-02-29T00:00:00Z', price: { amount: 36_500, recurring: { interval: 'year' } }, steps: [{ after: 'P100D', price: { amount: 73_000, recurring: { interval: 'year' } }, lines: [-26_500, 53_000], total: 26_500 }], next: 73_000 },
  // 31 January to 28 February: 14 of 28 days
  { name: 'a month that ends early', start: '2027-01-31T00:00:00Z', price: { amount: 2800 }, steps: [{ after: 'P14D', price: { amount: 5600 }, lines: [-1400, 2800], total: 1400 }], next: 5600 },
  // 28 February to 31 March: 31 days; on 16 March 15 are left
  { name: 'the month after it, back on the 31st', start: '2027-01-31T00:00:00Z', price: { amount: 3100 }, steps: [{ after: 'P44D', price: { amount: 6200 }, lines: [-1500, 3000], total: 1500 }], next: 6200 },
  // Half price: 4950 / 2 back, 24950 / 2 charged
  { name: 'a coupon of 50 % for ever', price: { amount: 9900 }, coupon: { percent_off: 50, duration: 'forever' }, steps: [{ after: month, price: { amount: 49_900 }, lines: [-2475, 12_475], total: 10_000 }], next: 24_950 },
  // (9900 - 1000) / 2; (49900 - 1000) / 2
  { name: 'a coupon of $10 for ever', price: { amount: 9900 }, coupon: { amount_off: 1000, currency: 'usd', duration: 'forever' }, steps: [{ after: month, price: { amount: 49_900 }, lines: [-4450, 24_450], total: 20_000 }], next: 48_900 },
  // What was charged was 4950: half of it comes back. The coupon is used up.
  { name: 'a coupon that was used up, credited as charged', modes: ['flexible'], price: { amount: 9900 }, coupon: { percent_off: 50, duration: 'once' }, steps: [{ after: month, price: { amount: 49_900 }, lines: [-2475, 24_950], total: 22_475 }], next: 49_900 },
  // Classic billing credits the price of today.
  { name: 'a coupon that was used up, credited at the price of today', modes: ['classic'], price: { amount: 9900 }, coupon: { percent_off: 50, duration: 'once' }, steps: [{ after: month, price: { amount: 49_900 }, lines: [-4950, 24_950], total: 20_000 }], next: 49_900 },
  // 5000 net × 1.19; 20000 × 1.19
  { name: 'tax of 19 % on top', country: 'DE', price: { amount: 10_000 }, steps: [{ after: month, price: { amount: 20_000 }, lines: [-5000, 10_000], total: 5950 }], next: 23_800 },
  { name: 'tax of 19 % within', country: 'DE', price: { amount: 11_900, tax_behavior: 'inclusive' }, steps: [{ after: month, price: { amount: 23_800, tax_behavior: 'inclusive' }, lines: [-5950, 11_900], total: 5950 }], next: 23_800 },
  // Yen have no decimals: 1000 × 20/30 = 666.67
  { name: 'a currency without decimals', price: { amount: 1000, currency: 'jpy' }, steps: [{ after: 'P10D', price: { amount: 3000, currency: 'jpy' }, lines: [-667, 2000], total: 1333 }], next: 3000 },
  // Dinars end in 0: 10000 × 20/30 = 6666.67, to the nearest ten
  { name: 'a currency with three decimals', price: { amount: 10_000, currency: 'kwd' }, steps: [{ after: 'P10D', price: { amount: 30_000, currency: 'kwd' }, lines: [-6670, 20_000], total: 13_330 }], next: 30_000 },
  { name: 'a change within a trial costs nothing', price: { amount: 2000 }, trial: 20, steps: [{ after: 'P10D', price: { amount: 5000 }, lines: null }], next: 5000 },
  { name: 'a change without proration costs nothing now', price: { amount: 9900 }, steps: [{ after: month, price: { amount: 49_900 }, behavior: 'none', lines: null }], next: 49_900 },
  // The first change was free, so the second gives back no more than was paid: 9900 / 3.
  { name: 'up without proration and down again nets to nothing', modes: ['flexible'], price: { amount: 9900 }, steps: [{ after: 'P10D', price: { amount: 49_900 }, behavior: 'none', lines: null }, { after: 'P10D', price: { amount: 9900 }, lines: [-3300, 3300], total: 0 }], next: 9900 },
  // Classic billing credits 49900 / 3 that were never paid.
  { name: 'up without proration and down again makes classic credit', modes: ['classic'], price: { amount: 9900 }, steps: [{ after: 'P10D', price: { amount: 49_900 }, behavior: 'none', lines: null }, { after: 'P10D', price: { amount: 9900 }, lines: [-16_633, 3300], total: -13_333 }], next: 9900 },
  // 3000 × 20/30, 6000 × 20/30; then 6000 × 10/30, 9000 × 10/30
  { name: 'two upgrades in one period', price: { amount: 3000 }, steps: [{ after: 'P10D', price: { amount: 6000 }, lines: [-2000, 4000], total: 2000 }, { after: 'P10D', price: { amount: 9000 }, lines: [-2000, 3000], total: 1000 }], next: 9000 },
  { name: 'an item more', price: { amount: 2000 }, steps: [{ after: month, add: { amount: 3000 }, lines: [1500], total: 1500 }], next: 5000 },
  { name: 'an item less', price: { amount: 2000 }, second: { amount: 3000 }, steps: [{ after: month, remove: 1, lines: [-1500], total: -1500 }], next: 2000 },
  // 20000 of prorations wait for the renewal.
  { name: 'prorations that wait for the renewal', price: { amount: 9900 }, steps: [{ after: month, price: { amount: 49_900 }, behavior: 'create_prorations', lines: null }], next: 69_900 },
  // Ten at 100, ten more at 50: 1000, then 1500
  { name: 'graduated tiers', price: { billing_scheme: 'tiered', tiers_mode: 'graduated', tiers: [{ up_to: 10, unit_amount: 100 }, { up_to: 'inf', unit_amount: 50 }] }, quantity: 10, steps: [{ after: month, quantity: 20, lines: [-500, 750], total: 250 }], next: 1500 },
  // All twenty at 50 once the second tier is reached: 1000 and 1000
  { name: 'volume tiers', price: { billing_scheme: 'tiered', tiers_mode: 'volume', tiers: [{ up_to: 10, unit_amount: 100 }, { up_to: 'inf', unit_amount: 50 }] }, quantity: 10, steps: [{ after: month, quantity: 20, lines: [-500, 500], total: 0 }], next: 1000 },
  { name: 'the moment of the preview, five days ago', price: { amount: 9900 }, steps: [{ after: 'P20D', price: { amount: 49_900 }, proratedBefore: 5 * 86_400, lines: [-4950, 24_950], total: 20_000 }], next: 49_900 },
  // 4 of 7 days
  { name: 'a week', price: { amount: 700, recurring: { interval: 'week' } }, steps: [{ after: 'P3D', price: { amount: 1400, recurring: { interval: 'week' } }, lines: [-400, 800], total: 400 }], next: 1400 },
  // 1 April to 1 July: 91 days, 50 left
  { name: 'a quarter', price: { amount: 9100, recurring: { interval: 'month', interval_count: 3 } }, steps: [{ after: 'P41D', price: { amount: 18_200, recurring: { interval: 'month', interval_count: 3 } }, lines: [-5000, 10_000], total: 5000 }], next: 18_200 },
  // Began on 16 April for the 15 days to 1 May: 1500. Ten of them are left: 1000 back, 6000 × 10/30 charged.
  { name: 'a first period cut short by its anchor', start: '2027-04-16T00:00:00Z', price: { amount: 3000 }, anchorAfter: 15 * 86_400, steps: [{ after: 'P5D', price: { amount: 6000 }, lines: [-1000, 2000], total: 1000 }], next: 6000 },
  // 0.5 × 1001 = 500.5: 501, half of it 250.5: 251; 0.5 × 2001 = 1000.5: 1001, half of it 500.5: 501
  { name: 'half a cent each', price: { unit_amount_decimal: '0.5' as never }, quantity: 1001, steps: [{ after: month, quantity: 2001, lines: [-251, 501], total: 250 }], next: 1001 },
];
