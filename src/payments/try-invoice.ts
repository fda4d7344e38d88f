import Stripe from 'stripe';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { type CardFailure, toCardFailure } from '../stripe/card-errors.js';
import { type PaymentAction, readPaymentState } from './payment-action.js';
import { Invoice } from '../invoices/invoice.entity.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { payableUntil } from './invoice-payment.js';

/** What came of one try to collect an open invoice. */
export type Payment = CardFailure | { kind: 'PAID' } | { kind: 'PROCESSING' } | { kind: 'NO_METHOD' };

/**
 * Charges an open invoice while the customer is there to confirm; null for the method that Stripe would take. What the
 * bank says is an answer and not thrown.
 */
export async function tryInvoice(
  stripe: Stripe,
  invoice: string,
  method: string | null,
  key: string,
): Promise<Payment> {
  try {
    const { status } = await stripe.invoices.pay(
      invoice,
      { off_session: false, ...(method !== null && { payment_method: method }) },
      { idempotencyKey: key },
    );
    return { kind: status === 'paid' ? 'PAID' : 'PROCESSING' };
  } catch (thrown) {
    const failure = toCardFailure(thrown);
    if (failure) return failure;
    if (!(thrown instanceof Stripe.errors.StripeInvalidRequestError)) throw thrown;
    const { status } = await stripe.invoices.retrieve(invoice);
    if (status === 'paid') return { kind: 'PAID' };
    if (status === 'open' && method === null) return { kind: 'NO_METHOD' };
    throw thrown;
  }
}

/** Throws what a person has to hear about a payment that failed: CARD_DECLINED or PAYMENT_METHOD_REQUIRED. */
export function refuseFailure(payment: Payment, field?: string[]): void {
  if (payment.kind === 'DECLINED') {
    throw new Refusal(UserErrorCode.CARD_DECLINED, payment.message, {
      field,
      declineCode: payment.declineCode,
      retryable: payment.retryable,
      hint: payment.retryable ? 'Try again, or use another card.' : 'Use another card.',
    });
  }
  if (payment.kind === 'NO_METHOD') {
    throw new Refusal(UserErrorCode.PAYMENT_METHOD_REQUIRED, 'There is no payment method to charge.', {
      field,
      hint: 'Add one with createSetupIntent, or pass one.',
    });
  }
}

/** How the customer confirms the payment. The secret is read from Stripe each time and kept nowhere. */
export async function confirmAction(
  { stripe, database }: Pick<Parts, 'stripe' | 'database'>,
  invoiceId: string,
): Promise<PaymentAction> {
  const { manager } = database.read;
  const invoice = await manager.findOneBy(Invoice, { id: invoiceId });
  const of = invoice?.subscriptionId;
  const subscription = of ? await manager.findOneBy(BillingSubscription, { id: of }) : null;
  return {
    ...(await readPaymentState(stripe, invoiceId)),
    expiresAt: payableUntil(invoiceId, subscription),
    invoice,
  };
}
