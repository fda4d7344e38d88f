import type { Account } from '../account.js';
import { notPossible, parameterInvalid, parameterMissing } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
  byKey,
  choice,
  currency,
  inRange,
  integer,
  list,
  mergeMetadata,
  metadata,
  record,
  range,
  text,
  timestamp,
  url,
  type Values,
  yesNo,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import { amountOf, fullPrice } from '../billing/price-amount.js';
import type { CheckoutPlan, Tables } from '../store/tables.js';
import { discounted } from '../checkout/session-discounts.js';
import { find, findNamed } from './find.js';
import { noMethodTypes } from './payment-intents.js';
import { createPrice, inlineRecurring } from './prices.js';

export type Session = Tables['checkout.session'];

const DAY = 86_400;

const subscriptionData = record({
  billing_cycle_anchor: timestamp(),
  billing_mode: record({
    type: choice('classic', 'flexible').required(),
    flexible: record({ proration_discounts: choice('included', 'itemized') }),
  }),
  description: text(500),
  metadata: metadata(),
  proration_behavior: choice('create_prorations', 'none'),
  trial_end: timestamp(),
  trial_period_days: integer(1, 730),
  trial_settings: record({
    end_behavior: record({ missing_payment_method: choice('cancel', 'create_invoice', 'pause').required() }).required(),
  }),
});

const creating = {
  allow_promotion_codes: yesNo(),
  allowed_payment_method_types: list(text()),
  automatic_tax: record({ enabled: yesNo().required() }),
  billing_address_collection: choice('auto', 'required'),
  cancel_url: url(),
  client_reference_id: text(200),
  currency: currency(),
  customer: text(),
  customer_creation: choice('always', 'if_required'),
  customer_email: text(800),
  discounts: list(record({ coupon: text(), promotion_code: text() }), 1),
  customer_update: record({
    address: choice('auto', 'never'),
    name: choice('auto', 'never'),
    shipping: choice('auto', 'never'),
  }),
  excluded_payment_method_types: list(text()),
  expires_at: timestamp(),
  line_items: list(
    record({
      price: text(),
      price_data: record({
        currency: currency().required(),
        product: text(),
        product_data: record({ name: text().required(), description: text(), metadata: metadata() }),
        recurring: inlineRecurring,
        tax_behavior: choice('exclusive', 'inclusive', 'unspecified'),
        unit_amount: integer(0),
      }),
      quantity: integer(0),
    }),
    100,
  ),
  locale: text(10),
  metadata: metadata(),
  mode: choice('payment', 'setup', 'subscription').required(),
  payment_intent_data: record({
    description: text(),
    metadata: metadata(),
    setup_future_usage: choice('off_session', 'on_session'),
  }),
  payment_method_collection: choice('always', 'if_required'),
  payment_method_types: noMethodTypes,
  redirect_on_completion: choice('always', 'if_required', 'never'),
  return_url: url(),
  saved_payment_method_options: record({ payment_method_save: choice('disabled', 'enabled') }),
  setup_intent_data: record({ description: text(), metadata: metadata() }),
  submit_type: choice('auto', 'book', 'donate', 'pay', 'subscribe'),
  subscription_data: subscriptionData,
  success_url: url(),
  tax_id_collection: record({ enabled: yesNo().required(), required: choice('if_supported', 'never') }),
  ui_mode: choice('elements', 'embedded_page', 'form', 'hosted_page'),
};

type NewSession = Values<typeof creating>;

function checkModes(params: NewSession): void {
  const { mode, ui_mode = 'hosted_page' } = params;
  if (mode !== 'setup' && !params.line_items?.length) throw parameterMissing('line_items');
  if (mode !== 'subscription' && params.subscription_data)
    throw parameterInvalid('subscription_data', 'You can not pass `subscription_data` in `' + mode + '` mode.');
  if (mode !== 'payment' && params.payment_intent_data)
    throw parameterInvalid('payment_intent_data', `You can not pass \`payment_intent_data\` in \`${mode}\` mode.`);
  const hosted = ui_mode === 'hosted_page';
  if (hosted && params.return_url)
    throw parameterInvalid(
      'return_url',
      '`return_url` may only be specified when `ui_mode` is `embedded_page` or `elements`.',
    );
  if (hosted && !params.success_url) throw parameterMissing('success_url');
  if (!hosted && params.success_url)
    throw parameterInvalid(
      'success_url',
      `\`success_url\` can not be set when \`ui_mode\` is \`${ui_mode}\`; use \`return_url\`.`,
    );
  if (!hosted && params.cancel_url)
    throw parameterInvalid('cancel_url', `\`cancel_url\` can not be set when \`ui_mode\` is \`${ui_mode}\`.`);
  if (!hosted && !params.return_url && params.redirect_on_completion !== 'never') throw parameterMissing('return_url');
  if (params.discounts && params.allow_promotion_codes !== undefined)
    throw parameterInvalid(
      'discounts',
      'You may only specify one of these parameters: allow_promotion_codes, discounts.',
    );
  if (params.customer && params.customer_email)
    throw parameterInvalid('customer_email', 'You may only specify one of these parameters: customer, customer_email.');
  if (params.subscription_data?.trial_end && params.subscription_data.trial_period_days) {
    throw parameterInvalid(
      'subscription_data',
      'You may only specify one of these parameters: trial_end, trial_period_days.',
    );
  }
}

