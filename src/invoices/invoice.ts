import type { InvoicePaymentState } from '../payments/invoice-payment.js';

export enum InvoiceStatus {
  DRAFT = 'DRAFT',
  OPEN = 'OPEN',
  PAID = 'PAID',
  UNCOLLECTIBLE = 'UNCOLLECTIBLE',
  VOID = 'VOID',
  UNRECOGNIZED = 'UNRECOGNIZED',
}

export enum InvoiceReason {
  SUBSCRIPTION_START = 'SUBSCRIPTION_START',
  SUBSCRIPTION_RENEWAL = 'SUBSCRIPTION_RENEWAL',
  SUBSCRIPTION_CHANGE = 'SUBSCRIPTION_CHANGE',
  THRESHOLD = 'THRESHOLD',
  MANUAL = 'MANUAL',
  OTHER = 'OTHER',
}

/** One line as Stripe wrote it; amounts in minor units of the invoice's currency. */
export interface InvoiceLineState {
  id: string;
  description: string;
  amount: number;
  quantity: number | null;
  proration: boolean;
  periodStart: number;
  periodEnd: number;
  priceId: string | null;
}

/** An invoice as Stripe last showed it. Every amount is in minor units of `currency`. */
export interface InvoiceState extends InvoicePaymentState {
  id: string;
  customerId: string;
  accountId: string | null;
  subscriptionId: string | null;
  /** Null while it is a draft. */
  number: string | null;
  status: InvoiceStatus;
  statusRaw: string;
  reason: InvoiceReason;
  currency: string;
  subtotal: number;
  discount: number;
  /** Null when tax is not computed. */
  tax: number | null;
  total: number;
  amountPaid: number;
  amountDue: number;
  createdAt: number;
  dueAt: number | null;
  finalizedAt: number | null;
  paidAt: number | null;
  attemptCount: number;
  nextAttemptAt: number | null;
  periodStart: number | null;
  periodEnd: number | null;
  hostedUrl: string | null;
  pdfUrl: string | null;
  lines: InvoiceLineState[];
}

/** Stripe never takes these back. */
export const isSettled = ({ status }: Pick<InvoiceState, 'status'>): boolean =>
  status === InvoiceStatus.PAID || status === InvoiceStatus.VOID;

/** Open, and neither sent to be paid by a day nor free: a bank debit is under way, or was refused. */
export const isBeingCollected = ({
  status,
  dueAt,
  amountDue,
}: Pick<InvoiceState, 'status' | 'dueAt' | 'amountDue'>): boolean =>
  status === InvoiceStatus.OPEN && dueAt === null && amountDue > 0;

/** Of a period, and voided or given up: nothing was paid that a change could give back. */
export const isWaived = ({ status, reason, total }: Pick<InvoiceState, 'status' | 'reason' | 'total'>): boolean =>
  (status === InvoiceStatus.VOID || status === InvoiceStatus.UNCOLLECTIBLE) &&
  (reason === InvoiceReason.SUBSCRIPTION_START || reason === InvoiceReason.SUBSCRIPTION_RENEWAL) &&
  total > 0;

/**
 * Stripe makes a change at once that a bank debit pays for in days, if ever; what such an invoice gives money back for was
 * paid. Never one that is sent, which is not waited for.
 */
export const isUnpaidChange = ({ reason, status, dueAt }: Pick<InvoiceState, 'reason' | 'status' | 'dueAt'>): boolean =>
  reason === InvoiceReason.SUBSCRIPTION_CHANGE && status === InvoiceStatus.OPEN && dueAt === null;
