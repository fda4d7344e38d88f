import { de } from './de.js';
import { en } from './en.js';
import type { Language } from './language.js';

/** The languages that mails are written in; whoever speaks another gets English. */
const languages = { en, de } satisfies Record<string, Language>;

/** Words for an account's locale, and the locale in which its money and dates are written, which fits the words. */
export function languageFor(locale: string | null): { words: Language; locale: string } {
  const wanted = locale === null ? null : toLocale(locale);
  if (wanted && Object.hasOwn(languages, wanted.language))
    return { words: languages[wanted.language as keyof typeof languages], locale: wanted.toString() };
  return { words: en, locale: 'en-US' };
}

function toLocale(text: string): Intl.Locale | null {
  try {
    return new Intl.Locale(text);
  } catch {
    return null;
  }
}
