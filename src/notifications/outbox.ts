import type { Database, Queries, Transaction } from '../database/database.js';
import type { Dialect } from '../database/dialect.js';
import type { Instant, Random } from '../ports.js';
import type { DueMail, MailKind } from './decide-mails.js';

/**
 * `waiting` for its next try · `sending`: handed to the mail server now, or when its process died · `sent` · `dropped`:
 * no longer true when its turn came · `unclear`: nobody knows whether it was accepted · `dead`: refused for good.
 */
export const mailStates = ['waiting', 'sending', 'sent', 'dropped', 'unclear', 'dead'] as const;
export type MailState = (typeof mailStates)[number];

/** One row of the outbox, taken by one relay. */
export interface ClaimedMail extends DueMail {
  state: MailState;
  /** Tries so far. */
  attempts: number;
  fence: number;
  createdAt: Instant;
}

interface Row {
  id: string;
  kind: MailKind;
  account_id: string;
  about: string;
  state: MailState;
  attempts: number | string;
  fence: number | string;
  created_at: number | string;
}

/** Queues mails in the transaction that makes them true. One that was queued before stays as it is. */
export async function queueMails(
  transaction: Transaction,
  dialect: Dialect,
  mails: readonly DueMail[],
  storeNow: Instant,
): Promise<void> {
  for (const { id, kind, accountId, about } of mails) {
    await transaction.run(
      `INSERT INTO outbox (id, kind, account_id, about, state, attempts, fence, due_at, created_at)
       VALUES (?, ?, ?, ?, 'waiting', 0, 0, ?, ?) ${dialect.onConflict('id')} kind = kind`,
      [id, kind, accountId, JSON.stringify(about), storeNow, storeNow],
    );
  }
}

/** Takes one of the longest due by compare-and-set on its fence. Null when none is due or another relay was faster. */
export async function claimMail(
  database: Database,
  random: Random,
  { owner, leaseMs, kinds }: { owner: string; leaseMs: number; kinds: readonly MailKind[] },
): Promise<ClaimedMail | null> {
  const now = await database.now();
  const rows = await database.read.rows<Row>(
    `SELECT id, kind, account_id, about, state, attempts, fence, created_at FROM outbox
     WHERE due_at <= ? AND (lease_until IS NULL OR lease_until <= ?) AND kind IN (${kinds.map(() => '?').join(', ')})
     ORDER BY due_at LIMIT 16`,
    [now, now, ...kinds],
  );
  const row = rows[Math.floor(random.fraction() * rows.length)];
  if (!row) return null;
  const fence = Number(row.fence) + 1;
  const taken = await database.run(
    `UPDATE outbox SET lease_owner = ?, lease_until = ?, fence = ?
     WHERE id = ? AND fence = ? AND due_at IS NOT NULL AND (lease_until IS NULL OR lease_until <= ?)`,
    [owner, now + leaseMs, fence, row.id, fence - 1, now],
  );
  if (taken !== 1) return null;
  return {
    id: row.id,
    kind: row.kind,
    accountId: row.account_id,
    about: JSON.parse(row.about) as DueMail['about'],
    state: row.state,
    attempts: Number(row.attempts),
    fence,
    createdAt: Number(row.created_at),
  };
}

/** Keeps the lease while the mail server takes its time. */
export async function renewMail(database: Database, { id, fence }: ClaimedMail, leaseMs: number): Promise<void> {
  await database.run('UPDATE outbox SET lease_until = ? WHERE id = ? AND fence = ?', [
    (await database.now()) + leaseMs,
    id,
    fence,
  ]);
}

/** The last thing before the mail server is asked. False when the lease was lost: then it must not be asked. */
export async function markSending(database: Database, { id, fence }: ClaimedMail): Promise<boolean> {
  const marked = await database.run(
    `UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE id = ? AND fence = ? AND due_at IS NOT NULL`,
    [id, fence],
  );
  return marked === 1;
}

/** Ends a mail. Sent is sent, whoever holds the row by now; everything else only the holder may say. */
export async function finishMail(
  database: Database,
  { id, fence }: ClaimedMail,
  state: MailState,
  error: string | null = null,
): Promise<void> {
  await database.run(
    `UPDATE outbox SET state = ?, error = ?, due_at = NULL, finished_at = ?, lease_owner = NULL, lease_until = NULL
     WHERE id = ? AND ${state === 'sent' ? "state <> 'sent'" : 'fence = ?'}`,
    [state, error, await database.now(), id, ...(state === 'sent' ? [] : [fence])],
  );
}

/** Gives a mail back after a try that the server refused. */
export async function putOffMail(
  database: Database,
  { id, fence }: ClaimedMail,
  delayMs: number,
  error: string,
): Promise<void> {
  await database.run(
    `UPDATE outbox SET state = 'waiting', error = ?, due_at = ?, lease_owner = NULL, lease_until = NULL
     WHERE id = ? AND fence = ?`,
    [error, (await database.now()) + delayMs, id, fence],
  );
}

/** Queues an unsent mail again because an operator says so. False when there is none, or it is under way or sent. */
export async function sendAgain(database: Database, id: string): Promise<boolean> {
  const now = await database.now();
  const queued = await database.run(
    `UPDATE outbox SET state = 'waiting', due_at = ?, finished_at = NULL, error = NULL, fence = fence + 1, created_at = ?
     WHERE id = ? AND state IN ('unclear', 'dead', 'dropped')`,
    [now, now, id],
  );
  return queued === 1;
}

/** When a mail can next be taken by store time; null when none waits. */
export async function nextMailAt(queries: Queries, kinds: readonly MailKind[]): Promise<Instant | null> {
  const [row] = await queries.rows<{ at: number | string | null }>(
    `SELECT MIN(CASE WHEN lease_until > due_at THEN lease_until ELSE due_at END) AS at FROM outbox
     WHERE due_at IS NOT NULL AND kind IN (${kinds.map(() => '?').join(', ')})`,
    kinds,
  );
  return row?.at === null || row?.at === undefined ? null : Number(row.at);
}

/** A mail as the command line lists it. */
export interface OutboxEntry {
  id: string;
  kind: string;
  accountId: string;
  /** Your product's own id of the account; null where the account is gone. */
  account: string | null;
  state: MailState;
  attempts: number;
  createdAt: Instant;
  finishedAt: Instant | null;
  error: string | null;
}

/** Newest first. */
export async function listMails(
  queries: Queries,
  { id, state, limit }: { id?: string; state?: MailState; limit: number },
): Promise<OutboxEntry[]> {
  const conditions = [...(id ? ['o.id = ?'] : []), ...(state ? ['o.state = ?'] : [])];
  const rows = await queries.rows<
    Row & { external_id: string | null; finished_at: number | string | null; error: string | null }
  >(
    `SELECT o.id, o.kind, o.account_id, a.external_id, o.state, o.attempts, o.created_at, o.finished_at, o.error
     FROM outbox o LEFT JOIN accounts a ON a.id = o.account_id
     ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''} ORDER BY o.created_at DESC, o.id LIMIT ${Math.trunc(limit)}`,
    [...(id ? [id] : []), ...(state ? [state] : [])],
  );
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    accountId: row.account_id,
    account: row.external_id,
    state: row.state,
    attempts: Number(row.attempts),
    createdAt: Number(row.created_at),
    finishedAt: row.finished_at === null ? null : Number(row.finished_at),
    error: row.error,
  }));
}
