import type Stripe from 'stripe';
import type { Procedure } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { requirePaymentMethod } from '../payments/own-payment-method.js';
import { type Payment, refuseFailure, tryInvoice } from '../payments/try-invoice.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { Invoice } from './invoice.entity.js';
import { InvoiceStatus } from './invoice.js';

export interface PayInvoice {
  accountId: string;
  actor: string;
  invoice: string;
  /** Null for the one that Stripe would charge: the invoice's, the subscription's, the account's. */
  paymentMethod: string | null;
  idempotencyKey: string | null;
}

interface Data {
  invoiceId: string;
  customerId: string;
  paymentMethodId: string | null;
  payment?: Payment;
}

export function payInvoiceProcedure(stripe: Stripe): Procedure<Data> {
  return {
    verb: 'payInvoice',
    subject: ({ customerId }) => customerId,
    answer: resultOf,
    steps: [
      {
        name: 'pay',
        run: async ({ invoiceId, paymentMethodId }, key) => ({
          payment: await tryInvoice(stripe, invoiceId, paymentMethodId, key),
        }),
        async probe({ invoiceId }) {
          const { status } = await stripe.invoices.retrieve(invoiceId);
          return status === 'paid' ? { payment: { kind: 'PAID' } } : null;
        },
      },
    ],
  };
}

/** Throws Refusal: NOT_FOUND, also for another account's. */
export async function requireInvoice(
  { database }: Pick<Parts, 'database'>,
  accountId: string,
  id: string,
): Promise<Invoice> {
  const invoice = await database.read.manager.findOneBy(Invoice, { id, accountId });
  if (invoice) return invoice;
  throw new Refusal(UserErrorCode.NOT_FOUND, `This account has no invoice '${id}'.`, { field: ['input', 'invoice'] });
}

export interface PayInvoiceResult {
  outcome: 'APPLIED' | 'ACTION_REQUIRED' | 'PROCESSING' | 'NO_OP';
}

/**
 * Tries an open invoice again, with another stored method if given. Throws Refusal: NOT_FOUND, INVOICE_NOT_PAYABLE,
 * CARD_DECLINED, PAYMENT_METHOD_REQUIRED.
 */
export async function payInvoice(parts: Parts, asked: PayInvoice): Promise<PayInvoiceResult> {
  const { accountId, actor, idempotencyKey } = asked;
  const invoice = await requireInvoice(parts, accountId, asked.invoice);
  const method =
    asked.paymentMethod === null
      ? null
      : await requirePaymentMethod(parts, accountId, asked.paymentMethod, 'paymentMethod');
  if (invoice.status === InvoiceStatus.PAID && idempotencyKey === null) return { outcome: 'NO_OP' };
  if (invoice.status === InvoiceStatus.DRAFT || invoice.status === InvoiceStatus.VOID) throw notPayable(invoice);
  const data: Data = { invoiceId: invoice.id, customerId: invoice.customerId, paymentMethodId: method?.id ?? null };
  const paid = await parts.intents.run(payInvoiceProcedure(parts.stripe), {
    accountId,
    actor,
    clientKey: idempotencyKey,
    args: data,
    data,
  });
  return resultOf(paid.data, paid.visible);
}

/** Throws Refusal: CARD_DECLINED, PAYMENT_METHOD_REQUIRED. */
function resultOf({ payment = { kind: 'PAID' }, paymentMethodId }: Data, visible: boolean): PayInvoiceResult {
  refuseFailure(payment, paymentMethodId === null ? undefined : ['input', 'paymentMethod']);
  if (payment.kind === 'ACTION_REQUIRED') return { outcome: 'ACTION_REQUIRED' };
  return { outcome: payment.kind === 'PAID' && visible ? 'APPLIED' : 'PROCESSING' };
}

const notPayable = ({ id, status }: Invoice) =>
  new Refusal(
    UserErrorCode.INVOICE_NOT_PAYABLE,
    status === InvoiceStatus.VOID ? `Nothing is due on invoice '${id}'.` : `Invoice '${id}' is still a draft.`,
    { field: ['input', 'invoice'], hint: 'Only open invoices can be paid.' },
  );
