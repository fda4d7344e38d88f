import type { Account } from '../account.js';
import { parameterInvalid } from '../http/errors.js';
import { lastPeriodEnd, periodEnd } from './change-subscription.js';
import type { Subscription } from './lines.js';
import type { SubscriptionUpdate } from './update-subscription.js';

/** What is said now, also nothing: null empties it; what was said before where it is left out. */
export const saidOr = (said: string | null | undefined, before: string | null | undefined): string | null =>
  said === undefined ? (before ?? null) : said;

/** When and why the subscription will end, as asked; clearing either field takes it back. */
export function cancellationPatch(
  account: Account,
  subscription: Subscription,
  { cancel_at, cancel_at_period_end, cancellation_details }: SubscriptionUpdate,
): Partial<Subscription> {
  const details = subscription.cancellation_details;
  const told = {
    ...details,
    comment: saidOr(cancellation_details?.comment, details?.comment),
    feedback: saidOr(cancellation_details?.feedback, details?.feedback),
  };
  const withReason = (reason: 'cancellation_requested' | null): Partial<Subscription> => ({
    cancellation_details: { ...told, reason } as Subscription['cancellation_details'],
  });
  if (cancel_at_period_end === undefined && cancel_at === undefined) {
    return cancellation_details ? { cancellation_details: told as Subscription['cancellation_details'] } : {};
  }
  if (cancel_at_period_end === true && typeof cancel_at === 'number')
    throw parameterInvalid(
      'cancel_at',
      'You may only specify one of these parameters: cancel_at, cancel_at_period_end.',
    );
  if (cancel_at_period_end === false && cancel_at === null && !account.settings.cancelFieldsTogether) {
    throw parameterInvalid(
      'cancel_at',
      'You may only specify one of these parameters: cancel_at, cancel_at_period_end.',
    );
  }
  const now = account.now(subscription.customer);
  const asked = { canceled_at: subscription.canceled_at ?? now, ...withReason('cancellation_requested') };
  if (cancel_at_period_end === true)
    return { cancel_at_period_end: true, cancel_at: periodEnd(subscription), ...asked };
  if (cancel_at !== undefined && cancel_at !== null) {
    const at =
      cancel_at === 'min_period_end'
        ? periodEnd(subscription)
        : typeof cancel_at === 'number'
          ? cancel_at
          : lastPeriodEnd(subscription);
    if (at < now) throw parameterInvalid('cancel_at', `cancel_at must be in the future (found ${at}, now ${now}).`);
    return { cancel_at: at, cancel_at_period_end: false, ...asked };
  }
  return { cancel_at: null, cancel_at_period_end: false, canceled_at: null, ...withReason(null) };
}
