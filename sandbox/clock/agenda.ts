import type { AgendaEntry } from '../store/tables.js';

/** What the clock can have to do, in the order in which steps of one second happen. */
export const agendaKinds = [
  'checkout.session.expire',
  'subscription.incomplete_expire',
  'subscription.pending_update_expire',
  'subscription.trial_will_end',
  'subscription.cancel',
  'subscription_schedule.pause',
  'subscription_schedule.resume',
  'subscription_schedule.phase',
  'subscription_schedule.expiring',
  'subscription.resume_collection',
  'invoice.upcoming',
  'subscription.cycle',
  'invoice.finalize',
  'invoice.retry',
  'invoice.void_unpaid_resume',
  'payment.settle',
  'refund.settle',
  'tax_id.verify',
  'dispute.decide',
] as const;
export type AgendaKind = (typeof agendaKinds)[number];

const rankOf = new Map<string, number>(agendaKinds.map((kind, rank) => [kind, rank]));

interface Slot {
  at: number;
  rank: number;
  order: number;
  id: string;
}

/** The ordered queue of one clock: what is due first comes first; entries that were moved or dropped are skipped. */
export class Agenda {
  private readonly heap: Slot[] = [];
  private order = 0;

  add(entry: AgendaEntry): void {
    this.heap.push({ at: entry.at, rank: rankOf.get(entry.kind) ?? 0, order: ++this.order, id: entry.id });
    let child = this.heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.swapIfLater(parent, child)) break;
      child = parent;
    }
  }

  /** The entry that is due first, found through `current`, which knows whether a slot still stands. */
  first(current: (id: string) => AgendaEntry | undefined): AgendaEntry | undefined {
    for (let top = this.heap[0]; top; top = this.heap[0]) {
      const entry = current(top.id);
      if (entry && entry.at === top.at) return entry;
      this.dropFirst();
    }
    return undefined;
  }

  private dropFirst(): void {
    const last = this.heap.pop();
    if (!last || this.heap.length === 0) return;
    this.heap[0] = last;
    let parent = 0;
    for (;;) {
      const left = 2 * parent + 1;
      const right = left + 1;
      const child = right < this.heap.length && this.goesBefore(right, left) ? right : left;
      if (child >= this.heap.length || !this.swapIfLater(parent, child)) return;
      parent = child;
    }
  }

  private goesBefore(one: number, other: number): boolean {
    const a = this.heap[one];
    const b = this.heap[other];
    if (!a || !b) return false;
    return a.at !== b.at ? a.at < b.at : a.rank !== b.rank ? a.rank < b.rank : a.order < b.order;
  }

  private swapIfLater(parent: number, child: number): boolean {
    if (!this.goesBefore(child, parent)) return false;
    const held = this.heap[parent] as Slot;
    this.heap[parent] = this.heap[child] as Slot;
    this.heap[child] = held;
    return true;
  }
}
