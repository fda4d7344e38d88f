import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';

export interface NewPaymentIntent {
  amount: number;
  currency: string;
  customer: string | null;
  payment_method?: string | null;
  description?: string | null;
  metadata?: Record<string, string>;
  capture_method?: 'automatic' | 'automatic_async' | 'manual';
  confirmation_method?: 'automatic' | 'manual';
  setup_future_usage?: 'off_session' | 'on_session' | null;
  receipt_email?: string | null;
  automatic_payment_methods?: Tables['payment_intent']['automatic_payment_methods'];
  allowed_payment_method_types?: string[] | null;
  excluded_payment_method_types?: string[] | null;
}

export function createPaymentIntent(account: Account, params: NewPaymentIntent): Tables['payment_intent'] {
  const id = account.newId('pi');
  return account.create(
    'payment_intent',
    {
      id,
      object: 'payment_intent',
      allowed_payment_method_types: params.allowed_payment_method_types ?? null,
      amount: params.amount,
      amount_capturable: 0,
      amount_received: 0,
      application: null,
      application_fee_amount: null,
      automatic_payment_methods: params.automatic_payment_methods ?? null,
      canceled_at: null,
      cancellation_reason: null,
      capture_method: params.capture_method ?? 'automatic_async',
      client_secret: `${id}_secret_${account.newWord(25)}`,
      confirmation_method: params.confirmation_method ?? 'automatic',
      created: account.now(params.customer),
      currency: params.currency,
      customer: params.customer,
      customer_account: null,
      description: params.description ?? null,
      excluded_payment_method_types: params.excluded_payment_method_types ?? null,
      last_payment_error: null,
      latest_charge: null,
      livemode: false,
      managed_payments: null,
      metadata: params.metadata ?? {},
      next_action: null,
      on_behalf_of: null,
      payment_method: params.payment_method ?? null,
      payment_method_configuration_details: null,
      payment_method_options: {
        card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
      },
      payment_method_types: ['card'],
      payment_record: null,
      processing: null,
      receipt_email: params.receipt_email ?? null,
      review: null,
      setup_future_usage: params.setup_future_usage ?? null,
      shipping: null,
      source: null,
      statement_descriptor: null,
      statement_descriptor_suffix: null,
      status: params.payment_method ? 'requires_confirmation' : 'requires_payment_method',
      transfer_data: null,
      transfer_group: null,
    },
    'payment_intent.created',
  );
}
