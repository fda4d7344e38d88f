import { createHash } from 'node:crypto';
import type { Account } from '../accounts/account.entity.js';
import type { Database, Transaction } from '../database/database.js';
import { isDuplicate } from '../database/retry.js';
import type { Loaders } from '../graphql/loaders.js';
import { announceUse } from '../live/use-watch.js';
import { checkClientKey, keyReused } from '../intents/intent-store.js';
import type { Parts } from '../parts.js';
import type { Plan } from '../plans/plan.entity.js';
import { Refusal } from '../refusal.js';
import { type CounterState, decideEntitlement, type EntitlementState, type Standing } from './entitlement.js';
import { readStanding } from './standing.js';
import { formProblem, type UsageAsked, usageProblem } from './usage.js';

export interface UsageRecord extends UsageAsked {
  account: Account;
  /** Makes it count once for this account, however often it is sent. */
  key: string;
}

export interface UsageAnswer {
  /** Null when it was refused. */
  counted: 'NOW' | 'BEFORE' | null;
  /** As it stands afterwards; null where nothing of the kind is counted. */
  entitlement: EntitlementState<Plan> | null;
  refusal: Refusal | null;
}

/** Short transactions: what is counted meanwhile waits for their locks. */
const AT_ONCE = 200;

/** One record on its way, with the ids of its rows. */
interface Counting {
  record: UsageRecord;
  recordId: string;
  counterId: string;
  standing: Standing<Plan>;
}

/**
 * Counts what was used, each record by itself and in the order given: exactly as much as the limit lets through, however
 * many ask at the same time, because counter and key are looked at under one lock. The limit is read before, so a change
 * of plan that is written meanwhile counts as later.
 */
export async function recordUsage(
  parts: Parts,
  loaders: Loaders,
  actor: string,
  records: readonly UsageRecord[],
): Promise<UsageAnswer[]> {
  const answers = new Map<UsageRecord, UsageAnswer>();
  const wanted: Counting[] = [];
  for (const { record, standing } of await withStandings(parts, loaders, records)) {
    const problem = formProblem(standing, record) ?? keyProblem(record.key);
    if (problem) answers.set(record, { counted: null, entitlement: null, refusal: problem });
    else wanted.push({ record, standing, ...idsOf(record) });
  }
  // In the order of their locks; what belongs to one account stays in the order given.
  wanted.sort((left, right) => compare(left.record.account.id, right.record.account.id));
  for (let start = 0; start < wanted.length; start += AT_ONCE) {
    const counted = await countTogether(parts, actor, wanted.slice(start, start + AT_ONCE));
    counted.forEach((answer, record) => answers.set(record, answer));
  }
  const moved = records.filter((record) => answers.get(record)?.counted === 'NOW');
  new Set(moved.map(({ account }) => account.id)).forEach((accountId) => announceUse(parts, accountId));
  return records.map((record) => answers.get(record) as UsageAnswer);
}

const compare = (left: string, right: string): number => (left === right ? 0 : left < right ? -1 : 1);

async function withStandings(parts: Parts, loaders: Loaders, records: readonly UsageRecord[]) {
  const standings = new Map<string, Promise<Standing<Plan>>>();
  for (const { account } of records)
    if (!standings.has(account.id)) standings.set(account.id, readStanding(parts, loaders, account));
  return Promise.all(
    records.map(async (record) => ({ record, standing: (await standings.get(record.account.id)) as Standing<Plan> })),
  );
}

function keyProblem(key: string): Refusal | null {
  try {
    checkClientKey(key);
    return null;
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown;
    throw thrown;
  }
}

/** Names may have any length and script; ids may not. */
const rowId = (accountId: string, name: string): string =>
  `${accountId}:${createHash('sha256').update(name).digest('base64url')}`;

const idsOf = ({ account, key, feature }: UsageRecord) => ({
  recordId: rowId(account.id, key),
  counterId: rowId(account.id, feature),
});

async function countTogether(
  { database, billing }: Pick<Parts, 'database' | 'billing'>,
  actor: string,
  wanted: readonly Counting[],
): Promise<Map<UsageRecord, UsageAnswer>> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answers = await database.transaction((transaction) =>
        countUnderLock(transaction, database.dialect.forUpdate, { actor, at: billing.now() }, wanted),
      );
      if (answers) return answers;
      await makeCounters(database, wanted);
    } catch (thrown) {
      // The same key was counted meanwhile for another feature; looked at again, it is found.
      if (!isDuplicate(thrown) || attempt >= 5) throw thrown;
    }
  }
}

/** Rows exist before they are locked. */
async function makeCounters(database: Database, wanted: readonly Counting[]): Promise<void> {
  const rows = new Map(
    wanted.map(({ counterId, record }) => [counterId, [counterId, record.account.id, record.feature, 0, 0]]),
  );
  await database.insertIfAbsent(
    'usage_counters',
    ['id', 'account_id', 'feature', 'used', 'window_start'],
    [...rows.values()].sort(([left], [right]) => compare(String(left), String(right))),
  );
}

