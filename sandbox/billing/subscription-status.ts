import type { Subscription } from './lines.js';

export type Status = Subscription['status'];

/** Whether the subscription has ended for good. */
export function isTerminal(status: Status): boolean {
  return status === 'canceled' || status === 'incomplete_expired';
}

/** Only the latest invoice lifts a subscription; paying an older one changes nothing. */
export function statusAfterPaid(
  subscription: Pick<Subscription, 'status' | 'latest_invoice' | 'trial_end'>,
  invoice: string,
  now: number,
): Status {
  const { status, latest_invoice, trial_end } = subscription;
  if (latest_invoice !== invoice) return status;
  if (status === 'incomplete') return trial_end !== null && trial_end > now ? 'trialing' : 'active';
  return status === 'past_due' || status === 'unpaid' ? 'active' : status;
}

export function statusAfterFailure(status: Status): Status {
  return status === 'active' || status === 'trialing' ? 'past_due' : status;
}

export function statusAfterLastRetry(status: Status, ending: 'cancel' | 'unpaid' | 'past_due'): Status {
  if (status !== 'past_due') return status;
  return ending === 'cancel' ? 'canceled' : ending;
}

/** Statuses in which time brings a next period. */
export function cycles(status: Status): boolean {
  return status === 'active' || status === 'trialing' || status === 'past_due' || status === 'unpaid';
}
