import type { Database, Transaction } from '../../src/database/database.js';
import type { Chance } from './chance.js';
import type { Schedule } from './schedule.js';
import type { World } from './world.js';

/** Where a process can die. */
export const PHASES = [
  'intake',
  'ask',
  'claim',
  'read',
  'fetch',
  'apply',
  'applying',
  'applied',
  /** Before a call that changes something at Stripe. */
  'write',
  /** After it, before its answer. */
  'written',
  'other',
] as const;
export type Phase = (typeof PHASES)[number];

/** The newest fence of each subject, whoever holds it. */
export type Fences = Map<string, number>;

class Died extends Error {}

/** A driver's failure when its connection breaks: what was asked may have happened or not. */
const connectionLost = () =>
  Object.assign(new Error('Connection lost: The server closed the connection.'), {
    code: 'PROTOCOL_CONNECTION_LOST',
    fatal: true,
  });

/**
 * Everything that a process does to the world passes here: it takes a moment, it waits while the process is frozen,
 * and for a dead process it never comes back.
 */
export class Gate {
  dead = false;
  frozenUntil = 0;
  private passed = 0;
  private readonly claimed: Fences = new Map();
  private readonly schedule: Schedule;
  private readonly chance: Chance;

  constructor(
    private readonly world: World,
    /** Where it dies, and at which time of passing there; null lives on. */
    private readonly diesAt: { phase: Phase; time: number } | null,
    private readonly onDeath: (phase: Phase) => void,
    private readonly fences: Fences,
  ) {
    this.schedule = world.schedule;
    this.chance = world.chance.fork();
  }

  /** Resolves when the process may go on; never, once it is dead. */
  async pass(phase: Phase): Promise<void> {
    this.perish(phase);
    if (this.dead) return new Promise(() => {});
    if (this.chance.often(0.25)) await this.schedule.sleep(this.chance.whole(0, this.chance.often(0.1) ? 60 : 4));
    while (this.frozenUntil > this.schedule.now) await this.schedule.sleep(this.frozenUntil - this.schedule.now);
    if (this.dead) return new Promise(() => {});
  }

  async travel(ms: number, phase: Phase): Promise<void> {
    await this.schedule.sleep(ms);
    await this.pass(phase);
  }

  /** Runs a task of the process, later when it is frozen, never when it is dead. */
  later(ms: number, task: () => void): () => void {
    let cancel = this.schedule.after(ms, () => {
      if (this.dead) return;
      if (this.frozenUntil <= this.schedule.now) return task();
      cancel = this.schedule.after(this.frozenUntil - this.schedule.now, () => this.dead || task());
    });
    return () => cancel();
  }

  /** The process's own view of a database that outlives it. */
  database(shared: Database): Database {
    const around = async <Result>(phase: Phase, work: () => Promise<Result>): Promise<Result> => {
      await this.pass(phase);
      const result = await work();
      await this.pass(phase === 'apply' ? 'applied' : phase);
      return result;
    };
    return {
      dialect: shared.dialect,
      parallelInserts: shared.parallelInserts,
      now: () => shared.now(),
      run: (sql, parameters) =>
        around(phaseOf(sql), async () => {
          const fate = this.fate('write');
          if (fate === 'undone') throw connectionLost();
          const changed = await shared.run(sql, parameters);
          if (changed === 1 && phaseOf(sql) === 'claim') this.noteClaim(parameters ?? [], fate === null);
          if (fate === 'done') throw connectionLost();
          return changed;
        }),
      // What only inserts is repeated by the database's own driver, whatever became of the first time.
      insertIfAbsent: (table, columns, rows) =>
        around('intake', async () => {
          if (this.fate('insert') === 'done') await shared.insertIfAbsent(table, columns, rows);
          return shared.insertIfAbsent(table, columns, rows);
        }),
      transaction: (work) =>
        around('apply', async () => {
          const fate = this.fate('commit');
          const result = await shared.transaction(async (transaction) => {
            const result = await work(this.inside(transaction));
            if (this.chance.often(0.25)) await this.schedule.sleep(this.chance.whole(1, 8));
            if (fate === 'undone') throw connectionLost();
            return result;
          });
          if (fate === 'done') throw connectionLost();
          return result;
        }).catch((thrown: unknown) => {
          if (thrown instanceof Died) return new Promise<never>(() => {});
          throw thrown;
        }),
      migrate: () => shared.migrate(),
      pendingMigrations: () => shared.pendingMigrations(),
      close: () => Promise.resolve(),
      read: {
        rows: async (sql, parameters) => {
          const rows = await shared.read.rows(sql, parameters);
          await this.pass('read');
          return rows as never;
        },
        manager: this.manager(shared.read.manager),
      },
    };
  }

  /** A process that dies inside a transaction loses it: the database rolls back what never committed. */
  private inside(transaction: Transaction): Transaction {
    return {
      ...transaction,
      run: (sql, parameters) => {
        this.perish('applying');
        if (this.dead) throw new Died();
        const subject = String(parameters?.at(-1));
        const releases = sql.startsWith('UPDATE subjects SET lease_owner = NULL');
        if (releases && this.claimed.get(subject) !== this.fences.get(subject))
          this.world.fail(`a round wrote ${subject} after another had taken over`);
        return transaction.run(sql, parameters);
      },
    };
  }

  private manager<Manager extends object>(manager: Manager): Manager {
    return new Proxy(manager, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) => {
          const result: unknown = value.apply(target, given);
          if (!(result instanceof Promise)) return result;
          return result.then(async (found: unknown) => {
            await this.pass('read');
            return found;
          });
        };
      },
    });
  }

  /** What becomes of a write whose answer never comes; null for all others. */
  private fate(what: 'write' | 'insert' | 'commit'): 'done' | 'undone' | null {
    const { faults, count } = this.world;
    if (!this.chance.often(faults.unknown)) return null;
    const fate = this.chance.often(0.5) ? 'done' : 'undone';
    count(`${what} unknown, ${fate}`);
    return fate;
  }

  private noteClaim([, , fence, subject]: readonly unknown[], told: boolean): void {
    if (told) this.claimed.set(String(subject), Number(fence));
    this.fences.set(String(subject), Number(fence));
  }

  private perish(phase: Phase): void {
    if (this.dead || phase !== this.diesAt?.phase || ++this.passed !== this.diesAt.time) return;
    this.dead = true;
    this.onDeath(phase);
  }
}

function phaseOf(sql: string): Phase {
  if (sql.startsWith('INSERT INTO subjects')) return 'ask';
  return sql.includes('lease_owner = ?, lease_until = ?') ? 'claim' : 'other';
}
