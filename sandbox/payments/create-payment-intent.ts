import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';

type Intent = Tables['payment_intent'];

/** What an intent is for, and whatever else is said of it. */
export type NewPaymentIntent = Pick<Intent, 'amount' | 'currency' | 'customer'> & Partial<Intent>;

export const usualOptions: NonNullable<Intent['payment_method_options']> = {
  card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
};

export function createPaymentIntent(account: Account, given: NewPaymentIntent): Intent {
  const id = account.newId('pi');
  const intent: Intent = {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount_capturable: 0,
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic_async',
    client_secret: `${id}_secret_${account.newWord(25)}`,
    confirmation_method: 'automatic',
    created: account.now(given.customer),
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: usualOptions,
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: given.payment_method ? 'requires_confirmation' : 'requires_payment_method',
    transfer_data: null,
    transfer_group: null,
    ...given,
  };
  return account.create('payment_intent', intent, 'payment_intent.created');
}
