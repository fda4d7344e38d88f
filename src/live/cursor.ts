/** Where a reader of an account's stream stands: opaque to her, the revision to us. */
export const cursorAt = (revision: number): string => Buffer.from(`r${revision}`).toString('base64url');

/** The revision of a cursor; null when it is no cursor of ours or from a future that this database does not have. */
export function revisionOf(cursor: string, newest: number): number | null {
  const match = /^r(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  const revision = Number(match?.[1] ?? NaN);
  return Number.isSafeInteger(revision) && revision <= newest ? revision : null;
}