function createSession(account: Account, params: NewSession): Session {
  checkModes(params);
  const customer = params.customer ? findNamed(account, 'customer', params.customer, 'customer') : null;
  const now = account.now(customer?.id);
  const expiresAt = params.expires_at ?? now + DAY;
  if (expiresAt < now + 1800 || expiresAt > now + DAY) {
    throw parameterInvalid(
      'expires_at',
      'The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session creation.',
    );
  }
  const id = `cs_test_${account.newWord(58)}`;
  const plan = planOf(account, id, params);
  account.store.put('checkout_plan', plan);
  account.plan('checkout.session.expire', id, expiresAt, customer?.id);
  const session = sessionFrom(account, id, params, { now, expiresAt, plan });
  return account.create('checkout.session', { ...session, ...discounted(account, session, plan.discounts) });
}

function planOf(account: Account, id: string, params: NewSession): CheckoutPlan {
  const items = (params.line_items ?? []).map(({ price, price_data, quantity = 1 }, place) => {
    if (!price && !price_data) throw parameterMissing(`line_items[${place}][price]`);
    const found = price
      ? findNamed(account, 'price', price, `line_items[${place}][price]`)
      : createPrice(account, price_data as never);
    if (!found.active)
      throw parameterInvalid(
        `line_items[${place}][price]`,
        `The price specified is inactive. This field only accepts active prices. (${found.id})`,
      );
    if (params.mode === 'payment' && found.recurring)
      throw parameterInvalid(
        `line_items[${place}][price]`,
        'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
      );
    return { id: account.newId('li'), price: found.id, quantity };
  });
  if (params.mode === 'subscription' && !items.some(({ price }) => account.store.get('price', price)?.recurring)) {
    throw parameterInvalid(
      'line_items',
      'You must provide at least one recurring price in `subscription` mode when using prices.',
    );
  }
  const currencyOf = params.currency ?? account.store.get('price', items[0]?.price ?? '')?.currency ?? 'usd';
  return {
    id,
    line_items: items,
    subscription_data: params.subscription_data ?? {},
    payment_intent_data: params.payment_intent_data ?? {},
    setup_intent_data: params.setup_intent_data ?? {},
    discounts: params.discounts ?? [],
    shown_items: items.map((item) => shownItem(account, item, currencyOf)),
  };
}

function shownItem(
  account: Account,
  item: CheckoutPlan['line_items'][number],
  code: string,
): CheckoutPlan['shown_items'][number] {
  const price = fullPrice(account, item.price);
  const amount = amountOf(price, item.quantity, code, account.settings.rounding);
  const { tiers: _tiers, currency_options: _options, ...shown } = price;
  return {
    id: item.id,
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: code,
    description: account.store.get('product', price.product)?.name ?? price.product,
    metadata: {},
    price: shown,
    quantity: item.quantity,
  } as CheckoutPlan['shown_items'][number];
}

