import { createChance } from './chance.js';
import { customerAt, makeShortHistory, perform, type Plan, type Step } from './history.js';
import { runSimulation } from './run.js';
import type { Store } from './store.js';
import { StripeModel } from './stripe-model.js';
import { aCustomer, catalogue } from './stripe-objects.js';

/** Every order of the numbers below `length`. */
export function permutations(length: number): number[][] {
  if (length === 0) return [[]];
  return permutations(length - 1).flatMap((shorter) =>
    Array.from({ length }, (_nothing, at) => [...shorter.slice(0, at), length - 1, ...shorter.slice(at)]),
  );
}

/** How many events Stripe tells of a history. */
export function eventsOf(steps: readonly Step[]): number {
  let seconds = 1_800_000_000;
  const model = new StripeModel(
    () => seconds * 1000,
    () => seconds,
    createChance(1),
    () => {},
  );
  catalogue().forEach((raw) => model.put(raw));
  model.put(aCustomer(customerAt(0), 'acc', seconds));
  for (const step of steps) perform(step, model, ['acc'], (second) => (seconds = Math.max(seconds, second)));
  return model.events.length;
}

/** The short history of this seed. */
export const shortHistoryOf = (seed: number): Step[] => makeShortHistory(createChance(seed).fork());

/** One customer for each order in which the events of one history can be delivered; what is wrong in the end. */
export async function playAllOrders(store: Store, seed: number): Promise<{ orders: number; violations: string[] }> {
  const steps = shortHistoryOf(seed);
  const orders = permutations(eventsOf(steps));
  const plan: Plan = {
    customers: orders.length,
    // All of them at the same moment, so that all see the same seconds.
    steps: steps.flatMap((step, nth) =>
      orders.map((_order, customer) => ({ ...step, at: nth, customer, name: `${customer}_${nth}` })),
    ),
  };
  const gap = createChance(seed).pick([1, 40, 400]);
  const told = new Map<string, number>();
  const places = new Map(orders.map((order, customer) => [customerAt(customer), order]));
  const delay = ({ customer }: { customer: string }) => {
    const nth = told.get(customer) ?? 0;
    told.set(customer, nth + 1);
    return 500 + (places.get(customer)?.[nth] ?? 0) * gap;
  };
  const { violations } = await runSimulation(store, { seed, plan, delay });
  const whole = [...places].every(([customer, order]) => told.get(customer) === order.length);
  return { orders: orders.length, violations: whole ? violations : [...violations, 'Not every event had its place.'] };
}
