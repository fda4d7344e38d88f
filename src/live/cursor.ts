import { createHash } from 'node:crypto';

/** Where a reader of an account's stream stands. */
export interface Stand {
  revision: number;
  /** Of the history that led there; another account's, and another database's, differs at the same revision. */
  mark: string;
}

/** The mark of a revision by its hash in the account's history, which covers all before it; null before the first. */
export const markOf = (accountId: string, hash: string | null): string =>
  createHash('sha256').update(`${accountId} ${hash}`).digest('base64url').slice(0, 12);

/** A stand in a word that is opaque to the reader. */
export const cursorAt = ({ revision, mark }: Stand): string =>
  Buffer.from(`r${revision}.${mark}`).toString('base64url');

/** Where a cursor stands; null when it is no cursor of ours. */
export function standOf(cursor: string): Stand | null {
  const [, digits, mark] = /^r(\d{1,16})\.([\w-]{12})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  const revision = Number(digits);
  return mark !== undefined && Number.isSafeInteger(revision) ? { revision, mark } : null;
}
