import type { Account } from '../account.js';
import { notPossible, parameterInvalid, parameterMissing } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
  byKey,
  choice,
  clearableText,
  currency,
  inRange,
  integer,
  list,
  mergeMetadata,
  metadata,
  Parameter,
  range,
  record,
  text,
  timestamp,
  type Values,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';
import { erase, find, findNamed } from './find.js';

const percent = new Parameter<number>((raw, name) => {
  const value = Number(raw);
  if (typeof raw !== 'string' || raw === '' || !(value > 0 && value <= 100))
    throw parameterInvalid(name, `Invalid decimal: ${String(raw)}; must be above 0 and at most 100`);
  return value;
}, false);

const creating = {
  id: text(),
  amount_off: integer(1),
  applies_to: record({ products: list(text()) }),
  currency: currency(),
  currency_options: byKey(record({ amount_off: integer(1).required() })),
  duration: choice('forever', 'once', 'repeating'),
  duration_in_months: integer(1),
  max_redemptions: integer(1),
  metadata: metadata(),
  name: clearableText(40),
  percent_off: percent,
  redeem_by: timestamp(),
};

function createCoupon(account: Account, params: Values<typeof creating>): Tables['coupon'] {
  const { amount_off, percent_off, duration = 'once' } = params;
  if ((amount_off === undefined) === (percent_off === undefined))
    throw parameterInvalid(
      'percent_off',
      'Give a coupon either percent_off, or amount_off with a currency.',
      'parameter_missing',
    );
  if (amount_off !== undefined && !params.currency) throw parameterMissing('currency');
  if (duration === 'repeating' && params.duration_in_months === undefined) throw parameterMissing('duration_in_months');
  const id = params.id ?? account.newWord(8);
  if (account.store.get('coupon', id))
    throw notPossible(`Coupon already exists: ${id}`, 'resource_already_exists', 'id');
  for (const product of params.applies_to?.products ?? [])
    findNamed(account, 'product', product, 'applies_to[products]');
  account.store.put('coupon_details', {
    id,
    products: params.applies_to?.products ?? null,
    currency_options: params.currency_options ?? {},
  });
  return account.create(
    'coupon',
    {
      id,
      object: 'coupon',
      amount_off: amount_off ?? null,
      created: account.now(),
      currency: amount_off === undefined ? null : (params.currency ?? null),
      duration,
      duration_in_months: duration === 'repeating' ? (params.duration_in_months ?? null) : null,
      livemode: false,
      max_redemptions: params.max_redemptions ?? null,
      metadata: mergeMetadata({}, params.metadata),
      name: params.name ?? null,
      percent_off: percent_off ?? null,
      redeem_by: params.redeem_by ?? null,
      times_redeemed: 0,
      valid: true,
    } as Tables['coupon'],
    'coupon.created',
  );
}

export const couponRoutes = [
  route('POST', '/v1/coupons', creating, ({ account, params }) => createCoupon(account, params)),
  route('GET', '/v1/coupons', { ...paging, created: range() }, ({ account, params }) =>
    page('/v1/coupons', account.store.all('coupon'), params, (row) => inRange(row.created, params.created)),
  ),
  route('GET', '/v1/coupons/:id', {}, ({ account, id }) => find(account, 'coupon', id)),
  route(
    'POST',
    '/v1/coupons/:id',
    {
      metadata: metadata(),
      name: clearableText(40),
      currency_options: byKey(record({ amount_off: integer(1).required() })),
    },
    ({ account, params, id }) => {
      const coupon = find(account, 'coupon', id);
      const { metadata: change, currency_options, ...rest } = params;
      const details = account.store.get('coupon_details', id);
      if (currency_options && details)
        account.store.put('coupon_details', {
          ...details,
          currency_options: { ...details.currency_options, ...currency_options },
        });
      return account.update(
        'coupon',
        id,
        { ...rest, metadata: mergeMetadata(coupon.metadata ?? {}, change) },
        'coupon.updated',
      );
    },
  ),
  route('DELETE', '/v1/coupons/:id', {}, ({ account, id }) => {
    const coupon = find(account, 'coupon', id);
    account.emit('coupon.deleted', coupon);
    // Existing discounts go on: what they take off stays known.
    account.store.put('deleted_coupon', coupon);
    return erase(account, 'coupon', id, 'coupon');
  }),
];
