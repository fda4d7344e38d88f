import { cancelNow } from '../billing/cancel-now.js';
import { changeSubscription, periodEnd } from '../billing/change-subscription.js';
import { createSubscription } from '../billing/create-subscription.js';
import type { Subscription } from '../billing/lines.js';
import { pauseSubscription, resumeSubscription } from '../billing/pause-subscription.js';
import { isTerminal } from '../billing/subscription-status.js';
import { updateSubscription } from '../billing/update-subscription.js';
import { noSuch, notPossible } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
  choice,
  clearableText,
  currency,
  inRange,
  integer,
  mergeMetadata,
  metadata,
  range,
  record,
  text,
  timestamp,
  yesNo,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import { find } from './find.js';
import { search, searchFields } from './search.js';
import {
  anchorChange,
  anchorConfig,
  billingMode,
  cancelAt,
  cancellationDetails,
  discountList,
  itemChanges,
  newItems,
  oneTimeItems,
  pauseCollection,
  paymentBehavior,
  paymentSettings,
  prorationBehavior,
  trialEnd,
  trialSettings,
} from './subscription-params.js';

const shared = {
  automatic_tax: record({ enabled: yesNo().required() }),
  cancel_at_period_end: yesNo(),
  collection_method: choice('charge_automatically', 'send_invoice'),
  days_until_due: integer(0),
  default_payment_method: text(),
  description: clearableText(500),
  discounts: discountList.clearable(),
  metadata: metadata(),
  off_session: yesNo(),
  payment_behavior: paymentBehavior,
  payment_settings: paymentSettings,
  proration_behavior: prorationBehavior,
  trial_end: trialEnd,
  trial_settings: trialSettings,
};

const creating = {
  ...shared,
  customer: text().required(),
  items: newItems.required(),
  add_invoice_items: oneTimeItems,
  billing_cycle_anchor: timestamp(),
  billing_cycle_anchor_config: anchorConfig,
  billing_mode: billingMode,
  cancel_at: cancelAt,
  currency: currency(),
  trial_from_plan: yesNo(),
  trial_period_days: integer(1, 730),
};

const updating = {
  ...shared,
  billing_cycle_anchor: anchorChange,
  cancel_at: cancelAt,
  cancellation_details: cancellationDetails,
  items: itemChanges,
  pause_collection: pauseCollection,
  proration_date: timestamp(),
};

const listing = {
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
};

function startOf(subscription: Subscription): number {
  return Math.max(...subscription.items.data.map((item) => item.current_period_start));
}

function fitsStatus(row: Subscription, status: string | undefined): boolean {
  if (status === undefined) return row.status !== 'canceled' && row.status !== 'incomplete_expired';
  if (status === 'all') return true;
  return status === 'ended' ? isTerminal(row.status) : row.status === status;
}

export const subscriptionRoutes = [
  route('POST', '/v1/subscriptions', creating, ({ account, params }) => {
    const { metadata: given, payment_settings, discounts, ...rest } = params;
    return createSubscription(account, {
      ...rest,
      discountParams: discounts ?? [],
      items: params.items.map(({ discounts: ofItem, ...item }) => ({
        ...item,
        discountParams: ofItem,
        metadata: mergeMetadata({}, item.metadata),
      })),
      metadata: mergeMetadata({}, given),
      payment_settings: payment_settings as never,
    }).subscription;
  }),
  route('GET', '/v1/subscriptions', listing, ({ account, params }) => {
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
  }),
  route('GET', '/v1/subscriptions/search', searchFields, ({ account, params }) =>
    search('/v1/subscriptions/search', account.store.all('subscription'), params),
  ),
  route('GET', '/v1/subscriptions/:id', {}, ({ account, id }) => find(account, 'subscription', id)),
  route(
    'POST',
    '/v1/subscriptions/:id',
    updating,
    ({ account, params, id }) => updateSubscription(account, id, params).subscription,
  ),
  route(
    'DELETE',
    '/v1/subscriptions/:id',
    { cancellation_details: cancellationDetails, invoice_now: yesNo(), prorate: yesNo() },
    ({ account, params, id }) => {
      const subscription = find(account, 'subscription', id);
      if (isTerminal(subscription.status)) throw noSuch('subscription', id);
      const { cancellation_details, ...rest } = params;
      return cancelNow(account, id, { ...rest, ...cancellation_details, reason: 'cancellation_requested' })
        .subscription;
    },
  ),
  route(
    'POST',
    '/v1/subscriptions/:id/pause',
    {
      bill_for: record({
        outstanding_usage_through: record({ type: choice('none', 'now').required() }),
        unused_time_from: record({ type: choice('item_current_period_start', 'none', 'now').required() }),
      }),
      invoicing_behavior: choice('invoice', 'pending_invoice_item'),
      type: choice('subscription'),
    },
    ({ account, params, id }) => {
      find(account, 'subscription', id);
      return pauseSubscription(account, id, params);
    },
  ),
  route(
    'POST',
    '/v1/subscriptions/:id/resume',
    {
      billing_cycle_anchor: anchorChange,
      payment_behavior: choice('resume_on_payment_attempt', 'resume_on_payment_success'),
      proration_behavior: prorationBehavior,
      proration_date: timestamp(),
    },
    ({ account, params, id }) => {
      find(account, 'subscription', id);
      return resumeSubscription(account, id, params).subscription;
    },
  ),
  route(
    'POST',
    '/v1/subscriptions/:id/migrate',
    { billing_mode: billingMode.required() },
    ({ account, params, id }) => {
      const subscription = find(account, 'subscription', id);
      if (params.billing_mode.type !== 'flexible')
        throw notPossible('A subscription can only be migrated from classic to flexible billing mode, never back.');
      return changeSubscription(account, id, {
        billing_mode: {
          type: 'flexible',
          flexible: { proration_discounts: params.billing_mode.flexible?.proration_discounts ?? 'included' },
          updated_at: account.now(subscription.customer),
        },
      });
    },
  ),
  route('DELETE', '/v1/subscriptions/:id/discount', {}, ({ account, id }) => {
    const [discount] = find(account, 'subscription', id).discounts;
    updateSubscription(account, id, { discounts: null });
    return { id: discount, object: 'discount', deleted: true };
  }),
];
