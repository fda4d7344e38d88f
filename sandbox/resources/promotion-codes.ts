import type { Account } from '../account.js';
import { notPossible, parameterInvalid } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
  byKey,
  choice,
  currency,
  inRange,
  integer,
  mergeMetadata,
  metadata,
  range,
  record,
  text,
  timestamp,
  type Values,
  yesNo,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';
import { find, findNamed } from './find.js';

const currencyOptions = byKey(record({ minimum_amount: integer(0) }));

const creating = {
  promotion: record({ type: choice('coupon').required(), coupon: text().required() }).required(),
  active: yesNo(),
  code: text(500),
  customer: text(),
  expires_at: timestamp(),
  max_redemptions: integer(1),
  metadata: metadata(),
  restrictions: record({
    currency_options: currencyOptions,
    first_time_transaction: yesNo(),
    minimum_amount: integer(0),
    minimum_amount_currency: currency(),
  }),
};

function createPromotionCode(account: Account, params: Values<typeof creating>): Tables['promotion_code'] {
  const coupon = findNamed(account, 'coupon', params.promotion.coupon, 'promotion[coupon]');
  const code = params.code ?? account.newWord(8).toUpperCase();
  if (!/^[A-Za-z0-9-]+$/.test(code))
    throw parameterInvalid('code', `The promotion code '${code}' may hold letters, digits and dashes only.`);
  if (account.store.where('promotion_code', 'code', code.toLowerCase()).some(({ active }) => active)) {
    throw notPossible(
      'An active promotion code with `code: ' + code + '` already exists.',
      'resource_already_exists',
      'code',
    );
  }
  if (params.expires_at !== undefined && coupon.redeem_by !== null && params.expires_at > coupon.redeem_by) {
    throw parameterInvalid('expires_at', `expires_at cannot be after the coupon's redeem_by (${coupon.redeem_by}).`);
  }
  if (params.customer) findNamed(account, 'customer', params.customer, 'customer');
  const { restrictions } = params;
  return account.create(
    'promotion_code',
    {
      id: account.newId('promo'),
      object: 'promotion_code',
      active: params.active ?? true,
      code,
      created: account.now(),
      customer: params.customer ?? null,
      customer_account: null,
      expires_at: params.expires_at ?? null,
      livemode: false,
      max_redemptions: params.max_redemptions ?? null,
      metadata: mergeMetadata({}, params.metadata),
      promotion: { coupon: coupon.id, type: 'coupon' },
      restrictions: {
        first_time_transaction: restrictions?.first_time_transaction ?? false,
        minimum_amount: restrictions?.minimum_amount ?? null,
        minimum_amount_currency: restrictions?.minimum_amount_currency ?? null,
      },
      times_redeemed: 0,
    } as Tables['promotion_code'],
    'promotion_code.created',
  );
}

export const promotionCodeRoutes = [
  route('POST', '/v1/promotion_codes', creating, ({ account, params }) => createPromotionCode(account, params)),
  route(
    'GET',
    '/v1/promotion_codes',
    { ...paging, active: yesNo(), code: text(), coupon: text(), created: range(), customer: text() },
    ({ account, params }) => {
      const rows = params.code
        ? account.store.where('promotion_code', 'code', params.code.toLowerCase())
        : account.store.all('promotion_code');
      return page(
        '/v1/promotion_codes',
        rows,
        params,
        (row) =>
          (params.active === undefined || row.active === params.active) &&
          (params.coupon === undefined || row.promotion.coupon === params.coupon) &&
          (params.customer === undefined || row.customer === params.customer) &&
          inRange(row.created, params.created),
      );
    },
  ),
  route('GET', '/v1/promotion_codes/:id', {}, ({ account, id }) => find(account, 'promotion_code', id)),
  route('POST', '/v1/promotion_codes/:id', { active: yesNo(), metadata: metadata() }, ({ account, params, id }) => {
    const promotion = find(account, 'promotion_code', id);
    return account.update(
      'promotion_code',
      id,
      {
        ...(params.active === undefined ? {} : { active: params.active }),
        metadata: mergeMetadata(promotion.metadata ?? {}, params.metadata),
      },
      'promotion_code.updated',
    );
  }),
];
