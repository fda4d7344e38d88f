import { InvalidArgumentError } from 'commander';

const seconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads an option such as 30m, 24h or 7d as seconds. */
export function parseDuration(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) {
    throw new InvalidArgumentError(`Give a number and a unit, such as 30m, 24h or 7d; found '${text}'.`);
  }
  return Number(count) * (seconds[unit] as number);
}
