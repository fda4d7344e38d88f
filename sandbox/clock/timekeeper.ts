import { inspect } from 'node:util';
import type { Account } from '../account.js';
import { finishAdvance } from '../resources/test-clocks.js';
import type { AgendaEntry } from '../store/tables.js';
import { Agenda, type AgendaKind } from './agenda.js';
import { undeliveredCreation } from '../billing/invoice-steps.js';
import { clockSteps } from './steps.js';

const STEPS_PER_TURN = 100;
const STEPS_PER_CLEANING = 4000;
const EVENT_DAYS = 30;

/** Lets time pass: runs what is due in order, whether the clock ticks or is told to jump. */
export class Timekeeper {
  private readonly agendas = new Map<string, Agenda>();
  private cancelTimer: (() => void) | null = null;
  private turn: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly account: Account,
    /** Resolves once every delivery that is pending now was attempted. */
    private readonly deliveriesAttempted: () => Promise<void>,
  ) {
    for (const entry of account.store.all('agenda')) this.note(entry);
    account.store.onPut('agenda', (entry) => {
      this.note(entry);
      if (entry.clock === null) this.arm();
    });
  }

  /** Moves the sandbox's clock on to `target` (milliseconds), step by step; jumps are never interleaved. */
  advance(target: number): Promise<number> {
    return this.inTurn(async () => {
      const { clock, store } = this.account;
      try {
        const steps = await this.runUntil(null, Math.floor(target / 1000), (at) => clock.moveTo(at * 1000));
        store.transaction(() => clock.moveTo(target));
        this.forgetOld();
        return steps;
      } finally {
        clock.jumped();
        this.arm();
      }
    });
  }

  /** Runs the steps of a test clock until `target` (Unix seconds); then it is ready. */
  advanceTestClock(clock: string, target: number): Promise<number> {
    const { store } = this.account;
    return this.inTurn(async () => {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const steps = await this.runUntil(clock, target, (at) => store.put('clock_time', { id: clock, now: at }));
      store.transaction(() => finishAdvance(this.account, clock, target));
      return steps;
    });
  }

  /** Runs what has become due by the ticking of the clock. */
  tick(): Promise<number> {
    return this.inTurn(async () => {
      try {
        return await this.runUntil(null, Math.floor(this.account.clock.now() / 1000), () => undefined);
      } catch (error) {
        // Nobody waits for a tick: whoever watches the program is told, and the clock goes on.
        process.stderr.write(`${inspect(error)}\n`);
        return 0;
      } finally {
        this.arm();
      }
    });
  }

  /** Runs `work` between two jumps, then tells everybody where the clock is. */
  between(work: () => void): Promise<void> {
    return this.inTurn(async () => {
      work();
      this.account.clock.jumped();
      this.arm();
    });
  }

  /** Whether a step of the sandbox's clock is due now. */
  hasDueWork(): boolean {
    const next = this.next(null);
    return next !== undefined && next.at * 1000 <= this.account.clock.now();
  }

  nextDue(): number | null {
    return this.next(null)?.at ?? null;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelTimer?.();
    await this.turn.catch(() => undefined);
  }

  private inTurn<R>(work: () => Promise<R>): Promise<R> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private async runUntil(clock: string | null, target: number, moveTo: (at: number) => void): Promise<number> {
    let steps = 0;
    for (let entry = this.next(clock); entry && entry.at <= target && !this.stopped; entry = this.next(clock)) {
      if (entry.kind === 'invoice.finalize' && undeliveredCreation(this.account, entry.subject))
        await this.letOthersRun(clock, this.deliveriesAttempted);
      this.run(entry, moveTo);
      if (clock === null && steps % STEPS_PER_CLEANING === 0) this.forgetOld();
      if (++steps % STEPS_PER_TURN === 0)
        await this.letOthersRun(clock, () => new Promise((resolve) => setImmediate(resolve)));
    }
    return steps;
  }

  /** Deliveries go out meanwhile: whoever gets them is told first what time it is, however far the jump has still to go. */
  private letOthersRun(clock: string | null, meanwhile: () => Promise<void>): Promise<void> {
    if (clock === null) this.account.clock.jumped();
    return meanwhile();
  }

  /** One step, its objects, events and deliveries, in one commit. A step that fails is told, and not tried again. */
  private run(entry: AgendaEntry, moveTo: (at: number) => void): void {
    const { account } = this;
    const step = (): void => {
      if (entry.clock !== null || entry.at * 1000 > account.clock.outsideOfSteps()) moveTo(entry.at);
      account.store.remove('agenda', entry.id);
      clockSteps[entry.kind as AgendaKind]?.(account, entry.subject);
    };
    try {
      account.clock.during(entry.clock === null ? entry.at * 1000 : null, () => account.store.transaction(step));
    } catch (error) {
      account.store.transaction(() => account.store.remove('agenda', entry.id));
      throw new Error(
        `The sandbox failed at '${entry.id}', due ${new Date(entry.at * 1000).toISOString()}; the step was dropped.`,
        { cause: error },
      );
    }
  }

  private next(clock: string | null): AgendaEntry | undefined {
    return this.agendas.get(clock ?? '')?.first((id) => this.account.store.get('agenda', id));
  }

  private note(entry: AgendaEntry): void {
    const key = entry.clock ?? '';
    const agenda = this.agendas.get(key) ?? new Agenda();
    this.agendas.set(key, agenda);
    agenda.add(entry);
  }

  private arm(): void {
    this.cancelTimer?.();
    this.cancelTimer = null;
    const next = this.next(null);
    if (!next || this.stopped || this.account.clock.frozen) return;
    const wait = Math.max(0, next.at * 1000 - this.account.clock.now());
    this.cancelTimer = this.account.clock.wall.after(wait, () => void this.tick());
  }

  /** Stripe keeps events for thirty days, and answers to idempotency keys for a day; the lines of a preview as long as these. */
  private forgetOld(): void {
    const { store } = this.account;
    const horizon = this.account.now() - EVENT_DAYS * 86_400;
    const stale = this.account.clock.wall.now() - this.account.settings.idempotencyHours * 3_600_000;
    store.transaction(() => {
      for (const table of ['idempotency', 'invoice_preview'] as const)
        for (const row of store.all(table)) if (row.stored_at < stale) store.remove(table, row.id);
      for (const event of store.all('event')) {
        if (event.created >= horizon) break;
        const deliveries = store.where('delivery', 'event', event.id);
        if (deliveries.some(({ status }) => status === 'pending')) continue;
        for (const { id } of deliveries) store.remove('delivery', id);
        store.remove('event', event.id);
      }
    });
  }
}
