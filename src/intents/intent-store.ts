import type { Database, Transaction } from '../database/database.js';
import type { Instant } from '../ports.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { OLDEST_READ_MS } from '../sync/suspect.js';
import type { Intent, IntentFailure, IntentState } from './intent.js';

/** A caller's idempotency key answers for this long. */
export const CLIENT_KEY_LIFE_MS = 24 * 3_600_000;

interface IntentRow {
  id: string;
  account_id: string;
  verb: string;
  client_key: string | null;
  arguments_hash: string;
  stripe_key: string;
  state: IntentState;
  step: number | string;
  data: string;
  outcome: string | null;
  actor: string;
  attempts: number | string;
  created_at: number | string;
}

/** What both databases keep and compare alike: blanks at the end count on one of them only. */
const CLIENT_KEY = /^[\x21-\x7e]{1,255}$/;

/** Throws Refusal: INVALID. */
export function checkClientKey(key: string): void {
  if (CLIENT_KEY.test(key)) return;
  throw new Refusal(
    UserErrorCode.INVALID,
    'The idempotency key must be 1 to 255 printable ASCII characters without blanks.',
    { field: ['input', 'idempotencyKey'], hint: 'A random UUID is a good one.' },
  );
}

export const keyReused = () =>
  new Refusal(UserErrorCode.IDEMPOTENCY_KEY_REUSED, 'This idempotency key was used with another input.', {
    field: ['input', 'idempotencyKey'],
    hint: 'Use a fresh key for every new request.',
  });

const inProgress = () =>
  new Refusal(
    UserErrorCode.IN_PROGRESS,
    'An earlier request with this key is still running, or its outcome is not known yet.',
    {
      hint: 'Try again in a moment with the same key.',
    },
  );

const COLUMNS =
  'id, account_id, verb, client_key, arguments_hash, stripe_key, state, step, data, outcome, actor, attempts, created_at';

function toIntent<Data>(row: IntentRow): Intent<Data> {
  return {
    id: row.id,
    accountId: row.account_id,
    verb: row.verb,
    clientKey: row.client_key,
    argumentsHash: row.arguments_hash,
    stripeKey: row.stripe_key,
    state: row.state,
    step: Number(row.step),
    data: JSON.parse(row.data) as Data,
    failure: row.outcome === null ? null : (JSON.parse(row.outcome) as IntentFailure),
    actor: row.actor,
    attempts: Number(row.attempts),
    createdAt: Number(row.created_at),
    openedAtRevision: null,
  };
}

export type NewIntent<Data> = Pick<
  Intent<Data>,
  'id' | 'accountId' | 'verb' | 'clientKey' | 'argumentsHash' | 'stripeKey' | 'data' | 'actor' | 'createdAt'
>;

export interface OpenOptions {
  /** Refuse with CONFLICT when the account has moved on. */
  expectedRevision?: number | null;
  /**
   * Asked once nothing else stands in the way; throws Refusal. What it refuses leaves no trace, so the same client key
   * may be used again.
   */
  guard?: ((transaction: Transaction, now: Instant) => Promise<void>) | undefined;
  /** When the completer may take it over. */
  dueAt: Instant;
}

/**
 * Stores a new intent, or answers the one that the same client key made. The account's row is locked meanwhile, so
 * two tabs cannot both open one. Throws Refusal: CONFLICT, IN_PROGRESS or IDEMPOTENCY_KEY_REUSED.
 */
