import type { Queries, Transaction } from '../database/database.js';
import type { Change } from '../history/change.js';
import type { Instant } from '../ports.js';
import type { StripeEvent } from '../webhooks/stripe-event.js';

/** A finished intent explains what the look after it finds within this time, even without an event that names its key. */
const CREDIT_WINDOW_MS = 120_000;
/** In place of an entry, where the look after an intent found nothing new. */
const NO_ENTRY = 'none';

export interface CreditedIntent {
  id: string;
  verb: string;
  actor: string;
}

interface Candidate extends CreditedIntent {
  stripe_key: string;
  state: 'open' | 'done' | 'failed';
  /** Null until an entry, or a look that found nothing new, has done with it. */
  audit_id: string | null;
  finished_at: number | string | null;
}

/** What a round knows of who made its changes. */
export interface Traces {
  events: readonly { event: StripeEvent | null; receivedAt: Instant }[];
  changes: readonly Pick<Change, 'id'>[];
  /** The round looks at everything, as after an intent. */
  looks: boolean;
}

/**
 * The intents that explain a change. For sure does one whose Stripe key an event of the round names, until it has its
 * entry and a later event names somebody else. That the first look after an intent finds what it did is a guess, which
 * such an event contradicts; so is that the DELETE of an event is its own, because Stripe takes no key with these.
 */
export async function creditIntents(
  transaction: Transaction,
  accountId: string,
  traces: Traces,
  auditId: string,
  now: Instant,
): Promise<CreditedIntent[]> {
  if (traces.changes.length === 0 && !traces.looks) return [];
  const told = traces.events.flatMap(({ event }) => event?.requestKey ?? []);
  const named = await namedIntents(transaction, accountId, [...new Set(told.map(intentKey))]);
  const waiting = await waitingIntents(transaction, accountId, now - CREDIT_WINDOW_MS);
  const spent = [...named, ...(traces.looks ? waiting : [])].filter(
    ({ state, audit_id }) => state === 'done' && audit_id === null,
  );
  const entry = traces.changes.length > 0 ? auditId : NO_ENTRY;
  for (const { id } of spent) await transaction.run('UPDATE intents SET audit_id = ? WHERE id = ?', [entry, id]);
  return explain(named, waiting, traces).map(({ id, verb, actor }) => ({ id, verb, actor }));
}

const intentKey = (requestKey: string) => requestKey.split(':', 1)[0] ?? requestKey;

function explain(named: readonly Candidate[], waiting: readonly Candidate[], { events, changes, looks }: Traces) {
  const told = events.flatMap(({ event, receivedAt }) => (event ? [{ ...event, receivedAt }] : []));
  const byDelete = told.some(({ requestKey, type }) => requestKey === null && type.endsWith('.deleted'));
  const keys = named.map(({ stripe_key }) => stripe_key);
  const byOthers = told.filter(
    ({ requestKey, object }) =>
      (requestKey === null ? !byDelete : !keys.includes(intentKey(requestKey))) &&
      changes.some(({ id }) => id === object.id),
  );
  const sure = named.filter(({ audit_id }) => audit_id === null);
  const guessed = waiting.filter(
    ({ id, state, finished_at }) =>
      !sure.some((one) => one.id === id) &&
      (byDelete ||
        (state === 'done' && looks && !byOthers.some(({ receivedAt }) => receivedAt >= Number(finished_at)))),
  );
  if (sure.length + guessed.length > 0) return [...sure, ...guessed];
  const latest = Math.max(...told.map(({ requestKey, created }) => (namesOne(requestKey, keys) ? created : 0)));
  return byDelete || byOthers.some(({ created }) => created >= latest) ? [] : named;
}

const namesOne = (requestKey: string | null, keys: readonly string[]) =>
  requestKey !== null && keys.includes(intentKey(requestKey));

const CANDIDATE = 'SELECT id, verb, actor, stripe_key, state, audit_id, finished_at FROM intents WHERE account_id = ?';

const namedIntents = async (queries: Queries, accountId: string, keys: readonly string[]): Promise<Candidate[]> =>
  keys.length === 0
    ? []
    : queries.rows<Candidate>(
        `${CANDIDATE} AND stripe_key IN (${keys.map(() => '?').join(', ')}) ORDER BY created_at DESC`,
        [accountId, ...keys],
      );

const waitingIntents = (queries: Queries, accountId: string, since: Instant): Promise<Candidate[]> =>
  queries.rows<Candidate>(
    `${CANDIDATE} AND audit_id IS NULL AND (state = 'open' OR (state = 'done' AND finished_at > ?))
     ORDER BY created_at DESC`,
    [accountId, since],
  );
