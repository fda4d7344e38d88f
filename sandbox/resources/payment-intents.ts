import type { Account } from '../account.js';
import { followIntent } from '../billing/collect-invoice.js';
import { cardError, notPossible, parameterInvalid } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
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
  type Values,
  yesNo,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import { attemptPayment } from '../payments/attempt-payment.js';
import { createPaymentIntent } from '../payments/create-payment-intent.js';
import type { Tables } from '../store/tables.js';
import { find, findNamed } from './find.js';
import { attachPaymentMethod, resolvePaymentMethod } from './payment-methods.js';

/** Endive takes no list of payment method types any more. */
export const noMethodTypes: Parameter<never> = new Parameter((_raw, name) => {
  throw parameterInvalid(
    name,
    '`payment_method_types` is no longer supported. Use dynamic payment methods, or filter them with `allowed_payment_method_types` or `excluded_payment_method_types`.',
    'payment_method_types_no_longer_supported',
  );
}, false);

const shared = {
  allowed_payment_method_types: list(text()),
  excluded_payment_method_types: list(text()),
  payment_method_types: noMethodTypes,
  description: clearableText(),
  metadata: metadata(),
  payment_method: text(),
  receipt_email: clearableText(),
  setup_future_usage: choice('off_session', 'on_session').clearable(),
};

const confirming = {
  off_session: yesNo(),
  return_url: text(),
  payment_method: text(),
  payment_method_types: noMethodTypes,
  setup_future_usage: choice('off_session', 'on_session'),
  receipt_email: clearableText(),
};

const creating = {
  ...shared,
  amount: integer(1, 99_999_999).required(),
  currency: currency().required(),
  automatic_payment_methods: record({ enabled: yesNo().required(), allow_redirects: choice('always', 'never') }),
  capture_method: choice('automatic', 'automatic_async', 'manual'),
  confirm: yesNo(),
  confirmation_method: choice('automatic', 'manual'),
  customer: text(),
  off_session: yesNo(),
  return_url: text(),
};