export async function openIntent<Data>(
  transaction: Transaction,
  { dialect }: Pick<Database, 'dialect'>,
  wanted: NewIntent<Data>,
  { expectedRevision, guard, dueAt }: OpenOptions,
): Promise<{ intent: Intent<Data>; isNew: boolean }> {
  if (wanted.clientKey !== null) checkClientKey(wanted.clientKey);
  const [account] = await transaction.rows<{ revision: number | string }>(
    `SELECT revision FROM accounts WHERE id = ?${dialect.forUpdate}`,
    [wanted.accountId],
  );
  const currentRevision = Number(account?.revision ?? 0);
  const earlier = await sameKey<Data>(transaction, wanted);
  if (earlier) return { intent: earlier, isNew: false };
  if (typeof expectedRevision === 'number' && expectedRevision !== currentRevision) {
    throw new Refusal(
      UserErrorCode.CONFLICT,
      `The account is at revision ${currentRevision}, not ${expectedRevision}.`,
      {
        currentRevision,
        hint: 'Read the account again and repeat the change if it still makes sense.',
      },
    );
  }
  const [open] = await transaction.rows<{ verb: string }>('SELECT verb FROM intents WHERE open_for = ?', [
    wanted.accountId,
  ]);
  if (open) {
    throw new Refusal(UserErrorCode.CONFLICT, `Another request (${open.verb}) for this account is still under way.`, {
      currentRevision,
      hint: 'Wait a moment, read the account again and repeat the change if it still makes sense.',
    });
  }
  await guard?.(transaction, wanted.createdAt);
  await insertIntent(transaction, wanted, dueAt);
  const fresh = { state: 'open', step: 0, failure: null, attempts: 0, openedAtRevision: currentRevision } as const;
  return { intent: { ...wanted, ...fresh }, isNew: true };
}

async function sameKey<Data>(transaction: Transaction, wanted: NewIntent<Data>): Promise<Intent<Data> | null> {
  if (wanted.clientKey === null) return null;
  const [row] = await transaction.rows<IntentRow>(
    `SELECT ${COLUMNS} FROM intents WHERE account_id = ? AND client_key = ?`,
    [wanted.accountId, wanted.clientKey],
  );
  if (!row) return null;
  const intent = toIntent<Data>(row);
  if (intent.state !== 'open' && wanted.createdAt - intent.createdAt > CLIENT_KEY_LIFE_MS) {
    await transaction.run('UPDATE intents SET client_key = NULL WHERE id = ?', [intent.id]);
    return null;
  }
  if (intent.verb !== wanted.verb || intent.argumentsHash !== wanted.argumentsHash) {
    throw keyReused();
  }
  // Of one that nothing had to be done for, the answer is told by whoever remembers it.
  if (intent.state === 'open' || intent.state === 'idle') throw inProgress();
  return intent;
}

/**
 * The intent that a caller's key made within the last day; null for none, and for one that was left unfinished where the
 * caller `goesOn` with it.
 * Throws Refusal: IDEMPOTENCY_KEY_REUSED, IN_PROGRESS.
 */
export async function intentOfKey(
  { read }: Pick<Database, 'read'>,
  {
    accountId,
    clientKey,
    argumentsHash,
    goesOn,
  }: { accountId: string; clientKey: string; argumentsHash: string; goesOn: boolean },
  now: Instant,
): Promise<Intent | null> {
  const [row] = await read.rows<IntentRow & { due_at: number | string | null }>(
    `SELECT ${COLUMNS}, due_at FROM intents WHERE account_id = ? AND client_key = ? AND created_at >= ?`,
    [accountId, clientKey, now - CLIENT_KEY_LIFE_MS],
  );
  if (!row || row.state === 'idle') return null;
  if (row.arguments_hash !== argumentsHash) throw keyReused();
  if (row.state !== 'open') return toIntent(row);
  if (goesOn && Number(row.due_at) <= now + LEFT_MS) return null;
  throw inProgress();
}

async function insertIntent<Data>(transaction: Transaction, wanted: NewIntent<Data>, dueAt: Instant): Promise<void> {
  await transaction.run(
    `INSERT INTO intents (id, account_id, verb, client_key, arguments_hash, stripe_key, state, open_for, step, data, actor, attempts, created_at, due_at)
     VALUES (?, ?, ?, ?, ?, ?, 'open', ?, 0, ?, ?, 0, ?, ?)`,
    [
      wanted.id,
      wanted.accountId,
      wanted.verb,
      wanted.clientKey,
      wanted.argumentsHash,
      wanted.stripeKey,
      wanted.accountId,
      JSON.stringify(wanted.data),
      wanted.actor,
      wanted.createdAt,
      dueAt,
    ],
  );
}

