import { createHash } from 'node:crypto';
import type { Queries, Transaction } from '../database/database.js';
import type { Change } from './change.js';

/** What set a change off: an event, a caller's intent, her call that Stripe is not told of, the clock, or a look of our own. */
export interface Cause {
  kind: 'event' | 'intent' | 'call' | 'wake' | 'look';
  id: string;
  /** Event type or verb. */
  name: string;
}

/** One step of an account, written once and never changed. Its hash covers the one before it. */
export interface AuditEntry {
  id: string;
  accountId: string;
  revision: number;
  at: number;
  /** Who asked: a token's subject, `stripe`, or `clock`. */
  actor: string;
  causes: Cause[];
  changes: Change[];
}

interface AuditRow {
  id: string;
  account_id: string;
  revision: number | string;
  at: number | string;
  actor: string;
  causes: string;
  changes: string;
  hash: string;
}

const COLUMNS = 'id, account_id, revision, at, actor, causes, changes, hash';

const hashOf = (previous: string | null, values: readonly unknown[]) =>
  createHash('sha256')
    .update(JSON.stringify([previous, ...values]))
    .digest('hex');

/** Appends the entry of one new revision, in the transaction that makes it. */
export async function appendAudit(transaction: Transaction, entry: AuditEntry): Promise<void> {
  const [last] = await transaction.rows<{ hash: string }>(
    'SELECT hash FROM audit WHERE account_id = ? ORDER BY revision DESC LIMIT 1',
    [entry.accountId],
  );
  const values = [
    entry.id,
    entry.accountId,
    entry.revision,
    entry.at,
    entry.actor,
    JSON.stringify(entry.causes),
    JSON.stringify(entry.changes),
  ];
  await transaction.run(`INSERT INTO audit (${COLUMNS}, previous_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, [
    ...values,
    hashOf(last?.hash ?? null, values),
    last?.hash ?? null,
  ]);
}

/** The hash of one revision, which covers all before it; null when the account has no such revision. */
export async function readHashAt(queries: Queries, accountId: string, revision: number): Promise<string | null> {
  const [row] = await queries.rows<{ hash: string }>('SELECT hash FROM audit WHERE account_id = ? AND revision = ?', [
    accountId,
    revision,
  ]);
  return row?.hash ?? null;
}

export interface AuditPage {
  /** Entries with a revision below this one; from the newest when undefined. */
  before?: number;
  /** Entries with a revision above this one. */
  after?: number;
  limit: number;
}

/** Pages of any accounts in one statement, each newest first. */
export async function readAuditPages(
  queries: Queries,
  pages: readonly (AuditPage & { accountId: string })[],
): Promise<AuditEntry[][]> {
  const part = ({ limit }: AuditPage, at: number) =>
    `SELECT ${at} AS page, part_${at}.* FROM (
       SELECT ${COLUMNS} FROM audit WHERE account_id = ? AND revision < ? AND revision > ?
       ORDER BY revision DESC LIMIT ${Math.trunc(limit)}) AS part_${at}`;
  const rows = await queries.rows<AuditRow & { page: number | string }>(
    pages.map(part).join(' UNION ALL '),
    pages.flatMap(({ accountId, before, after }) => [accountId, before ?? Number.MAX_SAFE_INTEGER, after ?? 0]),
  );
  return pages.map((_page, at) =>
    rows
      .filter(({ page }) => Number(page) === at)
      .map(toEntry)
      // A union keeps no order of its parts.
      .sort((one, other) => other.revision - one.revision),
  );
}

/** Entries by their ids, in no particular order; those that are not there are left out. */
export async function readAuditEntries(queries: Queries, ids: readonly string[]): Promise<AuditEntry[]> {
  const rows = await queries.rows<AuditRow>(
    `SELECT ${COLUMNS} FROM audit WHERE id IN (${ids.map(() => '?').join(', ')})`,
    ids,
  );
  return rows.map(toEntry);
}

/** The steps of a customer's account that an event has caused, oldest first. */
export async function readStepsOf(queries: Queries, customerId: string, eventId: string): Promise<AuditEntry[]> {
  const rows = await queries.rows<AuditRow>(
    `SELECT ${COLUMNS} FROM audit WHERE account_id IN (SELECT account_id FROM stripe_customers WHERE id = ?)
     AND causes LIKE ? ORDER BY revision`,
    [customerId, `%"id":"${eventId.replace(/[^A-Za-z0-9]/g, '_')}"%`],
  );
  // An underscore stands for any sign in that pattern.
  return rows.map(toEntry).filter(({ causes }) => causes.some(({ id }) => id === eventId));
}

const toEntry = (row: AuditRow): AuditEntry => ({
  id: row.id,
  accountId: row.account_id,
  revision: Number(row.revision),
  at: Number(row.at),
  actor: row.actor,
  causes: JSON.parse(row.causes) as Cause[],
  changes: JSON.parse(row.changes) as Change[],
});
