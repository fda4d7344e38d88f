import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';
import { createCharge, outcomeOf } from './create-charge.js';
import type { ChargeDecision } from './decide-charge.js';
import { cardNamed } from './test-cards.js';

type Intent = Tables['payment_intent'];

/** A debit is sent to the bank, whose answer takes days. */
export function beginDebit(account: Account, intent: Intent, method: Tables['payment_method']): void {
  const charge = createCharge(account, intent, method, null, true);
  account.emit('charge.pending', charge);
  account.update(
    'payment_intent',
    intent.id,
    { status: 'processing', latest_charge: charge.id, last_payment_error: null, next_action: null },
    'payment_intent.processing',
  );
  const answersAt = account.now(intent.customer) + account.settings.debitDays * 86_400;
  account.plan('payment.settle', intent.id, answersAt, intent.customer);
}

/** What the bank says after all; the charge shows it. */
export function endDebit(account: Account, intent: Intent): Exclude<ChargeDecision, { kind: 'requires_action' }> {
  const charge = intent.latest_charge ? account.store.get('charge', intent.latest_charge) : undefined;
  const end = cardNamed(account.store.get('card', intent.payment_method ?? '')?.token ?? '')?.settles;
  if (!charge || intent.status !== 'processing' || !end) return { kind: 'processing' };
  if (end === 'succeeds') {
    const balance_transaction = account.newId('txn');
    const paid = { paid: true, captured: true, amount_captured: charge.amount, balance_transaction };
    account.update('charge', charge.id, { ...paid, status: 'succeeded' }, 'charge.succeeded');
    return { kind: 'succeeds' };
  }
  const failure = { failure_code: end.code, failure_message: end.message, outcome: outcomeOf(end) };
  account.update('charge', charge.id, { ...failure, status: 'failed' }, 'charge.failed');
  return { kind: 'declined', decline: end };
}
