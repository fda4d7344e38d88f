import { InvalidArgumentError } from 'commander';
import type { Instant } from '../ports.js';

const seconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads an option such as 30m, 24h or 7d as seconds. */
export function parseDuration(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) {
    throw new InvalidArgumentError(`Give a number and a unit, such as 30m, 24h or 7d; found '${text}'.`);
  }
  return Number(count) * (seconds[unit] as number);
}

/** A moment as an option names it: asked with the time it is now, since many are told by how long ago they were. */
export type Moment = (now: Instant) => Instant;

/** Reads `6h` (so long ago), `2026-11-20` or `2026-11-20T08:00:00Z`. */
export function parseMoment(text: string): Moment {
  if (
    /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  )
    return () => Date.parse(text);
  try {
    const ago = parseDuration(text) * 1_000;
    return (now) => now - ago;
  } catch {
    throw new InvalidArgumentError(
      `Give how long ago, such as 6h, or a time such as 2026-11-20T08:00Z; found '${text}'.`,
    );
  }
}
