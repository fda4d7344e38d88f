import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';
import { applyChange } from './apply-change.js';
import { cancelSubscription } from './cancel-subscription.js';
import { changeSubscription, withItems } from './change-subscription.js';
import { createSubscription } from './create-subscription.js';
import { cycleSubscription } from './cycle.js';
import { addOneTimeItems } from './invoice-items.js';
import type { Subscription } from './lines.js';
import { swapItems } from './swap-items.js';
import { planPause } from './scheduled-pause.js';
import { closeUsage, replacedItems } from './usage.js';
import { discountsIn, itemsForPhase, oneTimeItemsOf, patchOfPhase } from './schedule-phase.js';

type Schedule = Tables['subscription_schedule'];
type Phase = Schedule['phases'][number];

const EXPIRING = 7 * 86_400;

export function phaseAt(schedule: Schedule, moment: number): Phase | undefined {
  return schedule.phases.find((phase) => phase.start_date <= moment && moment < phase.end_date);
}

/** Ties the schedule to its subscription, and plans what comes next. */
export function attachSchedule(account: Account, id: string, subscription: string, event: string): Schedule {
  const schedule = account.store.get('subscription_schedule', id) as Schedule;
  const phase = phaseAt(schedule, account.now(schedule.customer)) ?? schedule.phases[0];
  const active = account.update('subscription_schedule', id, {
    status: 'active',
    subscription,
    current_phase: phase ? { start_date: phase.start_date, end_date: phase.end_date } : null,
  });
  if (event.endsWith('.updated'))
    account.emit(event, active, {
      status: schedule.status,
      subscription: schedule.subscription,
      current_phase: schedule.current_phase,
    });
  else account.emit(event, active);
  changeSubscription(account, subscription, { schedule: id });
  planSchedule(account, active);
  return active;
}

/** Writes the schedule's next boundary into the agenda. */
export function planSchedule(account: Account, schedule: Schedule): void {
  const { id, customer } = schedule;
  const now = account.now(customer);
  planPause(account, schedule);
  if (schedule.status !== 'active' && schedule.status !== 'not_started') {
    account.unplan('subscription_schedule.phase', id);
    account.unplan('subscription_schedule.expiring', id);
    return;
  }
  const boundaries = schedule.phases.flatMap((phase) => [phase.start_date, phase.end_date]).filter((at) => at > now);
  const next = boundaries.sort((one, other) => one - other)[0];
  if (next !== undefined) account.plan('subscription_schedule.phase', id, next, customer);
  const expiring = (schedule.phases.at(-1)?.end_date ?? 0) - EXPIRING;
  if (expiring > now) account.plan('subscription_schedule.expiring', id, expiring, customer);
}

/** A boundary between phases: the next one begins, or the schedule ends. */
export function enterPhase(account: Account, id: string): void {
  const schedule = account.store.get('subscription_schedule', id);
  if (!schedule || (schedule.status !== 'active' && schedule.status !== 'not_started')) return;
  const phase = phaseAt(schedule, account.now(schedule.customer));
  if (!phase) return endSchedule(account, schedule);
  if (!schedule.subscription) return startScheduled(account, schedule, phase);
  account.update(
    'subscription_schedule',
    id,
    { current_phase: { start_date: phase.start_date, end_date: phase.end_date } },
    'subscription_schedule.updated',
  );
  changeToPhase(account, account.store.get('subscription', schedule.subscription) as Subscription, phase);
  planSchedule(account, schedule);
}

function startScheduled(account: Account, schedule: Schedule, phase: Phase): void {
  const payable =
    phase.default_payment_method ??
    account.store.get('customer', schedule.customer)?.invoice_settings.default_payment_method;
  const { subscription } = createSubscription(account, {
    customer: schedule.customer,
    items: phase.items.map((item) => ({
      price: String(item.price),
      accepted: true,
      quantity: item.quantity ?? 1,
      metadata: item.metadata ?? {},
      discountParams: discountsIn(item).map((discount) => ({ discount })),
      tax_rates: item.tax_rates ?? [],
    })),
    add_invoice_items: oneTimeItemsOf(phase),
    automatic_tax: phase.automatic_tax,
    billing_mode: { type: schedule.billing_mode.type as 'classic' | 'flexible' },
    collection_method: (phase.collection_method ??
      schedule.default_settings.collection_method ??
      'charge_automatically') as 'charge_automatically',
    default_payment_method: phase.default_payment_method ?? schedule.default_settings.default_payment_method,
    currency: phase.currency,
    days_until_due: phase.invoice_settings?.days_until_due ?? undefined,
    default_tax_rates: phase.default_tax_rates ?? [],
    description: phase.description,
    discounts: discountsIn(phase),
    metadata: phase.metadata ?? {},
    off_session: true,
    payment_behavior: payable ? 'allow_incomplete' : 'default_incomplete',
    trial_end: phase.trial_end ?? undefined,
  });
  attachSchedule(account, schedule.id, subscription.id, 'subscription_schedule.updated');
}

