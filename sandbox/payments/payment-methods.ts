import type { Account } from '../account.js';
import { cardError, noSuch, notPossible } from '../http/errors.js';
import { fullAddress } from '../resources/addresses.js';
import { find } from '../resources/find.js';
import type { Tables } from '../store/tables.js';
import { cardNamed, plainCard, type TestCard } from './test-cards.js';

type BillingDetails = Tables['payment_method']['billing_details'];

export interface NewCard {
  card: TestCard;
  exp_month?: number;
  exp_year?: number;
  billing_details?: Partial<BillingDetails>;
  metadata?: Record<string, string>;
  allow_redisplay?: 'always' | 'limited' | 'unspecified';
}

export function createCardMethod(
  account: Account,
  { card, exp_month, exp_year, billing_details, metadata: given, allow_redisplay }: NewCard,
): Tables['payment_method'] {
  const id = account.newId('pm');
  account.store.put('card', { id, token: card.token ?? card.number, set_up_off_session: false });
  return account.create('payment_method', {
    id,
    object: 'payment_method',
    allow_redisplay: allow_redisplay ?? 'unspecified',
    billing_details: {
      address: fullAddress(),
      email: null,
      name: null,
      phone: null,
      tax_id: null,
      ...billing_details,
    },
    ...(card.settles ? bankAccount(card) : { type: 'card', card: plasticCard(account, card, { exp_month, exp_year }) }),
    created: account.now(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: given ?? {},
  });
}

function plasticCard(
  account: Account,
  card: TestCard,
  { exp_month, exp_year }: Pick<NewCard, 'exp_month' | 'exp_year'>,
): Tables['payment_method']['card'] {
  // Far enough that a jump of years renews; a card that is to expire names its own year.
  const year = new Date(account.clock.now()).getUTCFullYear() + 10;
  return {
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
  };
}

const bankAccount = ({ number }: TestCard): Pick<Tables['payment_method'], 'type' | 'us_bank_account'> => ({
  type: 'us_bank_account',
  us_bank_account: {
    account_holder_type: 'company',
    account_type: 'checking',
    bank_name: 'STRIPE TEST BANK',
    financial_connections_account: null,
    fingerprint: `fp${number}`,
    last4: number.slice(-4),
    networks: { preferred: 'ach', supported: ['ach'] },
    routing_number: '110000000',
    status_details: null,
  },
});

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
