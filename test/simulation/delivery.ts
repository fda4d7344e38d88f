import type { Fleet } from './fleet.js';
import type { SentEvent } from './stripe-model.js';
import type { World } from './world.js';

/** Stripe's deliveries: again and again, in any order, until somebody has taken them; or never. */
export class Delivery {
  /** Copies that are still to arrive or to be answered. */
  underWay = 0;
  /** Share of events that no delivery ever brings. */
  losing = 0;
  /** When those happened, by id. */
  private readonly lost = new Map<string, number>();
  /** When something last changed in a customer of which no event tells at all. */
  readonly silent = new Map<string, number>();
  private newest = 0;

  constructor(
    private readonly world: World,
    private readonly fleet: Fleet,
    private readonly delay?: (event: SentEvent) => number,
  ) {}

  /** Whether deliveries go the way they go, and are not put into an order. */
  get isAsItComes(): boolean {
    return this.delay === undefined;
  }

  send(event: SentEvent): void {
    const { schedule, chance, count } = this.world;
    if (this.newest === event.created) count('ties');
    this.newest = event.created;
    if (chance.often(this.losing)) return this.lose(event);
    const wait = event.type === 'customer.created' ? undefined : this.delay?.(event);
    const copies = wait !== undefined || chance.often(0.7) ? 1 : chance.whole(2, 10);
    const within = chance.pick([300, 300, 3_000, 20_000]);
    this.underWay += copies;
    const letter = { event, taken: false };
    for (let copy = 0; copy < copies; copy++)
      schedule.after(wait ?? chance.whole(0, within), () => this.attempt(letter));
  }

  private lose(event: SentEvent): void {
    const { schedule, chance, count } = this.world;
    if (event.type === 'customer.subscription.updated' && chance.often(0.3)) {
      event.silent = true;
      this.silent.set(event.customer, schedule.now);
      return count('changes without an event');
    }
    this.lost.set(event.id, schedule.now);
    count('events never delivered');
  }

  private attempt(letter: { event: SentEvent; taken: boolean }): void {
    const { schedule, chance } = this.world;
    const process = chance.often(0.1) ? undefined : chance.pick(this.fleet.alive());
    let answered = false;
    const again = () => {
      if (answered) return;
      answered = true;
      if (letter.taken) this.underWay -= 1;
      else schedule.after(chance.whole(1_000, 20_000), () => this.attempt(letter));
    };
    if (!process) return again();
    schedule.after(5_000, again);
    process.receive(letter.event).then((stored) => {
      letter.taken ||= stored;
      again();
    }, again);
  }

  /** The longest from an event that was never delivered to the end of the round that acted on it. */
  async longestDrift(): Promise<number> {
    const rows = await this.world.store.database.read.rows<{ id: string; finished_at: number }>(
      'SELECT id, finished_at FROM stripe_events WHERE finished_at IS NOT NULL',
    );
    const ages = rows.map(({ id, finished_at }) => Number(finished_at) - (this.lost.get(id) ?? Infinity));
    return Math.max(0, ...ages);
  }
}