function changeToPhase(account: Account, subscription: Subscription, phase: Phase): void {
  const now = account.now(subscription.customer);
  const changes = itemsForPhase(subscription, phase);
  const patch: Partial<Subscription> = { ...patchOfPhase(subscription, phase), discounts: discountsIn(phase) };
  addOneTimeItems(account, subscription, oneTimeItemsOf(phase));
  if (subscription.status === 'paused') {
    // Nothing is billed in a pause; the resume bills what the phase has put in place.
    const items = withItems(subscription, swapItems(account, subscription, changes, now));
    changeSubscription(account, subscription.id, { ...patch, items });
    return;
  }
  const atBoundary = subscription.items.data.every((item) => item.current_period_end <= now);
  if (atBoundary) {
    const anchor = phase.billing_cycle_anchor === 'phase_start' ? { billing_cycle_anchor: now } : {};
    const items = swapItems(account, subscription, changes, now);
    for (const item of replacedItems(subscription, items)) closeUsage(account, subscription, item, true);
    cycleSubscription(account, subscription.id, { ...patch, ...anchor, items: withItems(subscription, items) });
    return;
  }
  applyChange(account, subscription.id, {
    items: changes,
    proration_behavior: phase.proration_behavior as 'none',
    billing_cycle_anchor: phase.billing_cycle_anchor === 'phase_start' ? 'now' : undefined,
    trial_end: phase.trial_end !== null && phase.trial_end > now ? phase.trial_end : undefined,
    discounts: patch.discounts,
    patch,
    off_session: true,
  });
}

function endSchedule(account: Account, schedule: Schedule): void {
  const last = schedule.phases.at(-1);
  if (schedule.end_behavior === 'renew' && last) {
    const again = { ...last, start_date: last.end_date, end_date: last.end_date + (last.end_date - last.start_date) };
    account.update('subscription_schedule', schedule.id, { phases: [...schedule.phases, again] });
    return enterPhase(account, schedule.id);
  }
  if (schedule.end_behavior === 'cancel') {
    finishSchedule(account, schedule.id, 'completed');
    if (schedule.subscription) cancelSubscription(account, schedule.subscription, { reason: null });
    return;
  }
  finishSchedule(account, schedule.id, schedule.end_behavior === 'none' ? 'completed' : account.settings.scheduleEnd);
}

/** The schedule lets go of its subscription, which goes on by itself. */
export function finishSchedule(
  account: Account,
  id: string,
  how: 'released' | 'completed' | 'canceled' | 'aborted',
): Schedule {
  const schedule = account.store.get('subscription_schedule', id) as Schedule;
  const now = account.now(schedule.customer);
  account.unplan('subscription_schedule.phase', id);
  account.unplan('subscription_schedule.expiring', id);
  account.unplan('subscription_schedule.pause', id);
  account.unplan('subscription_schedule.resume', id);
  const after = account.update('subscription_schedule', id, {
    status: how === 'aborted' ? 'canceled' : how,
    current_phase: null,
    ...(how === 'released'
      ? { released_at: now, released_subscription: schedule.subscription, subscription: null }
      : {}),
    ...(how === 'completed' ? { completed_at: now } : {}),
    ...(how === 'canceled' || how === 'aborted' ? { canceled_at: now } : {}),
  });
  account.emit(`subscription_schedule.${how}`, after);
  const subscription = account.store.get('subscription', schedule.subscription ?? '');
  if (subscription && how !== 'aborted' && subscription.ended_at === null)
    // One that is canceled takes its subscription along, whose end tells it all.
    changeSubscription(account, subscription.id, { schedule: null }, how === 'canceled' ? null : undefined);
  return after;
}

export function warnOfScheduleEnd(account: Account, id: string): void {
  const schedule = account.store.get('subscription_schedule', id);
  if (schedule?.status === 'active') account.emit('subscription_schedule.expiring', schedule);
}
