import { addInterval } from '../subscriptions/add-interval.js';

/** The span that metered use is counted in; the end is exclusive. */
export interface UsageWindow {
  startsAt: number;
  endsAt: number;
}

/** A billing period; or with an open end, the life of an account that never had one. */
export interface BillingSpan {
  start: number;
  end: number | null;
}

const LONGEST_MONTH = 31 * 86_400_000;

/**
 * The month that a moment lies in, counted from the day the billing period began and no longer than that period. When a
 * subscription has ended its months go on, so that leaving gives nobody a fresh month.
 */
export function usageWindow({ start, end }: BillingSpan, now: number): UsageWindow {
  if (end !== null && now < end && end - start <= LONGEST_MONTH) return { startsAt: start, endsAt: end };
  const within = end !== null && now < end;
  const from = within ? start : (end ?? start);
  let months = 0;
  while (addInterval(from, 'MONTH', months + 1) <= now) months += 1;
  const next = addInterval(from, 'MONTH', months + 1);
  return { startsAt: addInterval(from, 'MONTH', months), endsAt: within ? Math.min(next, end) : next };
}
