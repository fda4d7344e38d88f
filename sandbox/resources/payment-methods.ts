import type { Account } from '../account.js';
import { cardError, noSuch, parameterInvalid, parameterMissing } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
  choice,
  clearableText,
  integer,
  mergeMetadata,
  metadata,
  record,
  text,
  type Values,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import {
  attachPaymentMethod,
  createCardMethod,
  detachPaymentMethod,
  resolvePaymentMethod,
  type NewCard,
} from '../payments/payment-methods.js';
import { cardNamed } from '../payments/test-cards.js';
import type { Tables } from '../store/tables.js';
import { address, fullAddress } from './addresses.js';
import { find, findNamed } from './find.js';

const billingDetails = record({
  address: address.clearable(),
  email: clearableText(),
  name: clearableText(),
  phone: clearableText(),
});
type BillingDetails = Tables['payment_method']['billing_details'];

/** What is said of whom the card belongs to; an address that is given replaces the whole of the one before. */
function detailsFrom(given: Values<{ details: typeof billingDetails }>['details']): Partial<BillingDetails> {
  if (!given) return {};
  const { address: said, ...rest } = given;
  return { ...rest, ...(said === undefined ? {} : { address: fullAddress(said ?? {}) }) };
}

const cardParams = record({
  number: text(),
  exp_month: integer(1, 12),
  exp_year: integer(1970, 2200),
  cvc: text(),
  token: text(),
});

const newMethod = {
  type: choice('card').required(),
  card: cardParams,
  billing_details: billingDetails,
  metadata: metadata(),
  allow_redisplay: choice('always', 'limited', 'unspecified'),
};

/** A payment method that is made within another call. */
export const methodData = record(newMethod);
type MethodData = Values<typeof newMethod>;

/** The method that a call names, or describes; null where it does neither. */
export function chosenMethod(
  account: Account,
  { payment_method: named, payment_method_data: data }: { payment_method?: string; payment_method_data?: MethodData },
): Tables['payment_method'] | null {
  if (named && data)
    throw parameterInvalid(
      'payment_method_data',
      'You may only specify one of these parameters: payment_method, payment_method_data.',
    );
  if (named) return resolvePaymentMethod(account, named);
  return data ? methodFrom(account, data) : null;
}

function methodFrom(account: Account, params: MethodData): Tables['payment_method'] {
  return createCardMethod(account, {
    ...fromParams(params),
    allow_redisplay: params.allow_redisplay,
    billing_details: detailsFrom(params.billing_details),
    metadata: mergeMetadata({}, params.metadata),
  });
}

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
  route('POST', '/v1/payment_methods', newMethod, ({ account, params }) => methodFrom(account, params)),
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
            ...detailsFrom(params.billing_details),
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
