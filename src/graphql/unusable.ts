import { Refusal, UserErrorCode } from '../refusal.js';

/** Not every database keeps them, and nobody types them. */
const unstorable = /[^\P{Cc}\t\n\r]|\p{Cs}/u;

/** Why the arguments of a mutation cannot be used as they are; null when they can. */
export function findUnusable(args: object): Refusal | null {
  const field = findPath(args);
  if (!field) return null;
  return new Refusal(UserErrorCode.INVALID, `${field.at(-1)} holds a control character or half of a surrogate pair.`, {
    field,
    hint: 'Send plain text; tabs and line breaks are fine.',
  });
}

/** The path of the first text, or of the object with the first name, that cannot be stored. */
function findPath(value: unknown): string[] | null {
  if (typeof value === 'string') return unstorable.test(value) ? [] : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, part] of Object.entries(value)) {
    if (unstorable.test(name)) return [];
    const path = findPath(part);
    if (path) return [name, ...path];
  }
  return null;
}
