import { parameterInvalid } from '../http/errors.js';
import type { Tables } from '../store/tables.js';
import { addMonths, boundaryAfter, type Recurrence } from './calendar.js';

export interface AnchorConfig {
  day_of_month: number;
  month?: number;
  hour?: number;
  minute?: number;
  second?: number;
}

interface Anchoring {
  billing_cycle_anchor?: number;
  billing_cycle_anchor_config?: AnchorConfig;
}

/** The moment all periods are counted from: as asked, else the end of the trial, else now. */
export function anchorFrom(given: Anchoring, trialEnd: number | null, now: number, price: Tables['price']): number {
  if (given.billing_cycle_anchor_config) return nextAnchor(given.billing_cycle_anchor_config, trialEnd ?? now);
  const asked = given.billing_cycle_anchor;
  if (asked === undefined) return trialEnd ?? now;
  if (asked < now)
    throw parameterInvalid(
      'billing_cycle_anchor',
      'billing_cycle_anchor cannot be in the past; leave it out to begin now.',
    );
  const natural = firstPeriodEnd(trialEnd ?? now, price, trialEnd ?? now);
  if (asked > natural) {
    throw parameterInvalid(
      'billing_cycle_anchor',
      `billing_cycle_anchor cannot be later than next natural billing date (${natural}) for plan`,
    );
  }
  return asked;
}

/** Where the period that begins at `start` ends on the anchor's grid. */
export function firstPeriodEnd(
  anchor: number,
  price: Pick<Tables['price'], 'recurring' | 'id'>,
  start: number,
): number {
  if (!price.recurring) {
    throw parameterInvalid(
      'items',
      `The price specified is set to \`type=one_time\` but this field only accepts prices with \`type=recurring\` (${price.id}).`,
    );
  }
  return boundaryAfter(anchor, price.recurring as Recurrence, start);
}

function nextAnchor(config: AnchorConfig, after: number): number {
  const date = new Date(after * 1000);
  const timeOfDay =
    (config.hour ?? date.getUTCHours()) * 3600 +
    (config.minute ?? date.getUTCMinutes()) * 60 +
    (config.second ?? date.getUTCSeconds());
  const firstOfMonth = Date.UTC(date.getUTCFullYear(), (config.month ?? date.getUTCMonth() + 1) - 1, 1) / 1000;
  for (let step = 0; ; step += config.month === undefined ? 1 : 12) {
    const first = addMonths(firstOfMonth, step);
    const month = new Date(first * 1000);
    const lastDay = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 0)).getUTCDate();
    const moment = first + (Math.min(config.day_of_month, lastDay) - 1) * 86_400 + timeOfDay;
    if (moment > after) return moment;
  }
}
