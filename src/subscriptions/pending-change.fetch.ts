import type Stripe from 'stripe';
import { idOf, instant, instantOrNull } from '../stripe/objects.js';
import type {
  PauseCause,
  PauseState,
  PendingChangeState,
  PendingItem,
  ScheduleState,
  TrialEndBehaviorWord,
} from './pending-change.js';

/** Marks a schedule as this gateway's own. */
export const MADE_BY = 'billing-gateway';

export function toSchedule({ schedule }: Stripe.Subscription): ScheduleState | null {
  if (schedule === null) return null;
  if (typeof schedule === 'string') return { id: schedule, ours: false };
  return { id: schedule.id, ours: isOurs(schedule) };
}

/** When a schedule ends the subscription together with itself; null when it lets it go on. */
export const endOfSchedule = ({ schedule }: Stripe.Subscription): number | null =>
  schedule !== null && typeof schedule === 'object' && schedule.end_behavior === 'cancel'
    ? instantOrNull(schedule.phases.at(-1)?.end_date)
    : null;

const isOurs = ({ metadata }: Stripe.SubscriptionSchedule) => metadata?.made_by === MADE_BY;

/** A change that waits for its payment comes before a booked one: it is the one that may happen next. */
export function toPendingChange(raw: Stripe.Subscription): PendingChangeState | null {
  return awaitingPayment(raw) ?? scheduled(raw);
}

function awaitingPayment({ pending_update, latest_invoice, created }: Stripe.Subscription): PendingChangeState | null {
  const items = pending_update?.subscription_items;
  if (!pending_update || !items || items.length === 0) return null;
  const invoice = typeof latest_invoice === 'object' ? latest_invoice : null;
  return {
    state: 'AWAITING_PAYMENT',
    items: items.map(({ price, quantity }) => ({ priceId: price.id, quantity: quantity ?? null })),
    effectiveAt: null,
    expiresAt: instant(pending_update.expires_at),
    // Stripe keeps no moment of the asking; the invoice was made in the same breath.
    requestedAt: instant(invoice?.created ?? created),
    scheduleId: null,
    invoiceId: idOf(latest_invoice as { id: string } | string | null),
    ours: true,
  };
}

/** The first phase after the one that runs whose items are other ones. */
function scheduled({ schedule, items }: Stripe.Subscription): PendingChangeState | null {
  if (schedule === null || typeof schedule === 'string') return null;
  const until = schedule.current_phase?.end_date ?? 0;
  const held = sorted(items.data.map((item) => ({ priceId: item.price.id, quantity: item.quantity ?? null })));
  const next = schedule.phases.find(
    (phase) => phase.start_date >= until && sorted(itemsOf(phase)) !== held && phase.items.length > 0,
  );
  if (!next) return null;
  return {
    state: 'SCHEDULED',
    items: itemsOf(next),
    effectiveAt: instant(next.start_date),
    expiresAt: null,
    requestedAt: instant(schedule.created),
    scheduleId: schedule.id,
    invoiceId: null,
    ours: isOurs(schedule),
  };
}

const itemsOf = ({ items }: Stripe.SubscriptionSchedule.Phase): PendingItem[] =>
  items.map(({ price, quantity }) => ({
    priceId: typeof price === 'string' ? price : price.id,
    quantity: quantity ?? null,
  }));
const sorted = (items: readonly PendingItem[]) =>
  JSON.stringify(items.map(({ priceId, quantity }) => `${priceId} ${quantity ?? 1}`).sort());

const pauseCauses: Record<string, PauseCause> = {
  pause_requested: 'REQUESTED',
  trial_end_without_payment_method: 'TRIAL_ENDED_WITHOUT_CARD',
  first_payment_failure: 'PAYMENT_FAILURE',
  final_payment_failure: 'PAYMENT_FAILURE',
};

export function toPause(raw: Stripe.Subscription): PauseState | null {
  if (raw.status === 'paused') {
    const paused = raw.status_details?.paused;
    return {
      of: 'subscription',
      cause: pauseCauses[String(paused?.subscription.type)] ?? 'UNRECOGNIZED',
      since: instantOrNull(paused?.transitioned_at),
      resumesAt: null,
    };
  }
  if (!raw.pause_collection) return null;
  return {
    of: 'collection',
    // Stripe's own reading: void is for a service that is not given, the others give it and collect later or never.
    cause: raw.pause_collection.behavior === 'void' ? 'REQUESTED' : 'COLLECTION_ONLY',
    since: null,
    resumesAt: instantOrNull(raw.pause_collection.resumes_at),
  };
}

const trialEnds: Record<string, TrialEndBehaviorWord> = { create_invoice: 'CHARGE', pause: 'PAUSE', cancel: 'CANCEL' };

/** Null for a subscription without a trial. */
export function toTrialEndBehavior({ trial_end, trial_settings }: Stripe.Subscription): TrialEndBehaviorWord | null {
  if (trial_end === null) return null;
  return trialEnds[String(trial_settings?.end_behavior.missing_payment_method ?? 'create_invoice')] ?? 'UNRECOGNIZED';
}
