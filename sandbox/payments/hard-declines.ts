import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';
import type { Decline } from './test-cards.js';

/** Answers after which asking the same card again is of no use (https://docs.stripe.com/billing/revenue-recovery/smart-retries). */
const HARD = new Set([
  'highest_risk_level',
  'incorrect_number',
  'lost_card',
  'pickup_card',
  'revocation_of_all_authorizations',
  'revocation_of_authorization',
  'stolen_card',
  'transaction_not_allowed',
]);

/** What the bank said to this very card, if it must not be charged again; null once there is another method or the card was issued anew. */
export function hardDeclineOf(account: Account, intent: Tables['payment_intent'], method: string): Decline | null {
  const error = intent.last_payment_error;
  const code = error?.decline_code ?? error?.code ?? '';
  const refused = error?.payment_method as Tables['payment_method'] | undefined;
  if (!error || !HARD.has(code) || refused?.id !== method) return null;
  const card = account.store.get('payment_method', method)?.card;
  const same = card?.last4 === refused.card?.last4 && card?.exp_year === refused.card?.exp_year;
  return same ? { code: error.code ?? code, decline_code: code, message: error.message ?? '' } : null;
}
