import { z } from 'zod';

/** Words between commas, without blanks and without empty ones. */
export const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** One of some words, told in our own sentence when it is another. */
export const oneOf = <const Words extends readonly [string, string, ...string[]]>(...words: Words) =>
  z.enum(words, { error: `must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}` });

/** `true` or `false`; off when left out. */
export const flag = oneOf('true', 'false')
  .default('false')
  .transform((word) => word === 'true');

/** Decimal digits only: a blank, `0x50` or `4e3` is a mistake and no number. */
export const wholeNumber = (highest: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) <= highest, {
      message: `must be a whole number from 0 to ${highest}`,
    })
    .transform(Number);
