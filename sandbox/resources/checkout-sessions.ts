import type { Account } from '../account.js';
import { notPossible, parameterInvalid } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { choice, inRange, mergeMetadata, metadata, record, range, text } from '../http/parameters.js';
import { route } from '../http/route.js';
import type { CheckoutPlan, Tables } from '../store/tables.js';
import { repriceSession } from '../checkout/session-totals.js';
import { usualOptions } from '../payments/create-payment-intent.js';
import { find, findNamed } from './find.js';
import { neededPrice } from './inline-price.js';
import { ratesNamed } from './tax-rates.js';
import { checkModes, creating, type NewSession } from './checkout-session-params.js';
import { sessionFrom } from '../checkout/new-session.js';

export type Session = Tables['checkout.session'];

const DAY = 86_400;

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
  const first = account.store.get('price', plan.line_items[0]?.price ?? '');
  const currency = params.currency ?? (params.mode === 'setup' ? null : (first?.currency ?? 'usd'));
  account.create('checkout.session', sessionFrom(account, id, params, { now, expiresAt, currency }));
  return repriceSession(account, id);
}

function orderedItems(account: Account, params: NewSession): CheckoutPlan['line_items'] {
  return (params.line_items ?? []).map(({ price, price_data, quantity = 1, tax_rates, adjustable_quantity }, place) => {
    const name = `line_items[${place}]`;
    const named = neededPrice(account, { price, price_data }, name);
    const found = findNamed(account, 'price', named, `${name}[price]`);
    if (!found.active)
      throw parameterInvalid(
        `${name}[price]`,
        `The price specified is inactive. This field only accepts active prices. (${found.id})`,
      );
    if (params.mode === 'payment' && found.recurring)
      throw parameterInvalid(
        `${name}[price]`,
        'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
      );
    if (tax_rates && params.automatic_tax?.enabled)
      throw parameterInvalid(`${name}[tax_rates]`, 'Tax rates cannot be used together with automatic tax.');
    return {
      id: account.newId('li'),
      price: found.id,
      quantity,
      tax_rates: (ratesNamed(account, tax_rates, `${name}[tax_rates]`) ?? []).map((rate) => rate.id),
      ...(adjustable_quantity ? { adjustable_quantity: { minimum: 0, maximum: 99, ...adjustable_quantity } } : {}),
    };
  });
}

function planOf(account: Account, id: string, params: NewSession): CheckoutPlan {
  const items = orderedItems(account, params);
  if (params.mode === 'subscription' && !items.some(({ price }) => account.store.get('price', price)?.recurring)) {
    throw parameterInvalid(
      'line_items',
      'You must provide at least one recurring price in `subscription` mode when using prices.',
    );
  }
  const { default_tax_rates, ...subscription_data } = params.subscription_data ?? {};
  const rates = ratesNamed(account, default_tax_rates, 'subscription_data[default_tax_rates]');
  const { metadata: held, ...payment_intent_data } = params.payment_intent_data ?? {};
  const options = params.payment_method_options;
  const { invoice_data, enabled = false } = params.invoice_creation ?? {};
  return {
    id,
    line_items: items.map((item) => ({
      ...item,
      tax_rates: item.tax_rates.length > 0 ? item.tax_rates : (rates ?? []).map((rate) => rate.id),
    })),
    subscription_data: { ...subscription_data, ...(rates ? { default_tax_rates: rates } : {}) },
    payment_intent_data: {
      ...payment_intent_data,
      metadata: mergeMetadata({}, held),
      ...(options?.card
        ? { payment_method_options: { card: { ...usualOptions.card, ...options.card } } as never }
        : {}),
    },
    invoice_data: enabled ? { ...invoice_data, metadata: mergeMetadata({}, invoice_data?.metadata) } : null,
    setup_intent_data: params.setup_intent_data ?? {},
    discounts: params.discounts ?? [],
    ...(params.customer_update ? { customer_update: params.customer_update } : {}),
    shown_items: [],
    trial: subscription_data.trial_end !== undefined || subscription_data.trial_period_days !== undefined,
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
  route('POST', '/v1/checkout/sessions/:id', { metadata: metadata() }, ({ account, params, id }) => {
    const session = find(account, 'checkout.session', id);
    return account.update('checkout.session', id, {
      metadata: mergeMetadata(session.metadata ?? {}, params.metadata),
    });
  }),
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
