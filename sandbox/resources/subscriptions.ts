import type { Account } from '../account.js';
import { cancelNow } from '../billing/cancel-now.js';
import { changeSubscription } from '../billing/change-subscription.js';
import { createSubscription } from '../billing/create-subscription.js';
import type { OneTimeItem } from '../billing/invoice-items.js';
import { pauseSubscription, resumeSubscription } from '../billing/pause-subscription.js';
import { isTerminal } from '../billing/subscription-status.js';
import { updateSubscription, type ItemUpdate } from '../billing/update-subscription.js';
import { noSuch, notPossible } from '../http/errors.js';
import {
  choice,
  clearableText,
  currency,
  integer,
  mergeMetadata,
  metadata,
  record,
  text,
  timestamp,
  type Values,
  yesNo,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import { find } from './find.js';
import { neededPrice, priceIn } from './inline-price.js';
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
  pausing,
  paymentBehavior,
  paymentSettings,
  prorationBehavior,
  trialEnd,
  trialSettings,
} from './subscription-params.js';
import { listing, listSubscriptions } from './subscription-list.js';
import { ratesNamed, taxRateList } from './tax-rates.js';

const shared = {
  add_invoice_items: oneTimeItems,
  automatic_tax: record({ enabled: yesNo().required() }),
  cancel_at_period_end: yesNo(),
  collection_method: choice('charge_automatically', 'send_invoice'),
  days_until_due: integer(0),
  default_payment_method: text(),
  default_tax_rates: taxRateList,
  description: clearableText(500),
  discounts: discountList.clearable(),
  metadata: metadata(),
  off_session: yesNo(),
  payment_behavior: paymentBehavior,
  payment_settings: paymentSettings,
  proration_behavior: prorationBehavior,
  trial_end: trialEnd,
  trial_from_plan: yesNo(),
  trial_settings: trialSettings,
};

const creating = {
  ...shared,
  customer: text().required(),
  items: newItems.required(),
  backdate_start_date: timestamp(),
  billing_cycle_anchor: timestamp(),
  billing_cycle_anchor_config: anchorConfig,
  billing_mode: billingMode,
  cancel_at: cancelAt,
  currency: currency(),
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

type Given = Values<typeof updating>;

/** The one-time prices to charge, those given as data made first. */
function oneTime(account: Account, given: Given['add_invoice_items']): OneTimeItem[] | undefined {
  return given?.map(({ price, price_data, metadata: held, tax_rates, ...item }, place) => ({
    ...item,
    price: neededPrice(account, { price, price_data }, `add_invoice_items[${place}]`),
    metadata: mergeMetadata({}, held),
    tax_rates: ratesNamed(account, tax_rates, `add_invoice_items[${place}][tax_rates]`),
  }));
}

export function changedItems(account: Account, given: Given['items']): ItemUpdate[] | undefined {
  return given?.map(({ price_data, tax_rates, ...item }, place) => ({
    ...item,
    price: priceIn(account, { price: item.price, price_data }, `items[${place}]`),
    tax_rates: ratesNamed(account, tax_rates, `items[${place}][tax_rates]`),
  }));
}

export const subscriptionRoutes = [
  route('POST', '/v1/subscriptions', creating, ({ account, params }) => {
    const { metadata: given, payment_settings, discounts, add_invoice_items, default_tax_rates, ...rest } = params;
    return createSubscription(account, {
      ...rest,
      add_invoice_items: oneTime(account, add_invoice_items),
      default_tax_rates: ratesNamed(account, default_tax_rates, 'default_tax_rates'),
      discountParams: discounts ?? [],
      items: params.items.map(({ discounts: ofItem, price_data, tax_rates, ...item }, place) => ({
        ...item,
        price: neededPrice(account, { price: item.price, price_data }, `items[${place}]`),
        discountParams: ofItem ?? [],
        tax_rates: ratesNamed(account, tax_rates, `items[${place}][tax_rates]`),
        metadata: mergeMetadata({}, item.metadata),
      })),
      metadata: mergeMetadata({}, given),
      payment_settings: payment_settings as never,
    }).subscription;
  }),
  route('GET', '/v1/subscriptions', listing, ({ account, params }) => listSubscriptions(account, params)),
  route('GET', '/v1/subscriptions/search', searchFields, ({ account, params }) =>
    search('/v1/subscriptions/search', account.store.all('subscription'), params),
  ),
  route('GET', '/v1/subscriptions/:id', {}, ({ account, id }) => find(account, 'subscription', id)),
  route(
    'POST',
    '/v1/subscriptions/:id',
    updating,
    ({ account, params, id }) =>
      updateSubscription(account, id, {
        ...params,
        add_invoice_items: oneTime(account, params.add_invoice_items),
        default_tax_rates: ratesNamed(account, params.default_tax_rates, 'default_tax_rates'),
        items: changedItems(account, params.items),
      }).subscription,
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
  route('POST', '/v1/subscriptions/:id/pause', pausing, ({ account, params, id }) => {
    find(account, 'subscription', id);
    return pauseSubscription(account, id, params);
  }),
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
