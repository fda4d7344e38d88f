import type { Account } from '../account.js';
import { cardError, notPossible } from '../http/errors.js';
import { attachPaymentMethod, cardOf } from './payment-methods.js';
import { find } from '../resources/find.js';
import type { Tables } from '../store/tables.js';
import { asksForAuthentication, rememberSetUp } from './attempt-payment.js';

type SetupIntent = Tables['setup_intent'];

export function createSetupIntent(
  account: Account,
  given: Pick<SetupIntent, 'customer'> & Partial<SetupIntent>,
): SetupIntent {
  const id = account.newId('seti');
  return account.create(
    'setup_intent',
    {
      id,
      object: 'setup_intent',
      allowed_payment_method_types: null,
      application: null,
      automatic_payment_methods: { allow_redirects: 'always', enabled: true },
      cancellation_reason: null,
      client_secret: `${id}_secret_${account.newWord(25)}`,
      created: account.now(given.customer),
      customer_account: null,
      description: null,
      excluded_payment_method_types: null,
      flow_directions: null,
      last_setup_error: null,
      latest_attempt: null,
      livemode: false,
      mandate: null,
      metadata: {},
      next_action: null,
      on_behalf_of: null,
      payment_method: null,
      payment_method_configuration_details: null,
      payment_method_options: { card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' } },
      payment_method_types: ['card'],
      single_use_mandate: null,
      status: given.payment_method ? 'requires_confirmation' : 'requires_payment_method',
      usage: 'off_session',
      ...given,
    } as SetupIntent,
    'setup_intent.created',
  );
}

/** Sets the card up for later payments: refused cards fail, some ask for their holder first. */
export function confirmSetup(
  account: Account,
  id: string,
  { described = {}, return_url = null }: { described?: Partial<SetupIntent>; return_url?: string | null } = {},
): SetupIntent {
  const { status } = find(account, 'setup_intent', id);
  if (status === 'succeeded' || status === 'canceled')
    throw notPossible(
      `You cannot confirm this SetupIntent because it has already ${status}.`,
      'setup_intent_unexpected_state',
    );
  const intent = account.update('setup_intent', id, described);
  if (!intent.payment_method)
    throw notPossible(
      "You cannot confirm this SetupIntent because it's missing a payment method.",
      'setup_intent_unexpected_state',
    );
  const method = find(account, 'payment_method', intent.payment_method);
  const card = cardOf(account, method.id);
  if (card.refused) {
    const failed = account.update(
      'setup_intent',
      id,
      {
        status: 'requires_payment_method',
        payment_method: null,
        last_setup_error: { type: 'card_error', ...card.refused, payment_method: method } as never,
      },
      'setup_intent.setup_failed',
    );
    const error = cardError({ ...card.refused, setup_intent: failed });
    error.keepsEffects = true;
    throw error;
  }
  const asked = card.authenticates !== 'if_asked' || asksForAuthentication(intent.payment_method_options);
  if (card.authenticates && asked) {
    return account.update(
      'setup_intent',
      id,
      {
        status: 'requires_action',
        payment_method: method.id,
        next_action: {
          type: 'redirect_to_url',
          redirect_to_url: { return_url, url: `${account.url}/3ds/${id}` },
        } as SetupIntent['next_action'],
      },
      'setup_intent.requires_action',
    );
  }
  return succeedSetup(account, id, method.id);
}

/** The cardholder's answer to a setup that waits for it. */
export function authenticateSetup(account: Account, id: string, ok: boolean): SetupIntent {
  const intent = find(account, 'setup_intent', id);
  if (intent.status !== 'requires_action' || !intent.payment_method)
    throw notPossible(
      `SetupIntent '${id}' waits for no authentication: it is ${intent.status}.`,
      'setup_intent_unexpected_state',
    );
  if (ok) return succeedSetup(account, id, intent.payment_method);
  const failure = {
    type: 'invalid_request_error',
    code: 'setup_intent_authentication_failure',
    message: 'The latest attempt to set up the payment method has failed because authentication failed.',
  };
  return account.update(
    'setup_intent',
    id,
    { status: 'requires_payment_method', payment_method: null, next_action: null, last_setup_error: failure as never },
    'setup_intent.setup_failed',
  );
}

function succeedSetup(account: Account, id: string, paymentMethod: string): SetupIntent {
  const intent = find(account, 'setup_intent', id);
  const method = find(account, 'payment_method', paymentMethod);
  if (intent.customer) attachPaymentMethod(account, method, intent.customer);
  rememberSetUp(account, paymentMethod);
  const done = account.update(
    'setup_intent',
    id,
    {
      status: 'succeeded',
      payment_method: paymentMethod,
      next_action: null,
      last_setup_error: null,
      latest_attempt: account.newId('setatt'),
    },
    'setup_intent.succeeded',
  );
  for (const subscription of intent.customer ? account.store.where('subscription', 'customer', intent.customer) : []) {
    if (subscription.pending_setup_intent !== id) continue;
    account.update(
      'subscription',
      subscription.id,
      { pending_setup_intent: null, default_payment_method: paymentMethod },
      'customer.subscription.updated',
    );
  }
  return done;
}
