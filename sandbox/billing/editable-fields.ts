import type { Account } from '../account.js';
import { notPossible, parameterInvalid } from '../http/errors.js';
import type { Subscription } from './lines.js';
import { isTerminal } from './subscription-status.js';
import type { SubscriptionUpdate } from './update-subscription.js';

const editableAtTheEnd = new Set(['metadata', 'cancellation_details']);
const editableWhileIncomplete = new Set(['metadata', 'default_payment_method']);
const allowedWithPending = new Set([
  'add_invoice_items',
  'trial_from_plan',
  'items',
  'proration_behavior',
  'proration_date',
  'billing_cycle_anchor',
  'trial_end',
  'payment_behavior',
  'off_session',
  'discounts',
  'metadata',
  'cancel_at_period_end',
]);

/** Refuses what cannot be changed as the subscription is now, or together. */
export function checkEditable(account: Account, subscription: Subscription, params: SubscriptionUpdate): void {
  const keys = Object.entries(params)
    .filter(([, value]) => value !== undefined)
    .map(([key]) => key);
  if (isTerminal(subscription.status) && keys.some((key) => !editableAtTheEnd.has(key))) {
    throw parameterInvalid(
      'id',
      'A canceled subscription can only update its cancellation_details and metadata.',
      'invalid_canceled_subscription_fields',
    );
  }
  const refused = keys.find((key) => !editableWhileIncomplete.has(key));
  if (subscription.status === 'incomplete' && refused) {
    throw notPossible(
      `This subscription is incomplete: only its metadata and default payment method can be updated until its first invoice is paid (asked for ${refused}).`,
    );
  }
  if (params.payment_behavior === 'pending_if_incomplete') {
    const other = keys.find((key) => !allowedWithPending.has(key));
    if (other)
      throw parameterInvalid(
        other,
        `\`${other}\` cannot be updated together with \`payment_behavior=pending_if_incomplete\`.`,
      );
  }
  const cancels = params.cancel_at !== undefined || params.cancel_at_period_end !== undefined;
  if (subscription.schedule && cancels && account.settings.scheduleLocksCancellation) {
    throw notPossible(
      `The subscription is managed by the subscription schedule \`${subscription.schedule}\`, and updating any cancelation behavior directly is not allowed. Please update the schedule instead.`,
    );
  }
}
