import type { Account } from '../account.js';
import { cancelSubscription } from '../billing/cancel-subscription.js';
import type { Tables } from '../store/tables.js';
import type { TestCard } from './test-cards.js';

type Dispute = Tables['dispute'];
type Charge = Tables['charge'];

const RESPONSE_TIME = 7 * 86_400;

/** What the cardholder's bank does right after a charge on certain test cards: warns, inquires, disputes. */
export function openDisputes(account: Account, charge: Charge, card: TestCard): void {
  if (card.fraudWarning) warnOfFraud(account, charge);
  for (const kind of card.disputes ?? [])
    openDispute(account, charge, kind === 'inquiry' ? 'fraudulent' : kind, kind === 'inquiry');
}

function warnOfFraud(account: Account, charge: Charge): void {
  account.create(
    'radar.early_fraud_warning',
    {
      id: account.newId('issfr'),
      object: 'radar.early_fraud_warning',
      actionable: true,
      charge: charge.id,
      created: account.now(charge.customer),
      fraud_type: 'made_with_stolen_card',
      livemode: false,
      ...(charge.payment_intent ? { payment_intent: charge.payment_intent } : {}),
    },
    'radar.early_fraud_warning.created',
  );
}

function openDispute(account: Account, charge: Charge, reason: string, inquiry: boolean): void {
  const now = account.now(charge.customer);
  const dispute = account.create(
    'dispute',
    {
      id: account.newId('du'),
      object: 'dispute',
      amount: charge.amount,
      balance_transactions: inquiry ? [] : [movement(account, charge, -charge.amount, -1500)],
      charge: charge.id,
      created: now,
      currency: charge.currency,
      enhanced_eligibility_types: [],
      evidence: noEvidence,
      evidence_details: {
        due_by: now + RESPONSE_TIME,
        enhanced_eligibility: {},
        has_evidence: false,
        past_due: false,
        submission_count: 0,
        submission_method: null,
      },
      intended_submission_method: null,
      is_charge_refundable: inquiry,
      livemode: false,
      metadata: {},
      network_reason_code: reason === 'fraudulent' ? '10.4' : '13.1',
      payment_intent: charge.payment_intent,
      payment_method_details: {
        card: {
          brand: 'visa',
          case_type: inquiry ? 'inquiry' : 'chargeback',
          network_reason_code: reason === 'fraudulent' ? '10.4' : '13.1',
        },
        type: 'card',
      },
      reason,
      status: inquiry ? 'warning_needs_response' : 'needs_response',
    } as unknown as Dispute,
    'charge.dispute.created',
  );
  if (!inquiry) account.emit('charge.dispute.funds_withdrawn', dispute);
  account.update('charge', charge.id, { disputed: true }, 'charge.updated');
  account.plan('dispute.decide', dispute.id, now + RESPONSE_TIME, charge.customer);
  if (!inquiry && account.settings.disputeCancels) cancelDisputed(account, charge);
}

function cancelDisputed(account: Account, charge: Charge): void {
  const [payment] = account.store.where('invoice_payment', 'payment_intent', charge.payment_intent ?? '');
  const invoice = account.store.get('invoice', payment?.invoice ?? '');
  const subscription = account.store.get('subscription', invoice?.parent?.subscription_details?.subscription ?? '');
  if (subscription && subscription.ended_at === null)
    cancelSubscription(account, subscription.id, { reason: 'payment_disputed' });
}

/** How a dispute ends, and whether the money comes back. */
export function closeDispute(account: Account, id: string, outcome: 'won' | 'lost' | 'warning_closed'): Dispute {
  const dispute = account.store.get('dispute', id) as Dispute;
  const charge = account.store.get('charge', dispute.charge) as Charge;
  account.unplan('dispute.decide', id);
  const closed = account.update('dispute', id, {
    status: outcome,
    ...(outcome === 'won'
      ? { balance_transactions: [...dispute.balance_transactions, movement(account, charge, dispute.amount, 1500)] }
      : {}),
  } as Partial<Dispute>);
  account.emit('charge.dispute.closed', closed);
  if (outcome === 'won') account.emit('charge.dispute.funds_reinstated', closed);
  return closed;
}

/** Nobody answered in time: a dispute is lost, an inquiry just closes. */
export function decideDispute(account: Account, id: string): void {
  const dispute = account.store.get('dispute', id);
  if (dispute?.status === 'needs_response') closeDispute(account, id, 'lost');
  if (dispute?.status === 'warning_needs_response' || dispute?.status === 'warning_under_review')
    closeDispute(account, id, 'warning_closed');
}

function movement(account: Account, charge: Charge, amount: number, fee: number): object {
  const now = account.now(charge.customer);
  return {
    id: account.newId('txn'),
    object: 'balance_transaction',
    amount,
    available_on: now,
    balance_type: 'payments',
    created: now,
    currency: charge.currency,
    description: amount < 0 ? `Chargeback withdrawal for ${charge.id}` : `Chargeback reversal for ${charge.id}`,
    exchange_rate: null,
    fee: Math.abs(fee),
    fee_details: [],
    net: amount + fee,
    reporting_category: amount < 0 ? 'dispute' : 'dispute_reversal',
    source: charge.id,
    status: 'available',
    type: 'adjustment',
  };
}

const noEvidence = Object.fromEntries(
  'access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal customer_communication customer_email_address customer_name customer_purchase_ip customer_signature duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number uncategorized_file uncategorized_text'
    .split(' ')
    .map((field) => [field, null]),
);
