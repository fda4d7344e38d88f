import type { Account } from '../account.js';
import { attachSchedule } from '../billing/run-schedule.js';
import { notPossible, parameterInvalid } from '../http/errors.js';
import { mergeMetadata, type MetadataChange } from '../http/parameters.js';
import type { Tables } from '../store/tables.js';
import { emptySchedule } from './empty-schedule.js';
import { findNamed } from './find.js';
import { phaseFrom } from './schedule-phases.js';

type Schedule = Tables['subscription_schedule'];

/** A schedule whose first phase is what the subscription is now. Nothing else can be set in the same call. */
export function scheduleFromSubscription(
  account: Account,
  id: string,
  params: { metadata?: MetadataChange },
): Schedule {
  const other = Object.entries(params).find(
    ([key, value]) => value !== undefined && key !== 'from_subscription' && key !== 'metadata',
  );
  if (other)
    throw parameterInvalid(
      other[0],
      `You cannot set \`${other[0]}\` if \`from_subscription\` is set. Create the schedule first, then update it.`,
    );
  const subscription = findNamed(account, 'subscription', id, 'from_subscription');
  if (subscription.schedule)
    throw notPossible(
      `You cannot migrate a subscription that is already attached to a schedule: \`${subscription.schedule}\`.`,
    );
  if (subscription.ended_at !== null)
    throw notPossible(`The subscription '${id}' has ended; a schedule needs one that lives.`);
  const item = subscription.items.data[0];
  const items = subscription.items.data.map(({ price, quantity, metadata: given }) => ({
    price: price.id,
    quantity,
    metadata: given,
  }));
  const phase = phaseFrom(
    account,
    { items, metadata: {} },
    {
      start: item?.current_period_start ?? subscription.start_date,
      end:
        subscription.trial_end && subscription.status === 'trialing'
          ? subscription.trial_end
          : (item?.current_period_end ?? 0),
      customer: subscription.customer,
      currency: subscription.currency,
      now: account.now(subscription.customer),
      held: new Set(items.map(({ price }) => price)),
    },
  );
  const discounts = subscription.discounts.map((discount) => ({ coupon: null, discount, promotion_code: null }));
  const schedule: Schedule = {
    ...emptySchedule(account, subscription.customer),
    billing_mode: { ...subscription.billing_mode, flexible: subscription.billing_mode.flexible ?? null },
    metadata: mergeMetadata({}, params.metadata),
    phases: [{ ...phase, discounts, trial_end: subscription.status === 'trialing' ? subscription.trial_end : null }],
  };
  account.store.put('subscription_schedule', schedule);
  return attachSchedule(account, schedule.id, subscription.id, 'subscription_schedule.created');
}
