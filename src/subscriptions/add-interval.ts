import type { BillingInterval } from '../plans/plan.js';

const DAY = 86_400_000;

/** The moment one interval later, on the calendar of UTC; the end of a short month stands for a day it lacks. */
export function addInterval(at: number, interval: `${BillingInterval}`, count = 1): number {
  switch (interval) {
    case 'DAY':
      return at + count * DAY;
    case 'WEEK':
      return at + 7 * count * DAY;
    case 'MONTH':
      return addMonths(at, count);
    case 'YEAR':
      return addMonths(at, 12 * count);
    case 'ONE_TIME':
      return at;
  }
}

function addMonths(at: number, months: number): number {
  const date = new Date(at);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(date.getUTCDate(), lastDay)) + (at - Math.floor(at / DAY) * DAY);
}
