import { Account } from '../../src/accounts/account.entity.js';
import { newAccount } from '../../src/accounts/account.js';
import type { Database, Transaction } from '../../src/database/database.js';
import type { Random } from '../../src/ports.js';
import { BillingSubscription } from '../../src/subscriptions/subscription.entity.js';
import { apply } from '../../src/sync/apply.js';
import { askAll, claim } from '../../src/sync/queue.js';
import type { Chance } from '../simulation/chance.js';
import { aSubscription } from '../support/states.js';
import type { Operation, Recorded } from './find-anomalies.js';

const ACCOUNTS = 4;
const SUBSCRIPTIONS = 2;

export interface Workload {
  /** Ways in to one store; the clients take turns with them. */
  databases: readonly Database[];
  chance: Chance;
  random: Random;
  clients: number;
  /** Of all the clients together. */
  transactions: number;
  /** How the rows of the accounts are locked first; not at all when left out. */
  forUpdate?: string;
}

/** A list lies in a column of text that the gateway does not look into. */
const columns: Record<string, string> = { accounts: 'metadata', subscriptions: 'pending_change' };

interface Owned {
  account: string;
  keys: string[];
}

/**
 * Clients that append to lists in the rows of accounts and subscriptions, by rounds (claim and `apply`) and by
 * transactions as a mutation has them, and that read all lists by one statement, as an answer does. Ends with such a read.
 */
export async function appendLists(workload: Workload): Promise<Recorded[]> {
  const { databases, chance, clients, transactions } = workload;
  const database = databases[0] as Database;
  const owned = await makeRows(database, chance);
  const history: Recorded[] = [];
  let [begun, value] = [0, 0];
  const client = async (at: number) => {
    const mine = databases[at % databases.length] as Database;
    const own = chance.fork();
    while (begun++ < transactions) {
      const kind = own.whole(1, 10);
      if (kind === 1) history.push(await readAll(mine, owned));
      else await append({ ...workload, chance: own }, mine, kind > 6, owned, history, () => ++value);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, at) => client(at)));
  history.push(await readAll(database, owned));
  return history;
}

/** Rows of their own, so that lists stay short: each history has the next ones. */
async function makeRows(database: Database, chance: Chance): Promise<Owned[]> {
  const run = chance.whole(0, 1e9).toString(36);
  const owned = Array.from({ length: ACCOUNTS }, (_, at): Owned => {
    const account = `acc_${run}_${at}`;
    const subscriptions = Array.from({ length: SUBSCRIPTIONS }, (_s, n) => `subscriptions:sub_${run}_${at}_${n}`);
    return { account, keys: [`accounts:${account}`, ...subscriptions] };
  });
  await database.transaction(async ({ manager }) => {
    for (const { account, keys } of owned) {
      await manager.insert(Account, { ...newAccount(account, 1), id: account, announcedAccess: null });
      for (const key of keys.slice(1)) {
        const row = aSubscription({ id: idOf(key), accountId: account, customerId: `cus_${account}` });
        await manager.insert(BillingSubscription, { ...row, syncedAt: 1, revision: 1 } as never);
      }
    }
  });
  await askAll(database, new Map(owned.map(({ account }) => [`cus_${account}`, 'look'] as const)));
  return owned;
}

const tableOf = (key: string) => key.split(':', 1)[0] as string;
const idOf = (key: string) => key.slice(key.indexOf(':') + 1);
const parse = (text: string | null): number[] => (text === null ? [] : (JSON.parse(text) as number[]));

async function readAll({ read }: Database, owned: readonly Owned[]): Promise<Recorded> {
  const keys = owned.flatMap((one) => one.keys);
  const parts = keys.map(
    (key) => `SELECT '${key}' AS name, ${columns[tableOf(key)]} AS list FROM ${tableOf(key)} WHERE id = ?`,
  );
  const rows = await read.rows<{ name: string; list: string | null }>(parts.join(' UNION ALL '), keys.map(idOf));
  return { operations: rows.map(({ name, list }) => ({ key: name, found: parse(list) })), committed: true };
}

/** One transaction; each of its tries that the database rolls back is a transaction that failed. */
async function append(
  { chance, random, forUpdate = '' }: Workload,
  database: Database,
  byRound: boolean,
  owned: readonly Owned[],
  history: Recorded[],
  next: () => number,
): Promise<void> {
  const [one, other] = [chance.pick(owned), chance.pick(owned)];
  let operations: Operation[] = [];
  const write = async (transaction: Transaction) => {
    if (operations.length > 0) history.push({ operations, committed: false });
    operations = [];
    const accounts = [...new Set([one.account, other.account])];
    await transaction.rows(
      `SELECT id FROM accounts WHERE id IN (${accounts.map(() => '?').join(', ')}) ORDER BY id${forUpdate}`,
      accounts,
    );
    const keys = [...one.keys, ...other.keys];
    for (let left = chance.whole(1, 3); left > 0; left--)
      await touch(transaction, chance.pick(keys), chance.often(0.7) ? next() : null, operations);
    return { verdicts: [], failed: false, retryDelayMs: null };
  };
  const claiming = { owner: random.uuid(), leaseMs: 60_000, billingNow: 0, subject: `cus_${one.account}` };
  const round = byRound ? await claim(database, random, claiming) : null;
  await (round ? apply(database, round, write) : database.transaction(write));
  history.push({ operations, committed: true });
}

/** Reads a list and, given a value, writes it back with that behind its end. */
async function touch({ rows, run }: Transaction, key: string, value: number | null, operations: Operation[]) {
  const [column, table] = [columns[tableOf(key)], tableOf(key)];
  const [row] = await rows<{ list: string | null }>(`SELECT ${column} AS list FROM ${table} WHERE id = ?`, [idOf(key)]);
  const found = parse(row?.list ?? null);
  operations.push({ key, found });
  if (value === null) return;
  await run(`UPDATE ${table} SET ${column} = ? WHERE id = ?`, [JSON.stringify([...found, value]), idOf(key)]);
  operations.push({ key, appended: value });
}
