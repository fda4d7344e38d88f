import type { BillingClock } from '../../src/ports.js';
import { type Chance, createChance } from './chance.js';
import { Schedule } from './schedule.js';
import { type SentEvent, StripeModel } from './stripe-model.js';
import type { Store } from './store.js';

/** Shares of what goes wrong, of all that could. */
export interface Faults {
  /** Calls to Stripe that fail before they have an effect, and mails. */
  failing: number;
  /** Calls to Stripe that are answered by a replica that lags behind. */
  stale: number;
  /** Writes whose answer never comes, committed or not. */
  unknown: number;
}

/** What all parts of a run share: one time, one chance, one Stripe, one database, and what was found. */
export class World {
  readonly chance: Chance;
  readonly schedule: Schedule;
  readonly stripe: StripeModel;
  readonly faults: Faults = { failing: 0, stale: 0, unknown: 0 };
  readonly violations = new Set<string>();
  /** How often what happened. */
  readonly counts = new Map<string, number>();
  private readonly jumps = new Set<(now: number) => void>();
  private billingOffset = 0;

  constructor(
    readonly store: Store,
    seed: number,
    tell: (event: SentEvent) => void,
  ) {
    this.chance = createChance(seed ^ 0x5bd1e995);
    this.schedule = new Schedule(this.chance.fork());
    const seconds = () => Math.floor(this.billingNow() / 1000);
    this.stripe = new StripeModel(() => this.schedule.now, seconds, this.chance.fork(), tell);
  }

  readonly fail = (violation: string): void => void this.violations.add(violation);

  readonly count = (what: string, times = 1): void => void this.counts.set(what, (this.counts.get(what) ?? 0) + times);

  billingNow(): number {
    return this.schedule.now + this.billingOffset;
  }

  /** Jumps billing time to this moment; time never goes back. */
  readonly jumpTo = (moment: number): void => {
    this.billingOffset = Math.max(this.billingOffset, moment - this.schedule.now);
    [...this.jumps].forEach((listener) => listener(this.billingNow()));
  };

  /** The billing clock of a process whose own clock is so many milliseconds wrong. */
  billingClock(skew: () => number): BillingClock {
    return {
      now: () => this.billingNow() + skew(),
      onJump: (listener) => (this.jumps.add(listener), () => this.jumps.delete(listener)),
      close() {},
    };
  }
}
