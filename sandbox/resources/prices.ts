import type { Account } from '../account.js';
import { notPossible, parameterInvalid, parameterMissing } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
  choice,
  clearableText,
  currency,
  decimal,
  inRange,
  integer,
  list,
  mergeMetadata,
  metadata,
  range,
  record,
  text,
  type Values,
  yesNo,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';
import { planOf } from '../billing/subscription-items.js';
import { find, findNamed } from './find.js';
import { addCurrencies, amountsOf, currencyOptions, detailsOf, taxBehavior, tiers } from './price-details.js';
import { tellPlan } from './plans.js';
import { createProduct } from './products.js';
import { search, searchFields } from './search.js';

export const inlineRecurring = record({
  interval: choice('day', 'week', 'month', 'year').required(),
  interval_count: integer(1, 1095),
});

const recurring = record({
  interval: choice('day', 'week', 'month', 'year').required(),
  interval_count: integer(1, 1095),
  usage_type: choice('licensed', 'metered'),
  meter: text(),
  trial_period_days: integer(1, 730),
});

const creating = {
  active: yesNo(),
  billing_scheme: choice('per_unit', 'tiered'),
  currency: currency().required(),
  currency_options: currencyOptions,
  lookup_key: text(200),
  metadata: metadata(),
  nickname: clearableText(),
  product: text(),
  product_data: record({
    name: text().required(),
    active: yesNo(),
    id: text(),
    metadata: metadata(),
    statement_descriptor: text(22),
    tax_code: text(),
    unit_label: text(12),
  }),
  recurring,
  tax_behavior: taxBehavior,
  tiers,
  tiers_mode: choice('graduated', 'volume'),
  transfer_lookup_key: yesNo(),
  transform_quantity: record({ divide_by: integer(1).required(), round: choice('down', 'up').required() }),
  unit_amount: integer(0),
  unit_amount_decimal: decimal(),
};

export type NewPrice = Values<typeof creating>;

/** `inline`: made for one use, as part of another call. */
export function createPrice(account: Account, params: NewPrice, inline = false): Tables['price'] {
  const id = account.newId('price');
  const product = productOf(account, params);
  const tiered = params.billing_scheme === 'tiered' || params.tiers !== undefined;
  if (tiered && !params.tiers_mode) throw parameterMissing('tiers_mode');
  if (tiered && !params.tiers) throw parameterMissing('tiers');
  if (!tiered && params.unit_amount === undefined && params.unit_amount_decimal === undefined)
    throw parameterMissing('unit_amount');
  if (params.recurring?.usage_type === 'metered' && !params.recurring.meter) throw parameterMissing('recurring[meter]');
  if (params.recurring?.meter) findNamed(account, 'billing.meter', params.recurring.meter, 'recurring[meter]');
  takeLookupKey(account, params.lookup_key, params.transfer_lookup_key);
  const amounts = tiered ? { unit_amount: null, unit_amount_decimal: null } : amountsOf(params);
  account.store.put('price_details', { ...detailsOf(id, params, tiered, amounts), ...(inline ? { inline } : {}) });
  const price = account.create(
    'price',
    {
      id,
      object: 'price',
      active: params.active ?? true,
      billing_scheme: tiered ? 'tiered' : 'per_unit',
      created: account.now(),
      currency: params.currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: params.lookup_key ?? null,
      metadata: mergeMetadata({}, params.metadata),
      nickname: params.nickname ?? null,
      product,
      recurring: recurringFrom(params),
      tax_behavior: params.tax_behavior ?? 'unspecified',
      tiers_mode: params.tiers_mode ?? null,
      transform_quantity: params.transform_quantity ?? null,
      type: params.recurring ? 'recurring' : 'one_time',
      ...amounts,
    },
    'price.created',
  );
  tellPlan(account, null, price);
  return price;
}

function productOf(account: Account, params: NewPrice): string {
  if (params.product !== undefined) return findNamed(account, 'product', params.product, 'product').id;
  if (!params.product_data) throw parameterMissing('product');
  return createProduct(account, params.product_data).id;
}

