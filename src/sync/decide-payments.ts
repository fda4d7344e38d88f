import { changeOf } from '../history/change.js';
import type { InvoiceState } from '../invoices/invoice.js';
import { type InvoicePaymentState, lastPayment, NEVER_TRIED } from '../payments/invoice-payment.js';
import type { SubscriptionState } from '../subscriptions/subscription.js';

/** How an invoice was paid, as far as it was known before. */
export const paymentOf = ({ paymentMethodId, paymentAttempts, paymentAction }: InvoicePaymentState = NEVER_TRIED) => ({
  ...{ paymentMethodId, paymentAttempts, paymentAction },
});

/** What a subscription was paid last stands on its invoices, also where only they were seen. */
export function withPayments(
  next: readonly SubscriptionState[],
  stored: readonly SubscriptionState[],
  invoices: readonly InvoiceState[],
): SubscriptionState[] {
  const paid = (one: SubscriptionState) => ({
    ...one,
    ...lastPayment(
      one,
      invoices.filter(({ subscriptionId }) => subscriptionId === one.id),
    ),
  });
  const others = stored.filter(({ id }) => next.every((one) => one.id !== id));
  return [...next.map(paid), ...others.filter((one) => changeOf('subscription', one.id, one, paid(one))).map(paid)];
}
