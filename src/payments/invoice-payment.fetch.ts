import type Stripe from 'stripe';
import { isMissing } from '../stripe/errors.js';
import { idOf, instant } from '../stripe/objects.js';
import { type InvoicePaymentState, PaymentActionKind, type PaymentAttemptState } from './invoice-payment.js';

/** The payments that Stripe has tried for an invoice; none before the first try. The invoice comes with its `payments`. */
export function triedIntents({ attempted, payments }: Stripe.Invoice): string[] {
  if (!attempted) return [];
  return (payments?.data ?? []).flatMap(({ payment }) => idOf(payment.payment_intent) ?? []);
}

/** One call for each payment that was tried, and one more where Stripe found nothing to charge. */
export async function fetchInvoicePayment(stripe: Stripe, invoice: Stripe.Invoice): Promise<InvoicePaymentState> {
  const charges: Stripe.Charge[] = [];
  let action: PaymentActionKind | null = null;
  for (const id of triedIntents(invoice)) {
    const made = await chargesOf(stripe, id);
    charges.push(...made);
    if (invoice.status === 'open') action = toAction(await intentOf(stripe, id, made)) ?? action;
  }
  charges.sort((left, right) => left.created - right.created);
  return {
    paymentMethodId: charges.at(-1)?.payment_method ?? null,
    paymentAttempts: charges.map(toAttempt),
    paymentAction: action,
  };
}

/** Oldest first. */
async function chargesOf(stripe: Stripe, payment_intent: string): Promise<Stripe.Charge[]> {
  try {
    const { data } = await stripe.charges.list({ payment_intent, limit: 100, expand: ['data.payment_intent'] });
    return data.reverse();
  } catch (thrown) {
    if (isMissing(thrown)) return [];
    throw thrown;
  }
}

/** Every charge brings it along. */
async function intentOf(stripe: Stripe, id: string, charges: Stripe.Charge[]): Promise<Stripe.PaymentIntent> {
  const intent = charges.at(-1)?.payment_intent;
  return intent && typeof intent === 'object' ? intent : stripe.paymentIntents.retrieve(id);
}

function toAction({ status }: Stripe.PaymentIntent): PaymentActionKind | null {
  if (status === 'requires_action' || status === 'requires_confirmation') return PaymentActionKind.CONFIRM_PAYMENT;
  return status === 'requires_payment_method' ? PaymentActionKind.NEW_PAYMENT_METHOD : null;
}

const toAttempt = ({ id, created, amount, status, ...charge }: Stripe.Charge): PaymentAttemptState => ({
  id,
  at: instant(created),
  amount,
  succeeded: status === 'succeeded',
  declineCode: charge.failure_code && (charge.outcome?.reason ?? charge.failure_code),
  message: charge.failure_message,
});
