import type { Metrics } from '../operations/figures.js';
import type { Change } from '../history/change.js';
import type { Round } from './queue.js';
import type { Verdict } from './verdict.js';

/** Counts what became of the events of a round. */
export function observeRound(metrics: Metrics, round: Round, verdicts: readonly Verdict[], wallNow: number): void {
  const events = new Map(round.events.map((event) => [event.id, event]));
  for (const { id, state, why } of verdicts) {
    const event = events.get(id);
    if (!event) continue;
    const { type } = event;
    if (why === 'stale' && state === 'done') metrics.count('billing_stale_fetch_total');
    if (state === 'dead') metrics.count('billing_webhook_dead_total');
    if (state === 'done') {
      metrics.count('billing_webhook_processed_total', { type });
      metrics.observe('billing_webhook_latency_seconds', Math.max(0, wallNow - event.receivedAt) / 1_000, { type });
    } else if (why) metrics.count('billing_webhook_failed_total', { type, class: why });
  }
}

/** Counts what happened to subscriptions and checkouts, from the changes that history keeps. */
export function observeChanges(metrics: Metrics, changes: readonly Change[]): void {
  for (const change of changes) {
    const { object, before, after } = change;
    if (object === 'checkoutSession' && after?.status === 'COMPLETE') metrics.count('billing_checkout_completed_total');
    if (object !== 'subscription') continue;
    for (const kind of stepsOf(change)) metrics.count('billing_subscription_event_total', { kind });
    const [from, to] = [before?.planKey, after?.planKey];
    if (typeof from === 'string' && typeof to === 'string') metrics.count('billing_plan_changed_total', { from, to });
  }
}

/** `after` holds only the fields that differ. */
function stepsOf({ before, after }: Change): string[] {
  if (!after) return [];
  const status = typeof after.status === 'string' ? [after.status.toLowerCase()] : [];
  if (!before) return ['created', ...status];
  const steps = [...status];
  if ('currentPeriodStart' in after && before.currentPeriodStart !== null) steps.push('renewed');
  const ends = (state: Record<string, unknown>) =>
    state.cancelAtPeriodEnd === true || typeof state.cancelAt === 'number';
  if ('cancelAtPeriodEnd' in after || 'cancelAt' in after)
    if (ends(after) !== ends(before)) steps.push(ends(after) ? 'cancellation_set' : 'cancellation_undone');
  return steps;
}

/** Counts a look at a product: null when Stripe could not be asked. */
export function observeProduct(
  metrics: Metrics,
  product: { problems: readonly { field: string | null; warning?: boolean }[] } | null,
  changed: boolean,
): void {
  metrics.count('billing_catalog_sync_total', { result: !product ? 'failed' : changed ? 'changed' : 'unchanged' });
  for (const { field } of product?.problems.filter(({ warning }) => !warning) ?? [])
    metrics.count('billing_catalog_product_failed_total', { reason: field ?? 'product' });
}
