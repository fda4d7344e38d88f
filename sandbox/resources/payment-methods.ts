import type { Account } from '../account.js';
import { cardError, notPossible, noSuch, parameterInvalid, parameterMissing } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { choice, clearableText, integer, mergeMetadata, metadata, record, text } from '../http/parameters.js';
import { route } from '../http/route.js';
import { cardNamed, plainCard, type TestCard } from '../payments/test-cards.js';
import type { Tables } from '../store/tables.js';
import { find, findNamed } from './find.js';

const address = record({
  city: clearableText(),
  country: clearableText(),
  line1: clearableText(),
  line2: clearableText(),
  postal_code: clearableText(),
  state: clearableText(),
});
const billingDetails = record({
  address: address.clearable(),
  email: clearableText(),
  name: clearableText(),
  phone: clearableText(),
});
type BillingDetails = Tables['payment_method']['billing_details'];

export interface NewCard {
  card: TestCard;
  exp_month?: number;
  exp_year?: number;
  billing_details?: Partial<BillingDetails>;
  metadata?: Record<string, string>;
}

export function createCardMethod(
  account: Account,
  { card, exp_month, exp_year, billing_details, metadata: given }: NewCard,
): Tables['payment_method'] {
  const id = account.newId('pm');
  account.store.put('card', { id, token: card.token ?? card.number, set_up_off_session: false });
  // Far enough that a jump of years renews; a card that is to expire names its own year.
  const year = new Date(account.clock.now()).getUTCFullYear() + 10;
  return account.create('payment_method', {
    id,
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: {
      address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
      email: null,
      name: null,
      phone: null,
      tax_id: null,
      ...billing_details,
    },
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      display_brand: card.brand,
      exp_month: exp_month ?? new Date(account.clock.now()).getUTCMonth() + 1,
      exp_year: exp_year ?? year,
      fingerprint: `fp${card.number}`,
      funding: 'credit',
      generated_from: null,
      last4: card.number.slice(-4),
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: account.now(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: given ?? {},
    type: 'card',
  });
}

/** An id of a payment method, or a test token, which stands for a fresh one. */
export function resolvePaymentMethod(
  account: Account,
  name: string,
  param = 'payment_method',
): Tables['payment_method'] {
  const held = account.store.get('payment_method', name);
  if (held) return held;
  const card = cardNamed(name);
  if (!card) throw noSuch('PaymentMethod', name, param, name.startsWith('pm_') ? 404 : 400);
  return createCardMethod(account, { card });
}

export function cardOf(account: Account, paymentMethod: string): TestCard {
  return cardNamed(account.store.get('card', paymentMethod)?.token ?? '') ?? plainCard;
}

/** Attaches the method to the customer. A card that the bank refuses cannot be attached. */
export function attachPaymentMethod(
  account: Account,
  method: Tables['payment_method'],
  customer: string,
): Tables['payment_method'] {
  if (method.customer === customer) return method;
  if (method.customer !== null) {
    throw notPossible(
      'The payment method you provided has already been attached to a customer.',
      'payment_method_unexpected_state',
    );
  }
  const { refused } = cardOf(account, method.id);
  if (refused) throw cardError({ ...refused, param: '' });
  return account.update('payment_method', method.id, { customer }, 'payment_method.attached');
}

export function detachPaymentMethod(account: Account, id: string): Tables['payment_method'] {
  const method = find(account, 'payment_method', id);
  if (method.customer === null) {
    throw notPossible(
      'The payment method you provided is not attached to a customer so detachment is impossible.',
      'payment_method_not_attached',
    );
  }
  const customer = account.store.get('customer', method.customer);
  const detached = account.update('payment_method', id, { customer: null });
  account.emit('payment_method.detached', detached, { customer: method.customer });
  if (customer?.invoice_settings.default_payment_method === id) {
    account.update(
      'customer',
      customer.id,
      { invoice_settings: { ...customer.invoice_settings, default_payment_method: null } },
      'customer.updated',
    );
  }
  for (const subscription of account.store.where('subscription', 'customer', method.customer)) {
    if (subscription.default_payment_method !== id) continue;
    account.update('subscription', subscription.id, { default_payment_method: null }, 'customer.subscription.updated');
  }
  return detached;
}

const cardParams = record({
  number: text(),
  exp_month: integer(1, 12),
  exp_year: integer(1970, 2200),
  cvc: text(),
  token: text(),
});

function fromParams(params: {
  card?: { number?: string; token?: string; exp_month?: number; exp_year?: number };
}): NewCard {
  if (!params.card) throw parameterMissing('card');
  const name = params.card.token ?? params.card.number;
  if (name === undefined) throw parameterMissing('card[number]');
  const card = cardNamed(name);
  if (!card)
    throw parameterInvalid(
      'card[number]',
      `The sandbox knows Stripe's test cards only; '${name.slice(0, 6)}…' is none. Use 4242424242424242 or a token such as pm_card_visa.`,
    );
  if (card.refused?.code === 'incorrect_number') throw cardError({ ...card.refused, param: 'number' });
  return { card, exp_month: params.card.exp_month, exp_year: params.card.exp_year };
}

const listed = { ...paging, type: text() };

export const paymentMethodRoutes = [
  route(
    'POST',
    '/v1/payment_methods',
    {
      type: choice('card').required(),
      card: cardParams,
      billing_details: billingDetails,
      metadata: metadata(),
      allow_redisplay: choice('always', 'limited', 'unspecified'),
    },
    ({ account, params }) =>
      createCardMethod(account, {
        ...fromParams(params),
        billing_details: (params.billing_details ?? {}) as Partial<BillingDetails>,
        metadata: mergeMetadata({}, params.metadata),
      }),
  ),
  route('GET', '/v1/payment_methods', { ...listed, customer: text() }, ({ account, params }) =>
    page(
      '/v1/payment_methods',
      params.customer ? account.store.where('payment_method', 'customer', params.customer) : [],
      params,
      (row) => !params.type || row.type === params.type,
    ),
  ),
  route('GET', '/v1/payment_methods/:id', {}, ({ account, id }) => {
    const method =
      account.store.get('payment_method', id) ?? (cardNamed(id) ? resolvePaymentMethod(account, id) : undefined);
    return method ?? find(account, 'payment_method', id);
  }),
  route(
    'POST',
    '/v1/payment_methods/:id',
    {
      billing_details: billingDetails,
      metadata: metadata(),
      card: record({ exp_month: integer(1, 12), exp_year: integer(1970, 2200) }),
      allow_redisplay: choice('always', 'limited', 'unspecified'),
    },
    ({ account, params, id }) => {
      const method = find(account, 'payment_method', id);
      return account.update(
        'payment_method',
        id,
        {
          ...(params.allow_redisplay ? { allow_redisplay: params.allow_redisplay } : {}),
          ...(params.card && method.card ? { card: { ...method.card, ...params.card } } : {}),
          billing_details: {
            ...method.billing_details,
            ...(params.billing_details as Partial<BillingDetails> | undefined),
          },
          metadata: mergeMetadata(method.metadata ?? {}, params.metadata),
        },
        'payment_method.updated',
      );
    },
  ),
  route('POST', '/v1/payment_methods/:id/attach', { customer: text().required() }, ({ account, params, id }) => {
    const customer = findNamed(account, 'customer', params.customer, 'customer');
    return attachPaymentMethod(account, resolvePaymentMethod(account, id), customer.id);
  }),
  route('POST', '/v1/payment_methods/:id/detach', {}, ({ account, id }) => detachPaymentMethod(account, id)),
  route('GET', '/v1/customers/:id/payment_methods', listed, ({ account, params, id }) => {
    find(account, 'customer', id);
    return page(
      `/v1/customers/${id}/payment_methods`,
      account.store.where('payment_method', 'customer', id),
      params,
      (row) => !params.type || row.type === params.type,
    );
  }),
  route('GET', '/v1/customers/:id/payment_methods/:method', {}, ({ account, id, innerId }) => {
    const method = find(account, 'payment_method', innerId);
    if (method.customer !== id) throw noSuch('PaymentMethod', innerId, 'payment_method');
    return method;
  }),
];
