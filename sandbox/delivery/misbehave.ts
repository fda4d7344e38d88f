import type { Account } from '../account.js';
import { chanceAt } from '../random.js';
import type { Store } from '../store/store.js';
import type { DeliveryBehavior, DeliveryRow } from '../store/tables.js';

const wellBehaved: DeliveryBehavior = {
  id: 'delivery',
  duplicate: 0,
  drop: 0,
  delay: 0,
  delay_ms: 1000,
  reorder: 0,
  reorder_ms: 300,
  burst_ms: 0,
  hold: false,
  dead: [],
};

export function behaviorOf(store: Store): DeliveryBehavior {
  return store.get('delivery_behavior', 'delivery') ?? wellBehaved;
}

/** How an event reaches an endpoint: usually once and at once; by the configured likelihoods twice, later, out of order or never. `holds`: the invoice that waits for it. */
export function planDeliveries(account: Account, event: string, endpoint: string, holds: string | null): DeliveryRow[] {
  const behavior = behaviorOf(account.store);
  const now = account.clock.wall.now();
  const row: DeliveryRow = {
    id: `${event} ${endpoint}`,
    event,
    endpoint,
    status: 'pending',
    attempts: 0,
    next_attempt_at: 0,
    last_outcome: null,
    holds,
  };
  if (behavior === wellBehaved) return [row];
  const draw = (likelihood: number): boolean => likelihood > 0 && nextChance(account) < likelihood;
  if (draw(behavior.drop)) return [{ ...row, status: 'failed', last_outcome: 'dropped on purpose' }];
  let at = draw(behavior.delay) ? now + behavior.delay_ms : 0;
  if (draw(behavior.reorder)) at = Math.max(at, now) + Math.floor(nextChance(account) * behavior.reorder_ms);
  if (behavior.burst_ms > 0) at = Math.ceil((Math.max(at, now) + 1) / behavior.burst_ms) * behavior.burst_ms;
  const first = { ...row, next_attempt_at: at };
  return draw(behavior.duplicate) ? [first, { ...first, id: `${row.id} again` }] : [first];
}

/** The next number in [0, 1) of the seed's own sequence for misbehaviour. */
export function nextChance(account: Account): number {
  const counter = Number(account.store.get('meta', 'chances')?.value ?? 0) + 1;
  account.store.put('meta', { id: 'chances', value: counter });
  return chanceAt(account.seed, counter);
}
