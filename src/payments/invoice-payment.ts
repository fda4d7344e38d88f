import { InvoiceStatus, type InvoiceState } from '../invoices/invoice.js';
import { SubscriptionStatus, type SubscriptionState } from '../subscriptions/subscription.js';

export enum PaymentActionKind {
  CONFIRM_PAYMENT = 'CONFIRM_PAYMENT',
  CONFIRM_SETUP = 'CONFIRM_SETUP',
  NEW_PAYMENT_METHOD = 'NEW_PAYMENT_METHOD',
  PAY_HOSTED_INVOICE = 'PAY_HOSTED_INVOICE',
  UNRECOGNIZED = 'UNRECOGNIZED',
}

/** One charge, as Stripe keeps it. */
export interface PaymentAttemptState {
  id: string;
  at: number;
  /** In minor units of the invoice's currency. */
  amount: number;
  /** False also while it is under way, as a bank debit is for days. */
  succeeded: boolean;
  /** The bank's reason in Stripe's words; null when it did not refuse. */
  declineCode: string | null;
  /** Stripe's sentence about it; null when the bank did not refuse. */
  message: string | null;
}

/** How an invoice was paid, or was to be. */
export interface InvoicePaymentState {
  /** What it was charged to last; null before the first charge. */
  paymentMethodId: string | null;
  /** Oldest first; null until Stripe was asked. */
  paymentAttempts: PaymentAttemptState[] | null;
  /** What the customer must do before it can be paid; null for nothing. */
  paymentAction: PaymentActionKind | null;
}

export const NEVER_TRIED: InvoicePaymentState = { paymentMethodId: null, paymentAttempts: null, paymentAction: null };

/** What Stripe has of the payment of an invoice that is paid does not change any more. */
export const isPaymentTold = ({ status, paymentAttempts }: InvoiceState): boolean =>
  status === InvoiceStatus.PAID && (paymentAttempts ?? []).some(({ succeeded }) => succeeded);

/** What a subscription was paid last; kept when the invoices that say so are looked at no more. */
export interface LastPaymentState {
  lastPaymentAt: number | null;
  /** In minor units of the subscription's currency; null before the first payment. */
  lastPaymentAmount: number | null;
  /** When a payment was tried last, whatever came of it; null before the first try. */
  lastPaymentAttemptAt: number | null;
}

export const NEVER_PAID: LastPaymentState = {
  lastPaymentAt: null,
  lastPaymentAmount: null,
  lastPaymentAttemptAt: null,
};

/**
 * What was paid last, given what was known before and some of the subscription's invoices; of two that were paid in one
 * second its newest. Credit is no payment.
 */
export function lastPayment(
  before: LastPaymentState & { latestInvoiceId: string | null },
  invoices: readonly InvoiceState[],
): LastPaymentState {
  const isNewest = (id: string) => Number(id === before.latestInvoiceId);
  const paid = invoices
    .flatMap(({ id, status, paidAt, amountPaid }) =>
      status === InvoiceStatus.PAID && paidAt !== null && amountPaid > 0
        ? [{ id, at: paidAt, amount: amountPaid }]
        : [],
    )
    .sort((left, right) => left.at - right.at || isNewest(left.id) - isNewest(right.id))
    .at(-1);
  const isNewer = paid !== undefined && paid.at + isNewest(paid.id) > (before.lastPaymentAt ?? 0);
  const tried = invoices.flatMap(({ paymentAttempts }) => (paymentAttempts ?? []).map(({ at }) => at));
  const known = [before.lastPaymentAttemptAt ?? 0, paid?.at ?? 0, ...tried];
  return {
    lastPaymentAt: isNewer ? paid.at : before.lastPaymentAt,
    lastPaymentAmount: isNewer ? paid.amount : before.lastPaymentAmount,
    lastPaymentAttemptAt: Math.max(...known) || null,
  };
}

/** After so long Stripe gives up a subscription that waits for its first payment. */
const FIRST_PAYMENT_MS = 23 * 3_600_000;

/**
 * Until when an invoice can be paid before Stripe gives up what it is for: a start, or a change that waits. Null where that
 * has no end, and for any but the newest invoice of the subscription.
 */
export function payableUntil(
  invoiceId: string,
  subscription: Pick<SubscriptionState, 'status' | 'createdAt' | 'latestInvoiceId' | 'pendingChange'> | null,
): number | null {
  if (subscription?.latestInvoiceId !== invoiceId) return null;
  const { status, createdAt, pendingChange } = subscription;
  return status === SubscriptionStatus.INCOMPLETE ? createdAt + FIRST_PAYMENT_MS : (pendingChange?.expiresAt ?? null);
}
