import type { Hint, Hints } from '../../src/ports.js';
import { type Chance, createChance } from './chance.js';
import { type GatewayProcess, startProcess } from './gateway-process.js';
import { type Fences, type Gate, PHASES } from './gate.js';
import { CUSTOMERS, makeHistory, perform, type Step } from './history.js';
import { checkAll } from './invariants.js';
import { leftToDo } from './left-to-do.js';
import { Schedule } from './schedule.js';
import { StripeModel, type SentEvent } from './stripe-model.js';
import { aCustomer, catalogue } from './stripe-objects.js';
import type { Store } from './store.js';
import { Watcher } from './watcher.js';

export interface RunEnd {
  violations: string[];
  /** How often what happened. */
  counts: Map<string, number>;
}

export interface RunOptions {
  seed: number;
  /** What happens at Stripe; made from the seed when left out. */
  history?: readonly Step[];
  /** Changes what a process is given, to plant a bug. */
  plant?: (process: GatewayProcess) => GatewayProcess;
}

export const historyOf = (seed: number): Step[] => makeHistory(createChance(seed).fork());

const MINUTE = 60_000;
const PUSHED_WITHIN_MS = 2_000;
const PROCESSES = 2;

/** One history, delivered to two processes by everything that can go wrong, until all is quiet; then what must hold. */
export async function runSimulation(store: Store, options: RunOptions): Promise<RunEnd> {
  const run = new Run(store, options);
  return run.play(options.history ?? historyOf(options.seed));
}

class Run {
  private readonly chance: Chance;
  private readonly schedule: Schedule;
  private readonly stripe: StripeModel;
  private readonly faults = { failing: 0, stale: 0 };
  private readonly violations = new Set<string>();
  private readonly counts = new Map<string, number>();
  private readonly listeners = new Set<(hint: Hint) => void>();
  private readonly jumps = new Set<(now: number) => void>();
  private readonly processes: GatewayProcess[] = [];
  private readonly watchers: Watcher[] = [];
  private readonly fences: Fences = new Map();
  private billingOffset = 0;
  private underWay = 0;
  private deaths = 0;

  constructor(
    private readonly store: Store,
    private readonly options: RunOptions,
  ) {
    const chance = createChance(options.seed ^ 0x5bd1e995);
    this.chance = chance;
    this.schedule = new Schedule(chance.fork());
    const seconds = () => Math.floor(this.billingNow() / 1000);
    this.stripe = new StripeModel(
      () => this.schedule.now,
      seconds,
      chance.fork(),
      (event) => this.deliver(event),
    );
  }

  async play(history: readonly Step[]): Promise<RunEnd> {
    const { schedule, chance, store } = this;
    await schedule.until(store.reset(schedule));
    catalogue().forEach((raw) => this.stripe.put(raw));
    const accounts: string[] = [];
    // Nobody can tell whose a customer was that is deleted before anybody looked at her.
    const linked = chance.often(0.5) || history.some(({ change }) => change === 'deleteCustomer');
    for (const customer of CUSTOMERS) {
      const account = await schedule.until(store.ensureAccount(`tenant-of-${customer}`));
      accounts.push(account);
      if (linked) await schedule.until(store.link(customer, account));
      this.stripe.put(aCustomer(customer, account, Math.floor(this.billingNow() / 1000)), 'customer.created');
      this.watchers.push(new Watcher(account, schedule, (violation) => this.violations.add(violation)));
    }
    this.faults.failing = chance.pick([0, 0.02, 0.15]);
    this.faults.stale = chance.pick([0, 0.2, 0.6]);
    for (let count = 0; count < PROCESSES; count++) this.start();
    this.freezeNowAndThen();
    this.watchers.forEach((watcher) => this.watch(watcher));
    for (const step of history) {
      await schedule.run(step.wait);
      perform(step, this.stripe, accounts, (second) => this.jumpTo(second * 1000));
    }
    await this.becomeQuiet();
    const tenants = CUSTOMERS.map((customer, at) => ({ customer, account: accounts[at] as string }));
    await checkAll(store.database, this.stripe, tenants, this.billingNow(), (violation) =>
      this.violations.add(violation),
    );
    await this.checkWatchers();
    this.processes.forEach(({ gate }) => (gate.dead = true));
    schedule.clear();
    return { violations: [...this.violations], counts: this.counts };
  }

  private count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  private billingNow(): number {
    return this.schedule.now + this.billingOffset;
  }

  private jumpTo(moment: number): void {
    this.billingOffset = Math.max(this.billingOffset, moment - this.schedule.now);
    [...this.jumps].forEach((listener) => listener(this.billingNow()));
  }

  private start(): void {
    const { schedule, chance, stripe: model, faults } = this;
    const dies = this.deaths < 4 && chance.often(0.5);
    const diesAt = dies ? { phase: chance.pick(PHASES), time: chance.whole(1, 9) } : null;
    const started: GatewayProcess = startProcess(
      {
        ...{ schedule, model, faults },
        chance: chance.fork(),
        database: this.store.database,
        billing: {
          now: () => this.billingNow(),
          onJump: (listener) => (this.jumps.add(listener), () => this.jumps.delete(listener)),
          close() {},
        },
        hints: this.hints(() => started.gate),
        count: (what) => this.count(what),
        fences: this.fences,
        onLateWrite: (subject) => this.violations.add(`a round wrote ${subject} after another had taken over`),
        onDeath: (phase) => {
          this.deaths += 1;
          this.count(`crash in ${phase}`);
          schedule.after(chance.whole(50, 4_000), () => this.start());
        },
      },
      diesAt,
    );
    this.processes.push(this.options.plant?.(started) ?? started);
  }

