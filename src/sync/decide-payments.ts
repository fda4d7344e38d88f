import { changeOf } from '../history/change.js';
import { InvoiceStatus, type InvoiceState, isUnpaidChange } from '../invoices/invoice.js';
import { type InvoicePaymentState, lastPayment, NEVER_TRIED } from '../payments/invoice-payment.js';
import type { SubscriptionState } from '../subscriptions/subscription.js';

/** How an invoice was paid, as far as it was known before. */
export const paymentOf = ({ paymentMethodId, paymentAttempts, paymentAction }: InvoicePaymentState = NEVER_TRIED) => ({
  ...{ paymentMethodId, paymentAttempts, paymentAction },
});

/** What a subscription was paid, and what not yet, stands on its invoices, also where only they were seen. */
export function withPayments(
  next: readonly SubscriptionState[],
  stored: readonly SubscriptionState[],
  seen: readonly InvoiceState[],
  everyInvoice: ReadonlyMap<string, InvoiceState>,
): SubscriptionState[] {
  const paid = (one: SubscriptionState) => {
    const its = ({ subscriptionId }: InvoiceState) => subscriptionId === one.id;
    return {
      ...one,
      ...lastPayment(one, seen.filter(its)),
      unpaidChangeId: unpaidChange([...everyInvoice.values()].filter(its), one),
    };
  };
  const others = stored.filter(({ id }) => next.every((one) => one.id !== id));
  return [...next.map(paid), ...others.filter((one) => changeOf('subscription', one.id, one, paid(one))).map(paid)];
}

/** The newest; none once the subscription's latest invoice is paid, which charges for what the change has made of it. */
function unpaidChange(
  invoices: readonly InvoiceState[],
  { latestInvoiceId }: Pick<SubscriptionState, 'latestInvoiceId'>,
): string | null {
  const latest = invoices.find(({ id }) => id === latestInvoiceId);
  if (latest?.status === InvoiceStatus.PAID) return null;
  const unpaid = invoices.filter(isUnpaidChange).sort((left, right) => right.createdAt - left.createdAt);
  return unpaid[0]?.id ?? null;
}
