import type { Account } from '../account.js';
import { notPossible, parameterInvalid, parameterMissing } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { choice, inRange, integer, mergeMetadata, metadata, range, text } from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';
import { find, findNamed } from './find.js';
import { cardOf } from '../payments/payment-methods.js';

type Refund = Tables['refund'];

export interface NewRefund {
  charge?: string;
  payment_intent?: string;
  amount?: number;
  reason?: 'duplicate' | 'fraudulent' | 'requested_by_customer';
  metadata?: Record<string, string> | null;
}

const SETTLES_AFTER = 86_400;

export function createRefund(account: Account, params: NewRefund): Refund {
  const id =
    params.charge ??
    (params.payment_intent
      ? findNamed(account, 'payment_intent', params.payment_intent, 'payment_intent').latest_charge
      : null);
  if (!id) throw parameterMissing('charge');
  const charge = findNamed(account, 'charge', id, 'charge');
  const left = charge.amount_captured - charge.amount_refunded;
  if (!charge.paid)
    throw notPossible(`Charge ${id} has not succeeded and cannot be refunded.`, 'charge_not_refundable');
  if (left <= 0) throw notPossible(`Charge ${id} has already been refunded.`, 'charge_already_refunded');
  if (
    charge.disputed &&
    !account.store.where('dispute', 'charge', id).every((dispute) => dispute.is_charge_refundable)
  ) {
    throw notPossible(`Charge ${id} has been charged back; cannot issue a refund.`, 'charge_disputed');
  }
  const amount = params.amount ?? left;
  if (amount > left)
    throw parameterInvalid(
      'amount',
      `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`,
      'amount_too_large',
    );
  const behavior = charge.payment_method ? cardOf(account, charge.payment_method).refunds : undefined;
  const refund = account.create(
    'refund',
    {
      id: account.newId('re'),
      object: 'refund',
      amount,
      balance_transaction: account.newId('txn'),
      charge: id,
      created: account.now(charge.customer),
      currency: charge.currency,
      customer: charge.customer,
      customer_account: null,
      destination_details: {
        card: {
          reference: account.newWord(12),
          reference_status: 'available',
          reference_type: 'acquirer_reference_number',
          type: 'refund',
        },
        type: 'card',
      },
      metadata: mergeMetadata({}, params.metadata),
      payment_intent: charge.payment_intent,
      payment_method: charge.payment_method,
      reason: params.reason ?? null,
      receipt_number: null,
      source_transfer_reversal: null,
      status: behavior === 'pending' ? 'pending' : 'succeeded',
      transfer_reversal: null,
      ...(behavior === 'pending' ? { pending_reason: 'processing' } : {}),
    } as Refund,
    'refund.created',
  );
  changeRefunded(account, id, amount);
  account.emit('charge.refunded', find(account, 'charge', id));
  if (behavior) account.plan('refund.settle', refund.id, refund.created + SETTLES_AFTER, charge.customer);
  return refund;
}

function changeRefunded(account: Account, id: string, by: number): void {
  const charge = find(account, 'charge', id);
  const amount_refunded = charge.amount_refunded + by;
  account.update('charge', id, { amount_refunded, refunded: amount_refunded >= charge.amount }, 'charge.updated');
}

/** A refund that was pending goes through; one that is bound to fail comes back. */
export function settleRefund(account: Account, id: string): void {
  const refund = account.store.get('refund', id);
  if (!refund || refund.status === 'failed' || refund.status === 'canceled') return;
  if (refund.status === 'pending') {
    account.update('refund', id, { status: 'succeeded', pending_reason: undefined }, 'refund.updated');
    return;
  }
  const failed = account.update(
    'refund',
    id,
    { status: 'failed', failure_reason: 'expired_or_canceled_card', failure_balance_transaction: account.newId('txn') },
    'refund.updated',
  );
  account.emit('refund.failed', failed);
  if (refund.charge) changeRefunded(account, refund.charge, -refund.amount);
}

export const refundRoutes = [
  route(
    'POST',
    '/v1/refunds',
    {
      amount: integer(1),
      charge: text(),
      metadata: metadata(),
      payment_intent: text(),
      reason: choice('duplicate', 'fraudulent', 'requested_by_customer'),
    },
    ({ account, params }) => createRefund(account, params),
  ),
  route(
    'GET',
    '/v1/refunds',
    { ...paging, charge: text(), created: range(), payment_intent: text() },
    ({ account, params }) =>
      page(
        '/v1/refunds',
        params.charge ? account.store.where('refund', 'charge', params.charge) : account.store.all('refund'),
        params,
        (row) =>
          (params.payment_intent === undefined || row.payment_intent === params.payment_intent) &&
          inRange(row.created, params.created),
      ),
  ),
  route('GET', '/v1/refunds/:id', {}, ({ account, id }) => find(account, 'refund', id)),
  route('POST', '/v1/refunds/:id', { metadata: metadata() }, ({ account, params, id }) => {
    const refund = find(account, 'refund', id);
    return account.update(
      'refund',
      id,
      { metadata: mergeMetadata(refund.metadata ?? {}, params.metadata) },
      'refund.updated',
    );
  }),
  route('POST', '/v1/refunds/:id/cancel', {}, ({ account, id }) => {
    const refund = find(account, 'refund', id);
    if (refund.status !== 'pending')
      throw notPossible(`Only pending refunds can be canceled; '${id}' is ${refund.status}.`);
    account.unplan('refund.settle', id);
    const canceled = account.update('refund', id, { status: 'canceled' }, 'refund.updated');
    if (refund.charge) changeRefunded(account, refund.charge, -refund.amount);
    return canceled;
  }),
  route('GET', '/v1/charges/:id/refunds', paging, ({ account, params, id }) =>
    page(`/v1/charges/${id}/refunds`, account.store.where('refund', 'charge', id), params),
  ),
];
