import { notPossible } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
  choice,
  clearableText,
  inRange,
  list,
  mergeMetadata,
  metadata,
  range,
  record,
  text,
  yesNo,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import { confirmSetup, createSetupIntent } from '../payments/setup.js';
import { find, findNamed } from './find.js';
import { noMethodTypes } from './payment-intents.js';
import { resolvePaymentMethod } from './payment-methods.js';

const shared = {
  allowed_payment_method_types: list(text()),
  customer: text(),
  description: clearableText(),
  excluded_payment_method_types: list(text()),
  metadata: metadata(),
  payment_method: text(),
  payment_method_types: noMethodTypes,
};

export const setupIntentRoutes = [
  route(
    'POST',
    '/v1/setup_intents',
    {
      ...shared,
      automatic_payment_methods: record({ enabled: yesNo().required(), allow_redirects: choice('always', 'never') }),
      confirm: yesNo(),
      return_url: text(),
      usage: choice('off_session', 'on_session'),
    },
    ({ account, params }) => {
      if (params.customer) findNamed(account, 'customer', params.customer, 'customer');
      const method = params.payment_method ? resolvePaymentMethod(account, params.payment_method).id : null;
      const intent = createSetupIntent(account, {
        customer: params.customer ?? null,
        payment_method: method,
        usage: params.usage,
        metadata: mergeMetadata({}, params.metadata),
        description: params.description,
      });
      return params.confirm ? confirmSetup(account, intent.id) : intent;
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
    const { metadata: change, payment_method, payment_method_types: _types, ...rest } = params;
    const method = payment_method
      ? { payment_method: resolvePaymentMethod(account, payment_method).id, status: 'requires_confirmation' as const }
      : {};
    return account.update('setup_intent', id, {
      ...(rest as object),
      ...method,
      metadata: mergeMetadata(intent.metadata ?? {}, change),
    });
  }),
  route(
    'POST',
    '/v1/setup_intents/:id/confirm',
    { payment_method: text(), return_url: text(), payment_method_types: noMethodTypes },
    ({ account, params, id }) => confirmSetup(account, id, params.payment_method),
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