function recurringFrom({ recurring: given }: NewPrice): Tables['price']['recurring'] {
  if (!given) return null;
  return {
    interval: given.interval,
    interval_count: given.interval_count ?? 1,
    meter: given.meter ?? null,
    trial_period_days: given.trial_period_days ?? null,
    usage_type: given.usage_type ?? 'licensed',
  };
}

function takeLookupKey(account: Account, key: string | undefined, transfer: boolean | undefined): void {
  if (key === undefined) return;
  const [holder] = account.store.where('price', 'lookup_key', key);
  if (!holder) return;
  if (!transfer) {
    throw notPossible(
      `A price (\`${holder.id}\`) already uses that lookup key. Pass transfer_lookup_key=true to move it.`,
      'resource_already_exists',
      'lookup_key',
    );
  }
  account.update('price', holder.id, { lookup_key: null }, 'price.updated');
  refreshItems(account, holder.id);
}

/** Subscription items show the price as it is now. */
function refreshItems(account: Account, id: string): void {
  const price = find(account, 'price', id);
  for (const subscription of account.store.all('subscription')) {
    if (!subscription.items.data.some((item) => item.price.id === id)) continue;
    const data = subscription.items.data.map((item) =>
      item.price.id === id ? { ...item, price, plan: planOf(price) } : item,
    );
    account.store.put('subscription', { ...subscription, items: { ...subscription.items, data } });
  }
}

const updating = {
  active: yesNo(),
  currency_options: currencyOptions.clearable(),
  lookup_key: clearableText(200),
  metadata: metadata(),
  nickname: clearableText(),
  tax_behavior: taxBehavior,
  transfer_lookup_key: yesNo(),
};

export const priceRoutes = [
  route('POST', '/v1/prices', creating, ({ account, params }) => createPrice(account, params)),
  route(
    'GET',
    '/v1/prices',
    {
      ...paging,
      active: yesNo(),
      created: range(),
      currency: currency(),
      lookup_keys: list(text(), 10),
      product: text(),
      recurring: record({ interval: text(), meter: text(), usage_type: text() }),
      type: choice('one_time', 'recurring'),
    },
    ({ account, params }) =>
      page(
        '/v1/prices',
        account.store.all('price'),
        params,
        (price) =>
          price.active === (params.active ?? true) &&
          !account.store.get('price_details', price.id)?.inline &&
          inRange(price.created, params.created) &&
          (params.currency === undefined || price.currency === params.currency) &&
          (params.lookup_keys === undefined ||
            (price.lookup_key !== null && params.lookup_keys.includes(price.lookup_key))) &&
          (params.product === undefined || price.product === params.product) &&
          (params.type === undefined || price.type === params.type) &&
          (params.recurring?.interval === undefined || price.recurring?.interval === params.recurring.interval) &&
          (params.recurring?.usage_type === undefined || price.recurring?.usage_type === params.recurring.usage_type) &&
          (params.recurring?.meter === undefined || price.recurring?.meter === params.recurring.meter),
      ),
  ),
  route('GET', '/v1/prices/search', searchFields, ({ account, params }) =>
    search('/v1/prices/search', account.store.all('price'), params),
  ),
  route('GET', '/v1/prices/:id', {}, ({ account, id }) => find(account, 'price', id)),
  route('POST', '/v1/prices/:id', updating, ({ account, params, id }) => {
    const price = find(account, 'price', id);
    const { metadata: change, transfer_lookup_key, currency_options, ...rest } = params;
    if (rest.tax_behavior && price.tax_behavior !== 'unspecified' && rest.tax_behavior !== price.tax_behavior) {
      throw parameterInvalid(
        'tax_behavior',
        `The tax behavior of price '${id}' is '${price.tax_behavior}' and cannot be changed any more.`,
      );
    }
    if (rest.lookup_key && rest.lookup_key !== price.lookup_key)
      takeLookupKey(account, rest.lookup_key, transfer_lookup_key);
    const hasNewCurrencies = currency_options ? addCurrencies(account, price, currency_options) : false;
    const after = account.update(
      'price',
      id,
      { ...rest, metadata: mergeMetadata(price.metadata, change) },
      'price.updated',
    );
    // No event shows the currencies, so one of them alone has no previous attributes.
    if (after === price && hasNewCurrencies) account.emit('price.updated', after, {});
    refreshItems(account, id);
    tellPlan(account, price, after);
    return after;
  }),
];
