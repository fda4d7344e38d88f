import type { Account } from '../account.js';
import { followIntent } from '../billing/collect-invoice.js';
import { cardError, notPossible, type StripeError } from '../http/errors.js';
import { find } from '../resources/find.js';
import { attachPaymentMethod } from './payment-methods.js';
import type { Tables } from '../store/tables.js';
import { attemptPayment, recordDecline } from './attempt-payment.js';
import type { ChargeDecision } from './decide-charge.js';
import type { Decline } from './test-cards.js';

type Intent = Tables['payment_intent'];

export interface Confirmation {
  /** What the same call says of the intent. */
  described?: Partial<Intent>;
  off_session?: boolean;
  /** Nobody is there who could authenticate: that is a refusal. */
  error_on_requires_action?: boolean;
  return_url?: string;
}

const authenticationRequired: Decline = {
  code: 'authentication_required',
  decline_code: 'authentication_required',
  message: 'Your card was declined. This transaction requires authentication.',
};

/** Confirms the intent: charges its method, and lets the invoice it pays follow. A refusal is an error that stays on record. */
export function confirmIntent(account: Account, id: string, confirmation: Confirmation): Intent {
  const { status } = find(account, 'payment_intent', id);
  if (!['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(status)) {
    throw notPossible(
      `You cannot confirm this PaymentIntent because it has already ${status} after being previously confirmed.`,
      'payment_intent_unexpected_state',
    );
  }
  const intent = account.update('payment_intent', id, confirmation.described ?? {});
  if (!intent.payment_method)
    throw notPossible(
      "You cannot confirm this PaymentIntent because it's missing a payment method. Update the PaymentIntent with a payment method and then confirm it again.",
      'payment_intent_unexpected_state',
    );
  const method = find(account, 'payment_method', intent.payment_method);
  account.update('payment_intent', id, { status: 'requires_confirmation' });
  const decision = attempt(account, id, method, confirmation);
  const { setup_future_usage: future, customer } = intent;
  if (decision.kind === 'succeeds' && future && customer && method.customer === null)
    attachPaymentMethod(account, method, customer);
  followIntent(account, id, decision, confirmation.off_session ?? false);
  const after = find(account, 'payment_intent', id);
  if (decision.kind === 'succeeds' || decision.kind === 'processing') return after;
  if (decision.kind === 'requires_action' && !confirmation.off_session) return after;
  throw refusal(decision, after, method);
}

function attempt(
  account: Account,
  id: string,
  method: Tables['payment_method'],
  { off_session: offSession = false, error_on_requires_action, return_url }: Confirmation,
): ChargeDecision {
  const decision = attemptPayment(account, id, { offSession, returnUrl: return_url });
  if (decision.kind !== 'requires_action' || !error_on_requires_action) return decision;
  recordDecline(account, find(account, 'payment_intent', id), method, authenticationRequired);
  return { kind: 'declined', decline: authenticationRequired };
}

function refusal(
  decision: Exclude<ChargeDecision, { kind: 'succeeds' | 'processing' }>,
  payment_intent: Intent,
  payment_method: Tables['payment_method'],
): StripeError {
  const error =
    decision.kind === 'declined'
      ? cardError({
          ...decision.decline,
          charge: payment_intent.latest_charge ?? undefined,
          payment_intent,
          payment_method,
        })
      : cardError({ ...authenticationRequired, payment_intent });
  error.keepsEffects = true;
  return error;
}

/** The cardholder completed or refused the authentication the intent waits for. */
export function authenticateIntent(account: Account, id: string, ok: boolean): Intent {
  const intent = find(account, 'payment_intent', id);
  if (intent.status !== 'requires_action')
    throw notPossible(
      `PaymentIntent '${id}' waits for no authentication: it is ${intent.status}.`,
      'payment_intent_unexpected_state',
    );
  if (ok) followIntent(account, id, attemptPayment(account, id, { offSession: false, authenticated: true }));
  else refuseAuthentication(account, intent);
  return find(account, 'payment_intent', id);
}

function refuseAuthentication(account: Account, intent: Intent): void {
  const decline = {
    code: 'payment_intent_authentication_failure',
    message:
      'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
  };
  const method = account.store.get('payment_method', intent.payment_method ?? '');
  account.update(
    'payment_intent',
    intent.id,
    {
      status: 'requires_payment_method',
      payment_method: null,
      next_action: null,
      last_payment_error: {
        type: 'invalid_request_error',
        ...decline,
        payment_method: method as never,
      } as Tables['payment_intent']['last_payment_error'],
    },
    'payment_intent.payment_failed',
  );
  followIntent(account, intent.id, { kind: 'declined', decline });
}
