import { changeOf } from '../history/change.js';
import { InvoiceReason, InvoiceStatus, type InvoiceState, isUnpaidChange } from '../invoices/invoice.js';
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

/**
 * The oldest since a renewal was paid, which charges for what changes have made of the subscription. Another change does
 * not: it only charges from what the one before has made of it.
 */
function unpaidChange(
  invoices: readonly InvoiceState[],
  { latestInvoiceId, currentPeriodStart }: Pick<SubscriptionState, 'latestInvoiceId' | 'currentPeriodStart'>,
): string | null {
  const latest = invoices.find(({ id }) => id === latestInvoiceId);
  if (latest?.status === InvoiceStatus.PAID && latest.reason !== InvoiceReason.SUBSCRIPTION_CHANGE) return null;
  const begins = currentPeriodStart ?? 0;
  const beganWithChange = invoices.some(
    ({ reason, createdAt }) =>
      reason === InvoiceReason.SUBSCRIPTION_CHANGE && Math.abs(createdAt - begins) < SAME_MOMENT_MS,
  );
  const isRenewed = !beganWithChange && !invoices.some(isRenewalToPay);
  const unpaid = invoices.filter((one) => isUnpaidChange(one) && !(isRenewed && one.createdAt < begins));
  return unpaid.sort((left, right) => left.createdAt - right.createdAt)[0]?.id ?? null;
}

/** A period and the invoice of the change that begins it are of about the same moment. */
const SAME_MOMENT_MS = 60_000;

const isRenewalToPay = ({ reason, status }: InvoiceState): boolean =>
  reason === InvoiceReason.SUBSCRIPTION_RENEWAL && (status === InvoiceStatus.OPEN || status === InvoiceStatus.DRAFT);