/** Remembers that a step is done. False when the intent is no longer open: somebody else finished it. */
export async function storeStep<Data>(
  where: Pick<Transaction, 'run'>,
  intent: Intent<Data>,
  dueAt: Instant,
): Promise<boolean> {
  const kept = await where.run("UPDATE intents SET step = ?, data = ?, due_at = ? WHERE id = ? AND state = 'open'", [
    intent.step,
    JSON.stringify(intent.data),
    dueAt,
    intent.id,
  ]);
  return kept === 1;
}

/** In place of an entry of the history, where the look after an intent found nothing new. */
export const NO_ENTRY = 'none';

/**
 * Ends an intent; one that nothing is looked at after has `NO_ENTRY` at once. What failed at Stripe gives its client key
 * back, so that the caller may try again with it.
 */
export async function closeIntent<Data>(
  where: Pick<Transaction, 'run'>,
  intent: Intent<Data>,
  failure: IntentFailure | null,
  finishedAt: Instant,
  entry: typeof NO_ENTRY | null = null,
): Promise<void> {
  await where.run(
    `UPDATE intents SET state = ?, step = ?, data = ?, outcome = ?, open_for = NULL, due_at = NULL, finished_at = ?, audit_id = ?
       ${failure?.code === 'PROVIDER' ? ', client_key = NULL' : ''}
     WHERE id = ? AND state = 'open'`,
    [
      failure ? 'failed' : 'done',
      intent.step,
      JSON.stringify(intent.data),
      failure && JSON.stringify(failure),
      finishedAt,
      entry,
      intent.id,
    ],
  );
}

/** Says when an open intent, which nobody works on, is due; not where somebody else has taken it over. */
export async function postpone<Data>(
  database: Database,
  { id, attempts }: Intent<Data>,
  dueAt: Instant,
): Promise<void> {
  await database.run("UPDATE intents SET due_at = ? WHERE id = ? AND attempts = ? AND state = 'open'", [
    dueAt,
    id,
    attempts,
  ]);
}

/**
 * So long after its caller had to give up is an intent due: then Stripe's answers are no older than the call that failed.
 * Whoever asks for the same before goes on with it under its own Stripe key, which needs no look.
 */
export const LEFT_MS = OLDEST_READ_MS + 1_000;

/** Takes up the open intent of the same request, whose caller had to give up; null when there is none. */
export async function takeLeftIntent<Data>(
  database: Database,
  wanted: Pick<NewIntent<Data>, 'accountId' | 'verb' | 'argumentsHash' | 'clientKey'>,
  now: Instant,
  leaseMs: number,
): Promise<Intent<Data> | null> {
  const { accountId, verb, argumentsHash, clientKey } = wanted;
  const [row] = await database.read.rows<IntentRow & { due_at: number | string }>(
    `SELECT ${COLUMNS}, due_at FROM intents
     WHERE open_for = ? AND verb = ? AND arguments_hash = ? AND attempts = 0 AND due_at <= ?`,
    [accountId, verb, argumentsHash, now + LEFT_MS],
  );
  if (row?.client_key !== clientKey) return null;
  const taken = await database.run(
    "UPDATE intents SET due_at = ? WHERE id = ? AND state = 'open' AND attempts = 0 AND due_at = ?",
    [now + leaseMs, row.id, row.due_at],
  );
  return taken === 1 ? toIntent<Data>(row) : null;
}

/** Takes over one open intent, of that account or of any, whose caller has given up or died; null when none is due. */
export async function takeOverdueIntent(
  database: Database,
  now: Instant,
  leaseMs: number,
  accountId?: string,
): Promise<Intent | null> {
  const [row] = await database.read.rows<IntentRow>(
    `SELECT ${COLUMNS} FROM intents WHERE due_at <= ?${accountId === undefined ? '' : ' AND open_for = ?'} ORDER BY due_at LIMIT 1`,
    accountId === undefined ? [now] : [now, accountId],
  );
  if (!row) return null;
  const attempts = Number(row.attempts) + 1;
  const taken = await database.run(
    "UPDATE intents SET attempts = ?, due_at = ? WHERE id = ? AND attempts = ? AND state = 'open' AND due_at <= ?",
    [attempts, now + leaseMs, row.id, attempts - 1, now],
  );
  return taken === 1 ? { ...toIntent(row), attempts } : null;
}
