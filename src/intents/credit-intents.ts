import type { Queries, Transaction } from '../database/database.js';
import type { Change } from '../history/change.js';
import type { Instant } from '../ports.js';
import { idIn, type StripeEvent } from '../webhooks/stripe-event.js';
import { NO_ENTRY } from './intent-store.js';

/** A finished intent explains what the look after it finds within this time, even without an event that names its key. */
const CREDIT_WINDOW_MS = 120_000;

export interface CreditedIntent {
  id: string;
  verb: string;
  actor: string;
}

interface Candidate extends CreditedIntent {
  stripe_key: string;
  state: 'open' | 'done' | 'failed';
  /** Null until a look begun after it has done with it: all it did is stored then. */
  audit_id: string | null;
  finished_at: number | string | null;
  data: string;
}

/** What a round knows of who made its changes. */
export interface Traces {
  events: readonly { event: StripeEvent | null; receivedAt: Instant }[];
  /** Whether nobody has changed since what the event changed. */
  holds(event: StripeEvent): boolean;
  changes: readonly Pick<Change, 'object' | 'id' | 'before' | 'after'>[];
  /** The round looks at everything, as after an intent. */
  looks: boolean;
  claimedAt: Instant;
  /** The customer who has got her account by it; null when none has. */
  linked: string | null;
}

/**
 * The intents that explain a change. For sure does one whose Stripe key an event of the round names, until it was looked
 * after; then what was created or has been changed since explains nothing more, and a later event that names somebody else
 * contradicts. So does one under way for the customer who has just got her account, though another event's round be first
 * to see it. That the first look after an intent finds what it did is a guess, which such an event contradicts; so is that
 * what nothing else explains is the work of one under way when the round began, and that the DELETE of an event is its
 * own, because Stripe takes no key with these. What nobody can ask for has no such explanation.
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
  const spent = [...named, ...waiting].filter(
    ({ state, audit_id, finished_at }) =>
      traces.looks && state === 'done' && audit_id === null && Number(finished_at) <= traces.claimedAt,
  );
  const explained = !traces.changes.every(isOfAuthority);
  const entry = explained ? auditId : NO_ENTRY;
  for (const { id } of spent) await transaction.run('UPDATE intents SET audit_id = ? WHERE id = ?', [entry, id]);
  if (!explained) return [];
  return explain(named, waiting, traces).map(({ id, verb, actor }) => ({ id, verb, actor }));
}

/** What an authority says of a tax id, long after somebody gave it. */
const isOfAuthority = ({ object, before, after }: Traces['changes'][number]) =>
  object === 'taxId' && before !== null && after !== null && 'verification' in after;

const intentKey = (requestKey: string) => requestKey.split(':', 1)[0] ?? requestKey;

function explain(named: readonly Candidate[], waiting: readonly Candidate[], traces: Traces) {
  const { events, changes, looks, claimedAt, linked } = traces;
  const told = events.flatMap(({ event, receivedAt }) => (event ? [{ ...event, receivedAt }] : []));
  const byDelete = told.some(({ requestKey, type }) => requestKey === null && type.endsWith('.deleted'));
  const keys = named.map(({ stripe_key }) => stripe_key);
  const byOthers = told.filter(
    ({ requestKey, object }) =>
      (requestKey === null ? !byDelete : !keys.includes(intentKey(requestKey))) &&
      changes.some(({ id }) => id === object.id),
  );
  const links = waiting.filter(({ data }) => linked !== null && customerOf(data) === linked);
  const sure = [...new Map([...named, ...links].map((one) => [one.id, one])).values()].filter(
    ({ audit_id }) => audit_id === null,
  );
  const guessed = waiting.filter(
    ({ id, state, finished_at }) =>
      !sure.some((one) => one.id === id) &&
      (byDelete ||
        (state === 'done' && looks && !byOthers.some(({ receivedAt }) => receivedAt >= Number(finished_at)))),
  );
  if (sure.length + guessed.length > 0) return [...sure, ...guessed];
  const theirs = told.filter(({ requestKey }) => requestKey !== null && keys.includes(intentKey(requestKey)));
  const latest = Math.max(...theirs.map(({ created }) => created));
  if (byDelete || byOthers.some(({ created }) => created >= latest)) return [];
  const explains = (event: StripeEvent) =>
    !event.type.endsWith('.created') && changes.some((change) => isOf(change, event.object)) && traces.holds(event);
  if (theirs.some(explains)) return named;
  return waiting.filter(({ state, finished_at }) => state === 'open' || Number(finished_at) > claimedAt);
}

const customerOf = (data: string) => (JSON.parse(data) as { customerId?: unknown }).customerId;

/** Whether a change shows in that object of Stripe's: a customer's in the account, a schedule's in its subscription. */
const isOf = ({ object, id }: Traces['changes'][number], about: StripeEvent['object']) =>
  id === about.id || id === idIn(about, 'subscription') || (object === 'account' && about.object === 'customer');

const CANDIDATE =
  'SELECT id, verb, actor, stripe_key, state, audit_id, finished_at, data FROM intents WHERE account_id = ?';

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