function sessionFrom(
  account: Account,
  id: string,
  params: NewSession,
  { now, expiresAt, plan }: { now: number; expiresAt: number; plan: CheckoutPlan },
): Session {
  const total = plan.shown_items.reduce((sum, item) => sum + item.amount_total, 0);
  const trial =
    params.subscription_data?.trial_end !== undefined || params.subscription_data?.trial_period_days !== undefined;
  const due = trial ? 0 : total;
  const ui = params.ui_mode ?? 'hosted_page';
  const priced = params.mode !== 'setup';
  return {
    id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: params.allow_promotion_codes ?? null,
    allowed_payment_method_types: params.allowed_payment_method_types ?? null,
    amount_subtotal: priced ? due : null,
    amount_total: priced ? due : null,
    automatic_tax: { enabled: params.automatic_tax?.enabled ?? false, liability: null, provider: null, status: null },
    billing_address_collection: params.billing_address_collection ?? null,
    cancel_url: params.cancel_url ?? null,
    client_reference_id: params.client_reference_id ?? null,
    client_secret: ui === 'hosted_page' ? null : `${id}_secret_${account.newWord(30)}`,
    collected_information: { business_name: null, individual_name: null, shipping_details: null },
    consent: null,
    consent_collection: null,
    created: now,
    currency: priced ? (plan.shown_items[0]?.currency ?? null) : (params.currency ?? null),
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: params.customer ?? null,
    customer_account: null,
    customer_creation: params.customer ? null : (params.customer_creation ?? 'always'),
    customer_details: params.customer_email ? detailsOf(params.customer_email, null) : null,
    customer_email: params.customer_email ?? null,
    discounts: null,
    expires_at: expiresAt,
    integration_identifier: null,
    invoice: null,
    invoice_creation:
      params.mode === 'payment'
        ? {
            enabled: false,
            invoice_data: {
              account_tax_ids: null,
              custom_fields: null,
              description: null,
              footer: null,
              issuer: null,
              metadata: null,
              rendering_options: null,
            },
          }
        : null,
    livemode: false,
    locale: (params.locale ?? null) as Session['locale'],
    managed_payments: null,
    metadata: mergeMetadata({}, params.metadata),
    mode: params.mode,
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: params.mode === 'subscription' ? (params.payment_method_collection ?? 'always') : null,
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: ['card'],
    payment_status: params.mode === 'setup' ? 'no_payment_required' : 'unpaid',
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    ...(ui === 'hosted_page'
      ? {}
      : {
          redirect_on_completion: params.redirect_on_completion ?? 'always',
          ...(params.return_url ? { return_url: params.return_url } : {}),
        }),
    saved_payment_method_options: {
      allow_redisplay_filters: ['always'],
      payment_method_remove: 'disabled',
      payment_method_save: params.saved_payment_method_options?.payment_method_save ?? null,
    },
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: params.submit_type ?? null,
    subscription: null,
    success_url: params.success_url ?? null,
    total_details: priced ? { amount_discount: 0, amount_shipping: 0, amount_tax: 0 } : null,
    ui_mode: ui,
    url: ui === 'hosted_page' ? `${account.url}/c/pay/${id}` : null,
    wallet_options: null,
  };
}

export function detailsOf(
  email: string | null,
  customer: Tables['customer'] | null,
): NonNullable<Session['customer_details']> {
  return {
    address: customer?.address ?? null,
    business_name: null,
    email: email ?? customer?.email ?? null,
    individual_name: null,
    name: customer?.name ?? null,
    phone: customer?.phone ?? null,
    tax_exempt: (customer?.tax_exempt ?? 'none') as 'none',
    tax_ids: [],
  };
}

/** Open to expired. Nothing happens to a session that was completed before. */
export function expireSession(account: Account, id: string): void {
  const session = account.store.get('checkout.session', id);
  if (session?.status !== 'open') return;
  account.unplan('checkout.session.expire', id);
  account.update('checkout.session', id, { status: 'expired', url: null });
  account.emit('checkout.session.expired', find(account, 'checkout.session', id));
}

export const checkoutSessionRoutes = [
  route('POST', '/v1/checkout/sessions', creating, ({ account, params }) => createSession(account, params)),
  route(
    'GET',
    '/v1/checkout/sessions',
    {
      ...paging,
      created: range(),
      customer: text(),
      customer_details: record({ email: text().required() }),
      payment_intent: text(),
      status: choice('complete', 'expired', 'open'),
      subscription: text(),
    },
    ({ account, params }) => {
      const { store } = account;
      const rows = params.customer
        ? store.where('checkout.session', 'customer', params.customer)
        : store.all('checkout.session');
      return page(
        '/v1/checkout/sessions',
        rows,
        params,
        (row) =>
          (params.status === undefined || row.status === params.status) &&
          (params.subscription === undefined || row.subscription === params.subscription) &&
          (params.payment_intent === undefined || row.payment_intent === params.payment_intent) &&
          (params.customer_details === undefined || row.customer_details?.email === params.customer_details.email) &&
          inRange(row.created, params.created),
      );
    },
  ),
  route('GET', '/v1/checkout/sessions/:id', {}, ({ account, id }) => find(account, 'checkout.session', id)),
  route(
    'POST',
    '/v1/checkout/sessions/:id',
    { metadata: metadata(), collected_information: byKey(text()) },
    ({ account, params, id }) => {
      const session = find(account, 'checkout.session', id);
      return account.update('checkout.session', id, {
        metadata: mergeMetadata(session.metadata ?? {}, params.metadata),
      });
    },
  ),
  route('GET', '/v1/checkout/sessions/:id/line_items', paging, ({ account, params, id }) => {
    find(account, 'checkout.session', id);
    return page(
      `/v1/checkout/sessions/${id}/line_items`,
      [...(account.store.get('checkout_plan', id)?.shown_items ?? [])].reverse(),
      params,
    );
  }),
  route('POST', '/v1/checkout/sessions/:id/expire', {}, ({ account, id }) => {
    const { status } = find(account, 'checkout.session', id);
    if (status !== 'open')
      throw notPossible(
        `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${status}\`.`,
      );
    expireSession(account, id);
    return find(account, 'checkout.session', id);
  }),
];
