import Stripe from 'stripe';

/** A payment that the bank did not let through, as far as it matters to the person who pays. */
export type CardFailure =
  { kind: 'ACTION_REQUIRED' } | { kind: 'DECLINED'; declineCode: string | null; message: string; retryable: boolean };

const actions = [
  'authentication_required',
  'invoice_payment_intent_requires_action',
  'payment_intent_action_required',
  'subscription_payment_intent_requires_action',
];

/** Decline codes after which the same card never works: https://docs.stripe.com/declines/codes */
const hopeless = [
  'card_not_supported',
  'currency_not_supported',
  'expired_card',
  'fraudulent',
  'incorrect_number',
  'invalid_account',
  'invalid_expiry_year',
  'invalid_number',
  'lost_card',
  'merchant_blacklist',
  'new_account_information_available',
  'not_permitted',
  'pickup_card',
  'restricted_card',
  'revocation_of_all_authorizations',
  'revocation_of_authorization',
  'security_violation',
  'service_not_allowed',
  'stolen_card',
  'stop_payment_order',
  'transaction_not_allowed',
];

/** Null for anything that is no answer of the bank. */
export function toCardFailure(thrown: unknown): CardFailure | null {
  if (!(thrown instanceof Stripe.errors.StripeCardError)) return null;
  const { code, decline_code, advice_code, message } = thrown;
  if (actions.includes(String(decline_code)) || actions.includes(String(code))) return { kind: 'ACTION_REQUIRED' };
  // The SDK fills what Stripe left out with an empty text.
  const declineCode = decline_code || code || null;
  const given = advice_code ? advice_code === 'try_again_later' : null;
  return { kind: 'DECLINED', declineCode, message, retryable: given ?? !hopeless.includes(String(declineCode)) };
}
