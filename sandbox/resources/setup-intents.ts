import type { Account } from '../account.js';
import { notPossible } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
  choice,
  clearableText,
  inRange,
  mergeMetadata,
  metadata,
  range,
  text,
  type Values,
  yesNo,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import { confirmSetup, createSetupIntent } from '../payments/setup.js';
import type { Tables } from '../store/tables.js';
import { find, findNamed } from './find.js';
import { automaticMethods, choosing, presenting } from './payment-intent-params.js';
import { chosenMethod } from './payment-methods.js';

const shared = { ...choosing, customer: text(), description: clearableText(), metadata: metadata() };

type SetupIntent = Tables['setup_intent'];

/** What a call says of a setup intent. */
function described(account: Account, params: Values<typeof shared>): Partial<SetupIntent> {
  const { allowed_payment_method_types, excluded_payment_method_types, description } = params;
  const card = params.payment_method_options?.card;
  const method = chosenMethod(account, params);
  return {
    ...(allowed_payment_method_types ? { allowed_payment_method_types } : {}),
    ...(excluded_payment_method_types ? { excluded_payment_method_types } : {}),
    ...(description === undefined ? {} : { description }),
    ...(card
      ? {
          payment_method_options: {
            card: { mandate_options: null, network: null, request_three_d_secure: null, ...card },
          },
        }
      : {}),
    ...(method ? { payment_method: method.id, status: 'requires_confirmation' as const } : {}),
  };
}

export const setupIntentRoutes = [
  route(
    'POST',
    '/v1/setup_intents',
    {
      ...shared,
      ...presenting,
      automatic_payment_methods: automaticMethods,
      confirm: yesNo(),
      usage: choice('off_session', 'on_session'),
    },
    ({ account, params }) => {
      if (params.customer) findNamed(account, 'customer', params.customer, 'customer');
      const { automatic_payment_methods, customer = null, usage = 'off_session', return_url } = params;
      const intent = createSetupIntent(account, {
        ...described(account, params),
        ...(automatic_payment_methods
          ? { automatic_payment_methods: { allow_redirects: 'always', ...automatic_payment_methods } }
          : {}),
        customer,
        usage,
        metadata: mergeMetadata({}, params.metadata),
      });
      return params.confirm ? confirmSetup(account, intent.id, { return_url }) : intent;
    },
  ),
  route(
    'GET',
    '/v1/setup_intents',
    { ...paging, created: range(), customer: text(), payment_method: text() },
    ({ account, params }) =>
      page(
        '/v1/setup_intents',
        params.customer
          ? account.store.where('setup_intent', 'customer', params.customer)
          : account.store.all('setup_intent'),
        params,
        (row) =>
          (params.payment_method === undefined || row.payment_method === params.payment_method) &&
          inRange(row.created, params.created),
      ),
  ),
  route('GET', '/v1/setup_intents/:id', { client_secret: text() }, ({ account, id }) =>
    find(account, 'setup_intent', id),
  ),
  route('POST', '/v1/setup_intents/:id', shared, ({ account, params, id }) => {
    const intent = find(account, 'setup_intent', id);
    if (params.customer) findNamed(account, 'customer', params.customer, 'customer');
    return account.update('setup_intent', id, {
      ...described(account, params),
      ...(params.customer ? { customer: params.customer } : {}),
      metadata: mergeMetadata(intent.metadata ?? {}, params.metadata),
    });
  }),
  route('POST', '/v1/setup_intents/:id/confirm', { ...choosing, ...presenting }, ({ account, params, id }) =>
    confirmSetup(account, id, { described: described(account, params), return_url: params.return_url }),
  ),
  route(
    'POST',
    '/v1/setup_intents/:id/cancel',
    { cancellation_reason: choice('abandoned', 'duplicate', 'requested_by_customer') },
    ({ account, params, id }) => {
      const intent = find(account, 'setup_intent', id);
      if (intent.status === 'succeeded' || intent.status === 'canceled')
        throw notPossible(
          `You cannot cancel this SetupIntent because it has a status of ${intent.status}.`,
          'setup_intent_unexpected_state',
        );
      return account.update(
        'setup_intent',
        id,
        { status: 'canceled', cancellation_reason: params.cancellation_reason ?? null, next_action: null },
        'setup_intent.canceled',
      );
    },
  ),
];
