import type { Account } from '../account.js';
import { cancelSubscription } from '../billing/cancel-subscription.js';
import { changeSubscription, lastPeriodEnd, periodEnd } from '../billing/change-subscription.js';
import { createSubscription } from '../billing/create-subscription.js';
import type { Subscription } from '../billing/lines.js';
import { isTerminal } from '../billing/subscription-status.js';
import { noSuch, parameterInvalid } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
  choice,
  clearableText,
  currency,
  either,
  inRange,
  integer,
  list,
  mergeMetadata,
  metadata,
  momentOr,
  range,
  record,
  text,
  timestamp,
  type Values,
  yesNo,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import { find, findNamed } from './find.js';
import { search, searchFields } from './search.js';

const cancellationDetails = record({
  comment: clearableText(),
  feedback: choice(
    'customer_service',
    'low_quality',
    'missing_features',
    'other',
    'switched_service',
    'too_complex',
    'too_expensive',
    'unused',
  ).clearable(),
});

const trialSettings = record({
  end_behavior: record({
    missing_payment_method: choice('cancel', 'create_invoice', 'pause').required(),
    billing_cycle_anchor: choice('now', 'unchanged'),
  }).required(),
});

const anchorConfig = record({
  day_of_month: integer(1, 31).required(),
  month: integer(1, 12),
  hour: integer(0, 23),
  minute: integer(0, 59),
  second: integer(0, 59),
});

const paymentSettings = record({
  payment_method_types: list(text()).clearable(),
  save_default_payment_method: choice('off', 'on_subscription'),
});

const creating = {
  customer: text().required(),
  items: list(record({ price: text().required(), quantity: integer(0), metadata: metadata() }), 20).required(),
  add_invoice_items: list(record({ price: text().required(), quantity: integer(0) }), 20),
  automatic_tax: record({ enabled: yesNo().required() }),
  billing_cycle_anchor: timestamp(),
  billing_cycle_anchor_config: anchorConfig,
  billing_mode: record({
    type: choice('classic', 'flexible').required(),
    flexible: record({ proration_discounts: choice('included', 'itemized') }),
  }),
  cancel_at: timestamp(),
  cancel_at_period_end: yesNo(),
  collection_method: choice('charge_automatically', 'send_invoice'),
  currency: currency(),
  days_until_due: integer(0),
  default_payment_method: text(),
  description: clearableText(500),
  metadata: metadata(),
  off_session: yesNo(),
  payment_behavior: choice('allow_incomplete', 'default_incomplete', 'error_if_incomplete', 'pending_if_incomplete'),
  payment_settings: paymentSettings,
  proration_behavior: choice('always_invoice', 'create_prorations', 'none'),
  trial_end: momentOr('now'),
  trial_period_days: integer(1, 730),
  trial_settings: trialSettings,
};

const updating = {
  cancel_at: either(
    choice('min_period_end', 'max_period_end', 'max_billed_until'),
    timestamp(),
    (raw) => typeof raw === 'string' && /^m/.test(raw),
  ).clearable(),
  cancel_at_period_end: yesNo(),
  cancellation_details: cancellationDetails,
  default_payment_method: text(),
  description: clearableText(500),
  metadata: metadata(),
};

function updateSubscription(account: Account, id: string, params: Values<typeof updating>): Subscription {
  const subscription = find(account, 'subscription', id);
  if (
    isTerminal(subscription.status) &&
    Object.keys(params).some((key) => key !== 'metadata' && key !== 'cancellation_details')
  ) {
    throw parameterInvalid(
      'id',
      'A canceled subscription can only update its cancellation_details and metadata.',
      'invalid_canceled_subscription_fields',
    );
  }
  return changeSubscription(account, id, {
    ...cancellationPatch(account, subscription, params),
    ...(params.default_payment_method === undefined
      ? {}
      : { default_payment_method: ownMethod(account, subscription, params.default_payment_method) }),
    ...(params.description === undefined ? {} : { description: params.description }),
    metadata: mergeMetadata(subscription.metadata, params.metadata),
  });
}

