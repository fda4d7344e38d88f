import type { Database, Transaction } from '../database/database.js';
import type { Instant, Ports } from '../ports.js';

/** Long enough for the slowest call between two signs of life; a dead process is replaced after it. */
const LEASE_MS = 60_000;
const RETRY_MS = 60_000;
const SHORTEST_WAIT_MS = 1_000;
/** A call that does not come back is left behind; the lease runs out by itself. */
const STOP_MS = 3_000;

export type ChoreId = 'catch-up' | 'sweep' | 'jobs';

/** What the gateway does again and again by itself, one instance at a time. */
export interface Chore {
  id: ChoreId;
  everyMs: number;
  /** Does one run, or goes on with one that was cut off: `lease.state` is what the last `keep` has stored. */
  run(lease: Lease): Promise<void>;
}

/** The right of one process to do a chore. */
export interface Lease {
  /** What was kept last, by whatever process; null before the first time. */
  readonly state: unknown;
  /** Stores how far the chore has come and keeps the lease alive. Throws LeaseLost when another process has taken over. */
  keep(state: unknown): Promise<void>;
  /**
   * Keeps the lease alive, from that time of the store's, with what a transaction writes: who has lost it writes nothing.
   * Throws LeaseLost.
   */
  holdIn(transaction: Transaction, at: Instant): Promise<void>;
}

export class LeaseLost extends Error {
  constructor(id: ChoreId) {
    super(`Another process goes on with the ${id}.`);
    this.name = 'LeaseLost';
  }
}

interface UpkeepRow {
  fence: number | string;
  due_at: number | string;
  lease_until: number | string | null;
  state: string | null;
}

/**
 * Runs `work` under the lease of a chore and says when it is due again: after `everyMs`, or sooner when it fails. False
 * when another process has the lease, or when the chore is not due and `evenIfNotDue` is not given.
 */
export async function underLease(
  database: Database,
  chore: Pick<Chore, 'id' | 'everyMs'>,
  owner: string,
  work: (lease: Lease) => Promise<void>,
  { evenIfNotDue = false } = {},
): Promise<boolean> {
  const { id, everyMs } = chore;
  await makeRow(database, id);
  const now = await database.now();
  const before = await readRow(database, id);
  const fence = Number(before.fence) + 1;
  const taken = await database.run(
    `UPDATE upkeep SET lease_owner = ?, lease_until = ?, fence = ? WHERE id = ? AND fence = ?
     AND (lease_until IS NULL OR lease_until <= ?) AND due_at <= ?`,
    [owner, now + LEASE_MS, fence, id, fence - 1, now, evenIfNotDue ? Number.MAX_SAFE_INTEGER : now],
  );
  if (taken !== 1) return false;
  const { state } = await readRow(database, id);
  const lease: Lease = {
    state: state === null ? null : (JSON.parse(state) as unknown),
    async keep(next) {
      const kept = await database.run('UPDATE upkeep SET state = ?, lease_until = ? WHERE id = ? AND fence = ?', [
        JSON.stringify(next),
        (await database.now()) + LEASE_MS,
        id,
        fence,
      ]);
      if (kept !== 1) throw new LeaseLost(id);
    },
    async holdIn(transaction, at) {
      const until = at + LEASE_MS;
      const held = await transaction.run('UPDATE upkeep SET lease_until = ? WHERE id = ? AND fence = ?', [
        until,
        id,
        fence,
      ]);
      if (held !== 1) throw new LeaseLost(id);
    },
  };
  const giveBack = async (wait: number, finished: boolean) => {
    const at = await database.now();
    await database.run(
      `UPDATE upkeep SET lease_owner = NULL, lease_until = NULL, due_at = ?${finished ? ', finished_at = ?' : ''}
       WHERE id = ? AND fence = ?`,
      [at + wait, ...(finished ? [at] : []), id, fence],
    );
  };
  try {
    await work(lease);
  } catch (thrown) {
    await giveBack(Math.min(everyMs, RETRY_MS), false);
    throw thrown;
  }
  await giveBack(everyMs, true);
  return true;
}

/** Once it is there, it can be locked. */
export const makeRow = (database: Database, id: ChoreId): Promise<number> =>
  database.insertIfAbsent('upkeep', ['id', 'fence', 'due_at'], [[id, 0, 0]]);

/** Lets nobody else take, keep or lock the lease of a chore before the end of the transaction. */
export const lockRow = async ({ dialect }: Pick<Database, 'dialect'>, transaction: Transaction, id: ChoreId) =>
  void (await transaction.rows(`SELECT id FROM upkeep WHERE id = ?${dialect.forUpdate}`, [id]));

async function readRow({ read }: Database, id: ChoreId): Promise<UpkeepRow> {
  const [row] = await read.rows<UpkeepRow>('SELECT fence, due_at, lease_until, state FROM upkeep WHERE id = ?', [id]);
  if (!row) throw new Error(`The row of the ${id} is gone from the table upkeep.`);
  return row;
}

type UpkeepNeeds = Pick<Ports, 'database' | 'timers' | 'random' | 'log'>;

/** Thrown out of a chore when its process stops; the next one goes on from what was kept. */
class Stopping extends Error {}

/** Does each chore at the start and whenever it is due. Answers how to stop: what runs ends at its next sign of life. */
export function startUpkeep(needs: UpkeepNeeds, chores: readonly Chore[]): () => Promise<void> {
  const stops = chores.map((chore) => repeat(needs, chore));
  return async () => void (await Promise.all(stops.map((stop) => stop())));
}

function repeat({ database, timers, random, log }: UpkeepNeeds, chore: Chore): () => Promise<void> {
  const owner = random.uuid();
  let stopped = false;
  let cancel = () => {};
  const work = (lease: Lease) =>
    chore.run({
      ...lease,
      async keep(state) {
        await lease.keep(state);
        if (stopped) throw new Stopping();
      },
    });
  const once = async (evenIfNotDue: boolean) => {
    try {
      await underLease(database, chore, owner, work, { evenIfNotDue });
    } catch (thrown) {
      if (!(thrown instanceof Stopping))
        log.warn({ err: thrown, chore: chore.id }, 'a chore failed; it is tried again');
    }
    if (stopped) return;
    const wait = await untilDue(database, chore).catch(() => RETRY_MS);
    if (!stopped) cancel = timers.after(wait, () => void (running = once(false)));
  };
  let running = once(true);
  return async () => {
    stopped = true;
    cancel();
    let late = () => {};
    await Promise.race([running, new Promise<void>((resolve) => (late = timers.after(STOP_MS, resolve)))]);
    late();
  };
}

/** Never longer than the chore's own time, whatever another process's row says. */
async function untilDue(database: Database, { id, everyMs }: Chore): Promise<number> {
  const row = await readRow(database, id);
  const at: Instant = Math.max(Number(row.due_at), Number(row.lease_until ?? 0));
  return Math.max(SHORTEST_WAIT_MS, Math.min(everyMs, at - (await database.now())));
}
