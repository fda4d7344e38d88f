import type { Account } from '../account.js';
import { notPossible, parameterInvalid } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { choice, inRange, integer, mergeMetadata, metadata, range, text, type Values } from '../http/parameters.js';
import { route } from '../http/route.js';
import { confirmIntent } from '../payments/confirm-payment.js';
import { createPaymentIntent, usualOptions } from '../payments/create-payment-intent.js';
import type { Tables } from '../store/tables.js';
import { fullShipping } from './addresses.js';
import { find, findNamed } from './find.js';
import { type Confirming, confirming, creating, updating } from './payment-intent-params.js';
import { chosenMethod } from './payment-methods.js';
import { search, searchFields } from './search.js';

type Intent = Tables['payment_intent'];

/** What a call says of an intent, beside its amount and whether it is to be paid now. */
function described(
  account: Account,
  { payment_method_options: held }: Pick<Intent, 'payment_method_options'>,
  params: Confirming & Partial<Values<typeof creating>>,
): Partial<Intent> {
  const {
    error_on_requires_action: _error,
    mandate_data: _mandate,
    metadata: _merged,
    off_session: _session,
    payment_method: _named,
    payment_method_configuration: _configuration,
    payment_method_data: _data,
    payment_method_options: options,
    payment_method_types: _types,
    return_url: _url,
    shipping,
    use_stripe_sdk: _sdk,
    ...rest
  } = params;
  const method = chosenMethod(account, params);
  return {
    ...rest,
    ...(shipping === undefined ? {} : { shipping: shipping && fullShipping(shipping) }),
    ...(options
      ? {
          payment_method_options: {
            ...held,
            card: { ...held?.card, ...options.card },
          } as Intent['payment_method_options'],
        }
      : {}),
    ...(method ? { payment_method: method.id, status: 'requires_confirmation' as const } : {}),
  };
}

function createIntent(account: Account, params: Values<typeof creating>): Intent {
  const { confirm, off_session, error_on_requires_action, return_url, automatic_payment_methods: automatic } = params;
  if (params.customer) findNamed(account, 'customer', params.customer, 'customer');
  if (off_session && !confirm)
    throw parameterInvalid('off_session', '`off_session` can only be set together with `confirm=true`.');
  const {
    confirm: _confirm,
    automatic_payment_methods: _automatic,
    customer = null,
    amount,
    currency,
    ...rest
  } = params;
  const made = createPaymentIntent(account, {
    ...described(account, { payment_method_options: usualOptions }, rest),
    amount,
    currency,
    customer,
    automatic_payment_methods: { allow_redirects: 'always', enabled: true, ...automatic },
    metadata: mergeMetadata({}, params.metadata),
  });
  return confirm ? confirmIntent(account, made.id, { off_session, error_on_requires_action, return_url }) : made;
}

/** What was paid, or given up, keeps its amount and its method. */
function updateIntent(account: Account, id: string, params: Values<typeof updating>): Intent {
  const intent = find(account, 'payment_intent', id);
  const closed = intent.status === 'succeeded' || intent.status === 'canceled';
  const refused = (['amount', 'currency', 'payment_method', 'payment_method_data'] as const).find(
    (key) => params[key] !== undefined,
  );
  if (closed && refused)
    throw notPossible(
      `This PaymentIntent's ${refused} could not be updated because it has a status of ${intent.status}.`,
      'payment_intent_unexpected_state',
    );
  return account.update('payment_intent', id, {
    ...described(account, intent, params),
    metadata: mergeMetadata(intent.metadata, params.metadata),
  });
}

function cancelIntent(account: Account, id: string, reason: Intent['cancellation_reason']): Intent {
  const intent = find(account, 'payment_intent', id);
  if (intent.status === 'succeeded' || intent.status === 'canceled')
    throw notPossible(
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}.`,
      'payment_intent_unexpected_state',
    );
  const canceled_at = account.now(intent.customer);
  return account.update(
    'payment_intent',
    id,
    { status: 'canceled', canceled_at, cancellation_reason: reason, next_action: null },
    'payment_intent.canceled',
  );
}

function captureIntent(account: Account, id: string, params: Values<typeof capturing>): Intent {
  const intent = find(account, 'payment_intent', id);
  if (intent.status !== 'requires_capture')
    throw notPossible(
      `This PaymentIntent could not be captured because it has a status of ${intent.status}.`,
      'payment_intent_unexpected_state',
    );
  const { amount_to_capture: amount = intent.amount_capturable, metadata: change } = params;
  if (amount > intent.amount_capturable)
    throw parameterInvalid(
      'amount_to_capture',
      `The amount to capture (${amount}) is greater than what was authorized (${intent.amount_capturable}).`,
      'amount_too_large',
    );
  if (intent.latest_charge)
    account.update(
      'charge',
      intent.latest_charge,
      { captured: true, amount_captured: amount, balance_transaction: account.newId('txn') },
      'charge.captured',
    );
  return account.update(
    'payment_intent',
    id,
    {
      status: 'succeeded',
      amount_received: amount,
      amount_capturable: 0,
      metadata: mergeMetadata(intent.metadata, change),
    },
    'payment_intent.succeeded',
  );
}

const capturing = { amount_to_capture: integer(1), metadata: metadata() };

export const paymentIntentRoutes = [
  route('POST', '/v1/payment_intents', creating, ({ account, params }) => createIntent(account, params)),
  route('GET', '/v1/payment_intents', { ...paging, created: range(), customer: text() }, ({ account, params }) =>
    page(
      '/v1/payment_intents',
      params.customer
        ? account.store.where('payment_intent', 'customer', params.customer)
        : account.store.all('payment_intent'),
      params,
      (row) => inRange(row.created, params.created),
    ),
  ),
  route('GET', '/v1/payment_intents/search', searchFields, ({ account, params }) =>
    search('/v1/payment_intents/search', account.store.all('payment_intent'), params),
  ),
  route('GET', '/v1/payment_intents/:id', { client_secret: text() }, ({ account, id }) =>
    find(account, 'payment_intent', id),
  ),
  route('POST', '/v1/payment_intents/:id', updating, ({ account, params, id }) => updateIntent(account, id, params)),
  route('POST', '/v1/payment_intents/:id/confirm', confirming, ({ account, params, id }) => {
    const { off_session, error_on_requires_action, return_url } = params;
    return confirmIntent(account, id, {
      described: described(account, find(account, 'payment_intent', id), params),
      off_session,
      error_on_requires_action,
      return_url,
    });
  }),
  route(
    'POST',
    '/v1/payment_intents/:id/cancel',
    { cancellation_reason: choice('abandoned', 'duplicate', 'fraudulent', 'requested_by_customer') },
    ({ account, params, id }) => cancelIntent(account, id, params.cancellation_reason ?? null),
  ),
  route('POST', '/v1/payment_intents/:id/capture', capturing, ({ account, params, id }) =>
    captureIntent(account, id, params),
  ),
];