function ownMethod(account: Account, subscription: Subscription, id: string): string {
  const method = findNamed(account, 'payment_method', id, 'default_payment_method');
  if (method.customer === subscription.customer) return method.id;
  throw parameterInvalid(
    'default_payment_method',
    `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
    'resource_missing',
  );
}

function cancellationPatch(
  account: Account,
  subscription: Subscription,
  params: Values<typeof updating>,
): Partial<Subscription> {
  const { cancel_at, cancel_at_period_end, cancellation_details } = params;
  const details = subscription.cancellation_details;
  const told = cancellation_details
    ? {
        ...details,
        comment: cancellation_details.comment ?? details?.comment ?? null,
        feedback: cancellation_details.feedback ?? details?.feedback ?? null,
      }
    : details;
  const withReason = (reason: 'cancellation_requested' | null): Partial<Subscription> => ({
    cancellation_details: { ...told, reason } as Subscription['cancellation_details'],
  });
  if (cancel_at_period_end === undefined && cancel_at === undefined) {
    return cancellation_details ? { cancellation_details: told as Subscription['cancellation_details'] } : {};
  }
  if (cancel_at_period_end === true && typeof cancel_at === 'number') {
    throw parameterInvalid(
      'cancel_at',
      'You may only specify one of these parameters: cancel_at, cancel_at_period_end.',
    );
  }
  const now = account.now(subscription.customer);
  if (cancel_at_period_end === true) {
    return {
      cancel_at_period_end: true,
      cancel_at: periodEnd(subscription),
      canceled_at: subscription.canceled_at ?? now,
      ...withReason('cancellation_requested'),
    };
  }
  if (cancel_at !== undefined && cancel_at !== null) {
    const at =
      cancel_at === 'min_period_end'
        ? periodEnd(subscription)
        : typeof cancel_at === 'number'
          ? cancel_at
          : lastPeriodEnd(subscription);
    if (at < now) throw parameterInvalid('cancel_at', 'cancel_at must be in the future.');
    return {
      cancel_at: at,
      cancel_at_period_end: false,
      canceled_at: subscription.canceled_at ?? now,
      ...withReason('cancellation_requested'),
    };
  }
  return { cancel_at: null, cancel_at_period_end: false, canceled_at: null, ...withReason(null) };
}

function startOf(subscription: Subscription): number {
  return Math.max(...subscription.items.data.map((item) => item.current_period_start));
}

export const subscriptionRoutes = [
  route('POST', '/v1/subscriptions', creating, ({ account, params }) => {
    const { metadata: given, payment_settings, ...rest } = params;
    const { subscription } = createSubscription(account, {
      ...rest,
      items: params.items.map((item) => ({ ...item, metadata: mergeMetadata({}, item.metadata) })),
      metadata: mergeMetadata({}, given),
      payment_settings: payment_settings as never,
    });
    return subscription;
  }),
  route(
    'GET',
    '/v1/subscriptions',
    {
      ...paging,
      collection_method: text(),
      created: range(),
      current_period_end: range(),
      current_period_start: range(),
      customer: text(),
      price: text(),
      status: choice(
        'active',
        'all',
        'canceled',
        'ended',
        'incomplete',
        'incomplete_expired',
        'past_due',
        'paused',
        'trialing',
        'unpaid',
      ),
      test_clock: text(),
    },
    ({ account, params }) => {
      const rows =
        params.customer === undefined
          ? account.store.all('subscription')
          : account.store.where('subscription', 'customer', params.customer);
      return page(
        '/v1/subscriptions',
        rows,
        params,
        (row) =>
          fitsStatus(row, params.status) &&
          (params.customer !== undefined || (row.test_clock ?? null) === (params.test_clock ?? null)) &&
          (params.collection_method === undefined || row.collection_method === params.collection_method) &&
          (params.price === undefined || row.items.data.some((item) => item.price.id === params.price)) &&
          inRange(row.created, params.created) &&
          inRange(periodEnd(row), params.current_period_end) &&
          inRange(startOf(row), params.current_period_start),
      );
    },
  ),
  route('GET', '/v1/subscriptions/search', searchFields, ({ account, params }) =>
    search('/v1/subscriptions/search', account.store.all('subscription'), params),
  ),
  route('GET', '/v1/subscriptions/:id', {}, ({ account, id }) => find(account, 'subscription', id)),
  route('POST', '/v1/subscriptions/:id', updating, ({ account, params, id }) =>
    updateSubscription(account, id, params),
  ),
  route('DELETE', '/v1/subscriptions/:id', { cancellation_details: cancellationDetails }, ({ account, params, id }) => {
    const subscription = find(account, 'subscription', id);
    if (isTerminal(subscription.status)) throw noSuch('subscription', id, 'id');
    return cancelSubscription(account, id, { reason: 'cancellation_requested', ...params.cancellation_details });
  }),
];

function fitsStatus(row: Subscription, status: string | undefined): boolean {
  if (status === undefined) return row.status !== 'canceled' && row.status !== 'incomplete_expired';
  if (status === 'all') return true;
  return status === 'ended' ? isTerminal(row.status) : row.status === status;
}
