import type { Account } from '../account.js';
import { page, paging } from '../http/lists.js';
import {
  choice,
  clearableText,
  integer,
  list,
  mergeMetadata,
  metadata,
  record,
  text,
  url,
  type Values,
  yesNo,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';
import { parameterInvalid } from '../http/errors.js';
import { find, findNamed } from './find.js';
import { prorationBehavior } from './subscription-params.js';

export type Configuration = Tables['billing_portal.configuration'];

const reasons = choice(
  'customer_service',
  'low_quality',
  'missing_features',
  'other',
  'switched_service',
  'too_complex',
  'too_expensive',
  'unused',
);

const features = record({
  customer_update: record({
    allowed_updates: list(choice('address', 'email', 'name', 'phone', 'shipping', 'tax_id')).clearable(),
    enabled: yesNo(),
  }),
  invoice_history: record({ enabled: yesNo().required() }),
  payment_method_update: record({ enabled: yesNo().required(), payment_method_configuration: clearableText() }),
  subscription_cancel: record({
    cancellation_reason: record({ enabled: yesNo().required(), options: list(reasons).clearable() }),
    enabled: yesNo().required(),
    mode: choice('at_period_end', 'immediately'),
    proration_behavior: prorationBehavior,
  }),
  subscription_pause: record({ enabled: yesNo() }),
  subscription_update: record({
    billing_cycle_anchor: choice('now', 'unchanged'),
    default_allowed_updates: list(choice('price', 'promotion_code', 'quantity')).clearable(),
    enabled: yesNo().required(),
    products: list(
      record({
        adjustable_quantity: record({ enabled: yesNo().required(), maximum: integer(1), minimum: integer(0) }),
        prices: list(text()).required(),
        product: text().required(),
      }),
      10,
    ).clearable(),
    proration_behavior: prorationBehavior,
    schedule_at_period_end: record({
      conditions: list(
        record({ type: choice('decreasing_item_amount', 'shortening_interval').required() }),
      ).clearable(),
    }),
    trial_update_behavior: choice('continue_trial', 'end_trial'),
  }),
});

const writing = {
  business_profile: record({ headline: clearableText(60), privacy_policy_url: url(), terms_of_service_url: url() }),
  default_return_url: clearableText(),
  login_page: record({ enabled: yesNo().required() }),
  metadata: metadata(),
  name: clearableText(),
};
type Given = Values<typeof writing & { features: typeof features }>;

const noFeatures: Configuration['features'] = {
  customer_update: { allowed_updates: [], enabled: false },
  invoice_history: { enabled: false },
  payment_method_update: { enabled: false, payment_method_configuration: null },
  subscription_cancel: {
    cancellation_reason: { enabled: false, feedback_options: null, options: [] },
    enabled: false,
    mode: 'at_period_end',
    proration_behavior: 'none',
  },
  subscription_pause: { duration: { interval_options: [], type: 'indefinite' }, enabled: false },
  subscription_update: {
    billing_cycle_anchor: null,
    default_allowed_updates: [],
    enabled: false,
    proration_behavior: 'none',
    schedule_at_period_end: { conditions: [] },
    trial_update_behavior: 'end_trial',
  },
};

/** Each feature that is given replaces what was set of it; nothing else changes. */
function mergeFeatures(before: Configuration['features'], given: Given['features']): Configuration['features'] {
  const after = { ...before } as Record<string, object>;
  for (const [name, change] of Object.entries(given ?? {})) {
    const { products: _kept, ...rest } = change as { products?: unknown };
    after[name] = { ...after[name], ...clean(rest) };
  }
  return after as unknown as Configuration['features'];
}

const clean = (change: object): object =>
  Object.fromEntries(Object.entries(change).map(([key, value]) => [key, value ?? []]));

/** Kept apart from the features, because an answer holds them only where they are expanded. */
function keepProducts(account: Account, id: string, features: Given['features']): void {
  const products = features?.subscription_update?.products;
  const param = 'features[subscription_update][products]';
  if (products === undefined) return;
  for (const { product, prices } of products ?? []) {
    const intervals = prices.map((price) => {
      const { recurring } = findNamed(account, 'price', price, param);
      return `${recurring?.interval_count} ${recurring?.interval}`;
    });
    if (new Set(intervals).size < intervals.length)
      throw parameterInvalid(param, `Product ${product} has more than one price with the same billing interval.`);
  }
  account.store.put('portal_products', {
    id,
    products:
      products?.map(({ product, prices, adjustable_quantity: quantity }) => ({
        adjustable_quantity: {
          enabled: quantity?.enabled ?? false,
          maximum: quantity?.maximum ?? null,
          minimum: quantity?.minimum ?? 0,
        },
        prices,
        product,
      })) ?? null,
  });
}

export function createConfiguration(account: Account, given: Given, isDefault = false): Configuration {
  const now = account.now();
  const id = account.newId('bpc');
  keepProducts(account, id, given.features);
  return account.create(
    'billing_portal.configuration',
    {
      id,
      object: 'billing_portal.configuration',
      active: true,
      application: null,
      business_profile: {
        headline: null,
        privacy_policy_url: null,
        terms_of_service_url: null,
        ...given.business_profile,
      },
      created: now,
      default_return_url: given.default_return_url ?? null,
      features: mergeFeatures(noFeatures, given.features),
      is_default: isDefault,
      livemode: false,
      login_page: { enabled: given.login_page?.enabled ?? false, url: null },
      metadata: mergeMetadata({}, given.metadata),
      name: given.name ?? null,
      updated: now,
    },
    'billing_portal.configuration.created',
  );
}

/** The configuration used where none is named: everything a customer can do is on. */
export function defaultConfiguration(account: Account): Configuration {
  const held = account.store.all('billing_portal.configuration').find((row) => row.is_default);
  if (held) return held;
  return createConfiguration(
    account,
    {
      features: {
        customer_update: { allowed_updates: ['email', 'name', 'address', 'phone', 'tax_id'], enabled: true },
        invoice_history: { enabled: true },
        payment_method_update: { enabled: true },
        subscription_cancel: { enabled: true, mode: 'at_period_end' },
        subscription_pause: { enabled: true },
        subscription_update: {
          enabled: true,
          default_allowed_updates: ['price', 'quantity'],
          proration_behavior: 'create_prorations',
        },
      },
    },
    true,
  );
}

export const portalConfigurationRoutes = [
  route(
    'POST',
    '/v1/billing_portal/configurations',
    { ...writing, features: features.required() },
    ({ account, params }) => createConfiguration(account, params),
  ),
  route(
    'GET',
    '/v1/billing_portal/configurations',
    { ...paging, active: yesNo(), is_default: yesNo() },
    ({ account, params }) =>
      page(
        '/v1/billing_portal/configurations',
        account.store.all('billing_portal.configuration'),
        params,
        (row) =>
          (params.active === undefined || row.active === params.active) &&
          (params.is_default === undefined || row.is_default === params.is_default),
      ),
  ),
  route('GET', '/v1/billing_portal/configurations/:id', {}, ({ account, id }) =>
    find(account, 'billing_portal.configuration', id),
  ),
  route(
    'POST',
    '/v1/billing_portal/configurations/:id',
    { ...writing, active: yesNo(), features },
    ({ account, params, id }) => {
      const held = find(account, 'billing_portal.configuration', id);
      keepProducts(account, id, params.features);
      const { features: given, business_profile, metadata: change, login_page, ...rest } = params;
      return account.update(
        'billing_portal.configuration',
        id,
        {
          ...rest,
          business_profile: { ...held.business_profile, ...business_profile },
          features: mergeFeatures(held.features, given),
          ...(login_page ? { login_page: { ...held.login_page, ...login_page } } : {}),
          metadata: mergeMetadata(held.metadata ?? {}, change),
          updated: account.now(),
        },
        'billing_portal.configuration.updated',
      );
    },
  ),
];