  private alive(): GatewayProcess[] {
    return this.processes.filter(({ gate }) => !gate.dead);
  }

  /** Freezes a process longer than its lease lasts. */
  private freezeNowAndThen(): void {
    const { schedule, chance } = this;
    if (!chance.often(0.5)) return;
    schedule.after(chance.whole(10, 8_000), () => {
      const [process] = this.alive();
      if (!process) return;
      process.gate.frozenUntil = schedule.now + chance.whole(1_000, 12_000);
      this.count('freezes');
    });
  }

  /** One commit is told to every process at its own pace, or not at all to some; what was told must be pushed soon. */
  private hints(gate: () => Gate): Hints {
    const { schedule, chance } = this;
    return {
      publish: (hint) => {
        for (const listener of this.listeners)
          if (chance.often(0.97)) schedule.after(chance.often(0.5) ? 0 : chance.whole(0, 30), () => listener(hint));
      },
      subscribe: (listener) => {
        const heard = (hint: Hint) => {
          listener(hint);
          this.expectPush(hint, gate());
        };
        this.listeners.add(heard);
        return () => this.listeners.delete(heard);
      },
      close: () => Promise.resolve(),
    };
  }

  private expectPush({ topic, revision }: Hint, gate: Gate): void {
    const told = this.schedule.now;
    this.schedule.after(PUSHED_WITHIN_MS, () => {
      if (gate.dead || gate.frozenUntil >= told) return;
      for (const { account, process, watchingSince, last } of this.watchers) {
        const listening = process?.gate === gate && watchingSince !== null && watchingSince < told;
        if (account === topic && listening && (last?.revision ?? 0) < revision)
          this.violations.add(`revision ${revision} of ${account} was told and not pushed`);
      }
    });
  }

  private watch(watcher: Watcher): void {
    const { schedule, chance } = this;
    const process = chance.pick(this.alive());
    if (process) {
      const missed = (thrown: unknown) => this.violations.add(`a stream broke: ${String(thrown)}`);
      watcher.watch(process, chance.often(0.5)).catch(missed);
      this.count('streams opened');
    }
    // A dead process drops its streams; browsers also leave by themselves.
    const patience = chance.often(0.5) ? chance.whole(250, 1_500) : chance.whole(3_000, 30_000);
    const look = (left: number) => {
      if (process?.gate.dead !== false || left <= 0) return this.watch(watcher);
      schedule.after(250, () => look(left - 250));
    };
    schedule.after(250, () => look(patience));
  }

  /** Stripe posts an event, sometimes again and again, in any order, until somebody has taken it. */
  private deliver(event: SentEvent): void {
    const { schedule, chance } = this;
    if (this.stripe.events.at(-2)?.created === event.created) this.count('ties');
    const copies = chance.often(0.7) ? 1 : chance.whole(2, 10);
    const within = chance.pick([300, 300, 3_000, 20_000]);
    let taken = false;
    this.underWay += copies;
    const attempt = () => {
      const [process] = chance.often(0.1) ? [] : [chance.pick(this.alive())];
      let answered = false;
      const again = () => {
        if (answered) return;
        answered = true;
        if (taken) this.underWay -= 1;
        else schedule.after(chance.whole(1_000, 20_000), attempt);
      };
      if (!process) return again();
      schedule.after(5_000, again);
      process.receive(event).then((stored) => {
        taken ||= stored;
        again();
      }, again);
    };
    for (let copy = 0; copy < copies; copy++) schedule.after(chance.whole(0, within), attempt);
  }

  private async becomeQuiet(): Promise<void> {
    const { schedule } = this;
    const limit = schedule.now + 30 * MINUTE;
    for (let waited = 0; schedule.now < limit; waited++) {
      await schedule.run(1_000);
      if (waited === 20) this.faults.failing = 0;
      if (this.underWay > 0 || this.alive().length < PROCESSES) continue;
      if ((await leftToDo(this.store.database, this.billingNow())) === 0) return;
    }
    this.violations.add('it never became quiet');
  }

  private async checkWatchers(): Promise<void> {
    const { store, schedule } = this;
    const rows = await store.database.read.rows<{ id: string; revision: number }>('SELECT id, revision FROM accounts');
    const behind = () =>
      this.watchers.filter(({ account, last }) => {
        return last?.revision !== Number(rows.find(({ id }) => id === account)?.revision);
      });
    // Hints may be lost; the re-read of what is watched is the promise.
    for (let seconds = 0; seconds < 20 && behind().length > 0; seconds++) await schedule.run(1_000);
    for (const { account, last } of behind())
      this.violations.add(`the last push of ${account} was ${last?.revision} and not the newest revision`);
  }
}
