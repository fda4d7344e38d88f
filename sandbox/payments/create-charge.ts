import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';
import type { Decline } from './test-cards.js';

/** A charge of the intent's whole amount: succeeded, failed, or under way. */
export function createCharge(
  account: Account,
  intent: Tables['payment_intent'],
  method: Tables['payment_method'],
  decline: Decline | null,
  isPending = false,
): Tables['charge'] {
  const id = account.newId('ch');
  const captured = decline === null && !isPending && intent.capture_method !== 'manual';
  const charge: Tables['charge'] = {
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: captured ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: captured ? account.newId('txn') : null,
    billing_details: method.billing_details,
    calculated_statement_descriptor: descriptorOf(intent),
    captured,
    created: account.now(intent.customer),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcomeOf(decline),
    paid: decline === null && !isPending,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: cardDetails(method),
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: decline ? null : `${account.url}/receipts/${id}`,
    refunded: false,
    review: null,
    shipping: intent.shipping,
    source: null as never,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: isPending ? 'pending' : decline ? 'failed' : 'succeeded',
    transfer_data: null,
    transfer_group: null,
  };
  return account.create('charge', charge);
}

/** What the cardholder reads on the statement: the account's name, with the suffix if there is one. */
function descriptorOf({ statement_descriptor_suffix: suffix }: Tables['payment_intent']): string {
  return suffix ? `SANDBOX* ${suffix}`.slice(0, 22) : 'SANDBOX';
}

export function outcomeOf(decline: Decline | null): Tables['charge']['outcome'] {
  if (!decline) {
    return {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: 'approved_by_network',
      reason: null,
      risk_level: 'normal',
      risk_score: 20,
      seller_message: 'Payment complete.',
      type: 'authorized',
    };
  }
  const blocked = decline.decline_code === 'fraudulent';
  return {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: blocked ? null : '05',
    network_status: blocked ? 'not_sent_to_network' : 'declined_by_network',
    reason: blocked ? 'highest_risk_level' : (decline.decline_code ?? decline.code),
    risk_level: blocked ? 'highest' : 'normal',
    risk_score: blocked ? 90 : 20,
    seller_message: blocked
      ? 'Stripe blocked this payment as too risky.'
      : 'The bank did not return any further details with this decline.',
    type: blocked ? 'blocked' : 'issuer_declined',
  };
}

function cardDetails(method: Tables['payment_method']): Tables['charge']['payment_method_details'] {
  const { card } = method;
  if (!card) return { type: method.type } as Tables['charge']['payment_method_details'];
  return {
    type: 'card',
    card: {
      amount_authorized: null,
      authorization_code: null,
      brand: card.brand,
      checks: card.checks,
      country: card.country,
      exp_month: card.exp_month,
      exp_year: card.exp_year,
      extended_authorization: { status: 'disabled' },
      fingerprint: card.fingerprint,
      funding: card.funding,
      incremental_authorization: { status: 'unavailable' },
      installments: null,
      last4: card.last4,
      mandate: null,
      multicapture: { status: 'unavailable' },
      network: card.brand,
      network_token: { used: false },
      network_transaction_id: null,
      overcapture: { maximum_amount_capturable: 0, status: 'unavailable' },
      regulated_status: 'unregulated',
      three_d_secure: null,
      transaction_link_id: null,
      wallet: null,
    },
  } as Tables['charge']['payment_method_details'];
}
