import type { Account } from '../account.js';
import { StripeError } from '../http/errors.js';
import type { Tables } from '../store/tables.js';
import { pauseSubscription, resumeSubscription, type Pausing, type Resuming } from './pause-subscription.js';

type Schedule = Tables['subscription_schedule'];
type PauseSchedule = Schedule['pause_schedules'][number];

/** Writes what is still to come of the schedule's pause into the agenda. */
export function planPause(account: Account, { id, customer, status, pause_schedules: [entry] }: Schedule): void {
  const lives = status === 'active' || status === 'not_started';
  const pause = lives && entry?.pause.status.type === 'scheduled' ? entry.pause.pause_at : null;
  const resume = lives && entry?.resume?.status.type === 'scheduled' ? entry.resume.resume_at : null;
  if (pause === null) account.unplan('subscription_schedule.pause', id);
  else account.plan('subscription_schedule.pause', id, pause, customer);
  if (resume === null) account.unplan('subscription_schedule.resume', id);
  else account.plan('subscription_schedule.resume', id, resume, customer);
}

export function pauseAsScheduled(account: Account, id: string): void {
  const { subscription, entry } = due(account, id);
  if (!subscription || entry?.pause.status.type !== 'scheduled') return;
  const { bill_for, invoicing_behavior } = entry.pause.settings ?? {};
  const nowFor = (type: string | undefined): string => (type === 'pause_at' || type === undefined ? 'now' : type);
  const asked = {
    bill_for: {
      outstanding_usage_through: { type: nowFor(bill_for?.outstanding_usage_through.type) },
      unused_time_from: { type: nowFor(bill_for?.unused_time_from.type) },
    },
    invoicing_behavior,
    scheduled: true,
  } as Pausing;
  const status = outcomeOf(account, () => pauseSubscription(account, subscription, asked));
  note(account, id, { ...entry, pause: { ...entry.pause, status } });
}

export function resumeAsScheduled(account: Account, id: string): void {
  const { subscription, entry } = due(account, id);
  if (!subscription || entry?.resume?.status.type !== 'scheduled') return;
  const { billing_cycle_anchor, payment_behavior, proration_behavior } = entry.resume.settings;
  const asked = {
    billing_cycle_anchor: { type: billing_cycle_anchor === 'unchanged' ? 'unchanged' : 'now' },
    payment_behavior,
    proration_behavior,
  } as Resuming;
  const status = outcomeOf(account, () => resumeSubscription(account, subscription, asked));
  const paused = account.store.get('subscription', subscription)?.status === 'paused';
  const shown = status.type === 'succeeded' && paused ? { type: 'pending' as const } : status;
  note(account, id, { ...entry, resume: { ...entry.resume, status: shown } });
}

/** A pause or resume that cannot be made is told by its entry, and the clock goes on. */
function outcomeOf(account: Account, work: () => unknown): PauseSchedule['pause']['status'] {
  try {
    account.store.attempt(work);
    return { type: 'succeeded' };
  } catch (error) {
    if (!(error instanceof StripeError)) throw error;
    return { type: 'error', error: { message: error.message } };
  }
}

function due(account: Account, id: string): { subscription: string | null; entry: PauseSchedule | undefined } {
  const schedule = account.store.get('subscription_schedule', id);
  return { subscription: schedule?.subscription ?? null, entry: schedule?.pause_schedules[0] };
}

function note(account: Account, id: string, entry: PauseSchedule): void {
  account.update('subscription_schedule', id, { pause_schedules: [entry] }, 'subscription_schedule.updated');
}
