export type Interval = 'day' | 'week' | 'month' | 'year';

export interface Recurrence {
  interval: Interval;
  interval_count: number;
}

const DAY = 86_400;

/** The anchor moved by `count` whole recurrences; the 31st becomes the last day of a shorter month. */
export function boundaryAt(anchor: number, { interval, interval_count: every }: Recurrence, count: number): number {
  if (interval === 'day') return anchor + count * every * DAY;
  if (interval === 'week') return anchor + count * every * 7 * DAY;
  return addMonths(anchor, count * every * (interval === 'year' ? 12 : 1));
}

export function addMonths(moment: number, months: number): number {
  const date = new Date(moment * 1000);
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
  const target = new Date(first);
  const lastDay = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  const timeOfDay = moment - Math.floor(moment / DAY) * DAY;
  return first / 1000 + (Math.min(date.getUTCDate(), lastDay) - 1) * DAY + timeOfDay;
}

/** The first boundary of the anchor's grid that lies after `moment`. */
export function boundaryAfter(anchor: number, recurrence: Recurrence, moment: number): number {
  let count = estimate(anchor, recurrence, moment);
  while (boundaryAt(anchor, recurrence, count) > moment) count--;
  while (boundaryAt(anchor, recurrence, count) <= moment) count++;
  return boundaryAt(anchor, recurrence, count);
}

/** The last boundary of the anchor's grid that lies before `moment`. */
export function boundaryBefore(anchor: number, recurrence: Recurrence, moment: number): number {
  let count = estimate(anchor, recurrence, moment);
  while (boundaryAt(anchor, recurrence, count) < moment) count++;
  while (boundaryAt(anchor, recurrence, count) >= moment) count--;
  return boundaryAt(anchor, recurrence, count);
}

const SECONDS: Record<Interval, number> = { day: DAY, week: 7 * DAY, month: 30.44 * DAY, year: 365.25 * DAY };

function estimate(anchor: number, { interval, interval_count: every }: Recurrence, moment: number): number {
  return Math.floor((moment - anchor) / (SECONDS[interval] * every));
}

/** Orders recurrences by how long they take. */
export function lengthOf({ interval, interval_count: every }: Recurrence): number {
  return SECONDS[interval] * every;
}
