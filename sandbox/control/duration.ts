import { addMonths } from '../billing/calendar.js';
import { ControlError } from './control.js';

const PATTERN =
  /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** A moment (milliseconds) moved on by an ISO 8601 duration such as P1M, P3DT12H or PT90M. */
export function addDuration(moment: number, duration: string): number {
  const match = PATTERN.exec(duration);
  if (!match)
    throw new ControlError(
      `'${duration}' is not an ISO 8601 duration such as P1M, P3D or PT1H; the clock does not go back.`,
    );
  const [years, months, weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const whole = Math.floor(moment / 1000);
  const moved = addMonths(whole, years * 12 + months) * 1000 + (moment - whole * 1000);
  return moved + ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
