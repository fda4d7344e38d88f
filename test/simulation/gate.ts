import type { Database, Transaction } from '../../src/database/database.js';
import type { Chance } from './chance.js';
import type { Schedule } from './schedule.js';

/** Where a process can die. */
export const PHASES = ['intake', 'ask', 'claim', 'read', 'fetch', 'apply', 'applying', 'applied', 'other'] as const;
export type Phase = (typeof PHASES)[number];

/** The newest fence of each subject, whoever holds it. */
export type Fences = Map<string, number>;

class Died extends Error {}

/**
 * Everything that a process does to the world passes here: it takes a moment, it waits while the process is frozen,
 * and for a dead process it never comes back.
 */
export class Gate {
  dead = false;
  frozenUntil = 0;
  private passed = 0;
  private readonly claimed: Fences = new Map();

  constructor(
    private readonly schedule: Schedule,
    private readonly chance: Chance,
    /** Where it dies, and at which time of passing there; null lives on. */
    private readonly diesAt: { phase: Phase; time: number } | null,
    private readonly onDeath: (phase: Phase) => void,
    private readonly fences: Fences,
    private readonly onLateWrite: (subject: string) => void,
  ) {}

  /** Resolves when the process may go on; never, once it is dead. */
  async pass(phase: Phase): Promise<void> {
    this.perish(phase);
    if (this.dead) return new Promise(() => {});
    if (this.chance.often(0.25)) await this.schedule.sleep(this.chance.whole(0, this.chance.often(0.1) ? 60 : 4));
    while (this.frozenUntil > this.schedule.now) await this.schedule.sleep(this.frozenUntil - this.schedule.now);
    if (this.dead) return new Promise(() => {});
  }

  async travel(ms: number): Promise<void> {
    await this.schedule.sleep(ms);
    await this.pass('fetch');
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
          const changed = await shared.run(sql, parameters);
          if (changed === 1 && phaseOf(sql) === 'claim') this.noteClaim(parameters ?? []);
          return changed;
        }),
      insertIfAbsent: (table, columns, rows) => around('intake', () => shared.insertIfAbsent(table, columns, rows)),
      transaction: (work) =>
        around('apply', () =>
          shared.transaction(async (transaction) => {
            const result = await work(this.inside(transaction));
            if (this.chance.often(0.25)) await this.schedule.sleep(this.chance.whole(1, 8));
            return result;
          }),
        ).catch((thrown: unknown) => {
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
        if (releases && this.claimed.get(subject) !== this.fences.get(subject)) this.onLateWrite(subject);
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

  private noteClaim([, , fence, subject]: readonly unknown[]): void {
    this.claimed.set(String(subject), Number(fence));
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