/** Confirms the intent: charges its method, and lets the invoice it pays follow. A refusal is an error that stays on record. */
export function confirmIntent(
  account: Account,
  id: string,
  params: Values<typeof confirming>,
): Tables['payment_intent'] {
  const intent = find(account, 'payment_intent', id);
  if (!['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(intent.status)) {
    throw notPossible(
      `You cannot confirm this PaymentIntent because it has already ${intent.status} after being previously confirmed.`,
      'payment_intent_unexpected_state',
    );
  }
  const named = params.payment_method ?? intent.payment_method;
  if (!named)
    throw notPossible(
      "You cannot confirm this PaymentIntent because it's missing a payment method. Update the PaymentIntent with a payment method and then confirm it again.",
      'payment_intent_unexpected_state',
    );
  const method = resolvePaymentMethod(account, named);
  const future = params.setup_future_usage ?? intent.setup_future_usage;
  account.update('payment_intent', id, {
    payment_method: method.id,
    status: 'requires_confirmation',
    setup_future_usage: future,
  });
  const decision = attemptPayment(account, id, { offSession: params.off_session ?? false });
  if (decision.kind === 'succeeds' && future && intent.customer && method.customer === null)
    attachPaymentMethod(account, method, intent.customer);
  followIntent(account, id, decision, params.off_session ?? false);
  const after = find(account, 'payment_intent', id);
  if (decision.kind === 'succeeds' || (decision.kind === 'requires_action' && !params.off_session)) return after;
  const error =
    decision.kind === 'declined'
      ? cardError({
          ...decision.decline,
          charge: after.latest_charge ?? undefined,
          payment_intent: after,
          payment_method: method,
        })
      : cardError({
          code: 'authentication_required',
          decline_code: 'authentication_required',
          message: 'Your card was declined. This transaction requires authentication.',
          payment_intent: after,
        });
  error.keepsEffects = true;
  throw error;
}

/** The cardholder completed or refused the authentication the intent waits for. */
export function authenticateIntent(account: Account, id: string, ok: boolean): Tables['payment_intent'] {
  const intent = find(account, 'payment_intent', id);
  if (intent.status !== 'requires_action')
    throw notPossible(
      `PaymentIntent '${id}' waits for no authentication: it is ${intent.status}.`,
      'payment_intent_unexpected_state',
    );
  if (ok) followIntent(account, id, attemptPayment(account, id, { offSession: false, authenticated: true }));
  else refuseAuthentication(account, intent);
  return find(account, 'payment_intent', id);
}

function refuseAuthentication(account: Account, intent: Tables['payment_intent']): void {
  const decline = {
    code: 'payment_intent_authentication_failure',
    message:
      'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
  };
  const method = account.store.get('payment_method', intent.payment_method ?? '');
  account.update(
    'payment_intent',
    intent.id,
    {
      status: 'requires_payment_method',
      payment_method: null,
      next_action: null,
      last_payment_error: {
        type: 'invalid_request_error',
        ...decline,
        payment_method: method as never,
      } as Tables['payment_intent']['last_payment_error'],
    },
    'payment_intent.payment_failed',
  );
  followIntent(account, intent.id, { kind: 'declined', decline });
}

export const paymentIntentRoutes = [
  route('POST', '/v1/payment_intents', creating, ({ account, params }) => {
    const {
      confirm,
      off_session,
      return_url: _url,
      payment_method,
      payment_method_types: _types,
      metadata: given,
      automatic_payment_methods: automatic,
      ...rest
    } = params;
    if (params.customer) findNamed(account, 'customer', params.customer, 'customer');
    const method = payment_method ? resolvePaymentMethod(account, payment_method).id : null;
    const intent = createPaymentIntent(account, {
      ...rest,
      customer: params.customer ?? null,
      payment_method: method,
      metadata: mergeMetadata({}, given),
      automatic_payment_methods: automatic
        ? { allow_redirects: 'always', ...automatic }
        : { allow_redirects: 'always', enabled: true },
    });
    return confirm ? confirmIntent(account, intent.id, { off_session }) : intent;
  }),
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
  route('GET', '/v1/payment_intents/:id', { client_secret: text() }, ({ account, id }) =>
    find(account, 'payment_intent', id),
  ),
  route(
    'POST',
    '/v1/payment_intents/:id',
    { ...shared, amount: integer(1, 99_999_999), currency: currency(), customer: text() },
    ({ account, params, id }) => {
      const intent = find(account, 'payment_intent', id);
      const { metadata: change, payment_method, payment_method_types: _types, ...rest } = params;
      const method = payment_method
        ? { payment_method: resolvePaymentMethod(account, payment_method).id, status: 'requires_confirmation' as const }
        : {};
      return account.update('payment_intent', id, {
        ...rest,
        ...method,
        metadata: mergeMetadata(intent.metadata, change),
      });
    },
  ),
  route('POST', '/v1/payment_intents/:id/confirm', confirming, ({ account, params, id }) =>
    confirmIntent(account, id, params),
  ),
  route(
    'POST',
    '/v1/payment_intents/:id/cancel',
    { cancellation_reason: choice('abandoned', 'duplicate', 'fraudulent', 'requested_by_customer') },
    ({ account, params, id }) => {
      const intent = find(account, 'payment_intent', id);
      if (intent.status === 'succeeded' || intent.status === 'canceled')
        throw notPossible(
          `You cannot cancel this PaymentIntent because it has a status of ${intent.status}.`,
          'payment_intent_unexpected_state',
        );
      return account.update(
        'payment_intent',
        id,
        {
          status: 'canceled',
          canceled_at: account.now(intent.customer),
          cancellation_reason: params.cancellation_reason ?? null,
          next_action: null,
        },
        'payment_intent.canceled',
      );
    },
  ),
  route('POST', '/v1/payment_intents/:id/capture', { amount_to_capture: integer(1) }, ({ account, params, id }) => {
    const intent = find(account, 'payment_intent', id);
    if (intent.status !== 'requires_capture')
      throw notPossible(
        `This PaymentIntent could not be captured because it has a status of ${intent.status}.`,
        'payment_intent_unexpected_state',
      );
    const amount = params.amount_to_capture ?? intent.amount;
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
      { status: 'succeeded', amount_received: amount, amount_capturable: 0 },
      'payment_intent.succeeded',
    );
  }),
];