/** Null when a counter is not there yet. */
async function countUnderLock(
  transaction: Transaction,
  forUpdate: string,
  { actor, at }: { actor: string; at: number },
  wanted: readonly Counting[],
): Promise<Map<UsageRecord, UsageAnswer> | null> {
  const counters = await lockCounters(transaction, forUpdate, wanted);
  if (wanted.some(({ counterId }) => !counters.has(counterId))) return null;
  const earlier = await readRecords(transaction, wanted);
  const answers = new Map<UsageRecord, UsageAnswer>();
  const added: unknown[][] = [];
  const changed = new Map<string, CounterState>();
  for (const one of wanted) {
    const { record, recordId, counterId } = one;
    const { account, feature, quantity, key } = record;
    const counted = earlier.get(recordId);
    const answer = counted ? again(one, counters, counted) : count(one, counters);
    answers.set(record, answer.answer);
    if (!answer.counter) continue;
    counters.set(counterId, answer.counter);
    changed.set(counterId, answer.counter);
    earlier.set(recordId, { feature, quantity });
    added.push([recordId, account.id, feature, key, quantity, actor, at]);
  }
  await write(transaction, added, changed);
  return answers;
}

async function lockCounters(
  { rows }: Transaction,
  forUpdate: string,
  wanted: readonly Counting[],
): Promise<Map<string, CounterState>> {
  const ids = [...new Set(wanted.map(({ counterId }) => counterId))];
  const found = await rows<{ id: string; feature: string; used: number | string; window_start: number | string }>(
    `SELECT id, feature, used, window_start FROM usage_counters WHERE id IN (${marks(ids)}) ORDER BY id${forUpdate}`,
    ids,
  );
  return new Map(
    found.map(({ id, feature, used, window_start }) => [
      id,
      { feature, used: Number(used), windowStart: Number(window_start) },
    ]),
  );
}

type Counted = Pick<UsageRecord, 'feature' | 'quantity'>;

async function readRecords({ rows }: Transaction, wanted: readonly Counting[]): Promise<Map<string, Counted>> {
  const ids = wanted.map(({ recordId }) => recordId);
  const found = await rows<{ id: string; feature: string; quantity: number | string }>(
    `SELECT id, feature, quantity FROM usage_records WHERE id IN (${marks(ids)})`,
    ids,
  );
  return new Map(found.map(({ id, feature, quantity }) => [id, { feature, quantity: Number(quantity) }]));
}

const marks = (list: readonly unknown[]): string => list.map(() => '?').join(', ');

interface Outcome {
  answer: UsageAnswer;
  /** Null when it stays as it is. */
  counter: CounterState | null;
}

/** As the counters stand now, for one more use of the feature or for as many as were asked. */
const entitled = (
  { standing, record, counterId }: Counting,
  counters: ReadonlyMap<string, CounterState>,
  quantity = 1,
) =>
  decideEntitlement(
    { ...standing, counters: new Map([[record.feature, counters.get(counterId) as CounterState]]) },
    record.feature,
    quantity,
  );

function again(one: Counting, counters: ReadonlyMap<string, CounterState>, { feature, quantity }: Counted): Outcome {
  const same = feature === one.record.feature && quantity === one.record.quantity;
  const entitlement = entitled(one, counters);
  const answer = same
    ? { counted: 'BEFORE' as const, entitlement, refusal: null }
    : { counted: null, entitlement, refusal: keyReused() };
  return { answer, counter: null };
}

function count(one: Counting, counters: ReadonlyMap<string, CounterState>): Outcome {
  const { record, counterId, standing } = one;
  const before = entitled(one, counters, record.quantity);
  const refusal = usageProblem(before, record);
  if (refusal) return { answer: { counted: null, entitlement: before, refusal }, counter: null };
  const held = counters.get(counterId);
  const counter = {
    feature: record.feature,
    used: Number(before.used) + record.quantity,
    // Another gateway's clock may have begun the next month already.
    windowStart: before.resetsAt === null ? 0 : Math.max(standing.window.startsAt, Number(held?.windowStart)),
  };
  const entitlement = entitled(one, new Map([[counterId, counter]]));
  return { answer: { counted: 'NOW', entitlement, refusal: null }, counter };
}

async function write(
  { run }: Transaction,
  added: readonly (readonly unknown[])[],
  changed: ReadonlyMap<string, CounterState>,
): Promise<void> {
  if (added.length === 0) return;
  await run(
    `INSERT INTO usage_records (id, account_id, feature, client_key, quantity, actor, at)
     VALUES ${added.map((row) => `(${marks(row)})`).join(', ')}`,
    added.flat(),
  );
  for (const [id, { used, windowStart }] of changed)
    await run('UPDATE usage_counters SET used = ?, window_start = ?, revision = revision + 1 WHERE id = ?', [
      used,
      windowStart,
      id,
    ]);
}
