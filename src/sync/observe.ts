import type { Metrics } from '../operations/figures.js';
import type { Change } from '../history/change.js';
import { InvoiceReason, type InvoiceState, InvoiceStatus } from '../invoices/invoice.js';
import { PaymentActionKind } from '../payments/invoice-payment.js';
import type { PendingChangeState } from '../subscriptions/pending-change.js';
import type { Round } from './queue.js';
import type { Verdict } from './verdict.js';

/** What takes longer from its delivery to the end of its round is slow. */
export const SLOW_MS = 5_000;

/** Counts what became of the events of a round. */
export function observeRound(
  metrics: Metrics,
  round: Round,
  { verdicts, late = [] }: { verdicts: readonly Verdict[]; late?: readonly string[] },
  wallNow: number,
): void {
  const events = new Map(round.events.map((event) => [event.id, event]));
  for (const { id, state, why } of verdicts) {
    const event = events.get(id);
    if (!event) continue;
    const { type } = event;
    if (why === 'stale' && state === 'done') metrics.count('billing_stale_fetch_total');
    if (state === 'dead') metrics.count('billing_webhook_dead_total');
    if (state === 'done') {
      metrics.count('billing_webhook_processed_total', { type });
      if (event.again) continue;
      const latencyMs = Math.max(0, wallNow - event.receivedAt);
      metrics.observe('billing_webhook_latency_seconds', latencyMs / 1_000, { type });
      if (latencyMs > SLOW_MS) metrics.count('billing_webhook_slow_total', { type });
      if (late.includes(id)) metrics.count('billing_webhook_late_total', { type });
    } else if (why) metrics.count('billing_webhook_failed_total', { type, class: why });
  }
}

/** Counts what happened to subscriptions, invoices and checkouts, from the changes that history keeps. */
export function observeChanges(metrics: Metrics, changes: readonly Change[]): void {
  for (const change of changes) {
    const { object, before, after } = change;
    if (object === 'checkoutSession' && after?.status === 'COMPLETE') metrics.count('billing_checkout_completed_total');
    if (object === 'invoice') observeInvoice(metrics, change);
    if (object !== 'subscription') continue;
    observeBooking(metrics, change);
    for (const kind of stepsOf(change)) metrics.count('billing_subscription_event_total', { kind });
    const [from, to] = [before?.planKey, after?.planKey];
    if (typeof from === 'string' && typeof to === 'string') metrics.count('billing_plan_changed_total', { from, to });
  }
}

function observeInvoice(metrics: Metrics, { before, after }: Change): void {
  const count = (outcome: string) => metrics.count('billing_invoice_total', { outcome });
  if (after?.status === InvoiceStatus.PAID) count('paid');
  if (after?.paymentAction === PaymentActionKind.CONFIRM_PAYMENT) count('action_required');
  else if (after?.paymentAction) count('failed');
  if (before || after?.reason !== InvoiceReason.SUBSCRIPTION_CHANGE) return;
  const { lines, currency } = after as Pick<InvoiceState, 'lines' | 'currency'>;
  for (const { amount } of lines.filter(({ proration }) => proration)) {
    const direction = amount < 0 ? 'credit' : 'charge';
    metrics.add('billing_proration_minor_total', Math.abs(amount), { currency, direction });
  }
}

/** A booked change that goes away with a new price or other seats was made; else it was taken back. */
function observeBooking(metrics: Metrics, { before, after }: Change): void {
  const booked = (state: Change['after']) => (state?.pendingChange as PendingChangeState | null)?.state === 'SCHEDULED';
  if (booked(after)) metrics.count('billing_downgrade_scheduled_total');
  else if (booked(before) && after && ('priceId' in after || 'seats' in after))
    metrics.count('billing_downgrade_applied_total');
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
