import type { Account } from '../account.js';
import { notPossible, parameterInvalid, parameterMissing } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { choice, inRange, mergeMetadata, metadata, record, range, text } from '../http/parameters.js';
import { route } from '../http/route.js';
import { amountOf, fullPrice } from '../billing/price-amount.js';
import type { CheckoutPlan, Tables } from '../store/tables.js';
import { discounted } from '../checkout/session-discounts.js';
import { find, findNamed } from './find.js';
import { checkModes, creating, type NewSession } from './checkout-session-params.js';
import { sessionFrom } from '../checkout/new-session.js';
import { createPrice } from './prices.js';

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
    ...(params.customer_update ? { customer_update: params.customer_update } : {}),
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
