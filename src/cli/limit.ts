import { InvalidArgumentError } from 'commander';

/** Reads --limit of a list. */
export function parseLimit(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`Give a whole number from 1 to 9999; found '${text}'.`);
}
