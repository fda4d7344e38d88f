import type Stripe from 'stripe';
import type { Procedure, Step } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { requirePaymentMethod } from '../payments/own-payment-method.js';
import { type Payment, refuseFailure, tryInvoice } from '../payments/try-invoice.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { draftNotPayable, finalizeDraft, isDecidingDraft, requireDecidingDraft } from './deciding-draft.js';
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

const payStep = (stripe: Stripe): Step<Data> => ({
  name: 'pay',
  run: async ({ invoiceId, paymentMethodId }, key) => ({
    payment: await tryInvoice(stripe, invoiceId, paymentMethodId, key),
  }),
  async probe({ invoiceId }) {
    const { status } = await stripe.invoices.retrieve(invoiceId);
    return status === 'paid' ? { payment: { kind: 'PAID' } } : null;
  },
});

export function payInvoiceProcedure(stripe: Stripe): Procedure<Data> {
  return {
    verb: 'payInvoice',
    subject: ({ customerId }) => customerId,
    answer: resultOf,
    steps: [payStep(stripe)],
  };
}

interface DraftData extends Data {
  subscriptionId: string;
}

/** Of the newest invoice of an unpaid subscription, which Stripe leaves as a draft. */
export function payDraftProcedure(stripe: Stripe): Procedure<DraftData> {
  return {
    verb: 'payDraftInvoice',
    subject: ({ customerId }) => customerId,
    answer: resultOf,
    steps: [
      {
        name: 'finalize',
        async run({ invoiceId, subscriptionId }, key) {
          await requireDecidingDraft(stripe, invoiceId, subscriptionId);
          await finalizeDraft(stripe, invoiceId, key);
          return {};
        },
        async probe({ invoiceId }) {
          const { status } = await stripe.invoices.retrieve(invoiceId);
          return status === 'draft' ? null : {};
        },
      },
      payStep(stripe),
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
 * Tries an open invoice again, with another stored method if given; of an unpaid subscription also the newest one, which
 * is made final first. Throws Refusal: NOT_FOUND, INVOICE_NOT_PAYABLE, CARD_DECLINED, PAYMENT_METHOD_REQUIRED.
 */
export async function payInvoice(parts: Parts, asked: PayInvoice): Promise<PayInvoiceResult> {
  const { accountId, actor, idempotencyKey } = asked;
  const invoice = await requireInvoice(parts, accountId, asked.invoice);
  const method =
    asked.paymentMethod === null
      ? null
      : await requirePaymentMethod(parts, accountId, asked.paymentMethod, 'paymentMethod');
  if (invoice.status === InvoiceStatus.PAID && idempotencyKey === null) return { outcome: 'NO_OP' };
  if (invoice.status === InvoiceStatus.VOID) throw nothingDue(invoice);
  const subscriptionId = invoice.status === InvoiceStatus.DRAFT ? await requireUnpaid(parts, invoice) : null;
  const data: Data = { invoiceId: invoice.id, customerId: invoice.customerId, paymentMethodId: method?.id ?? null };
  const request = { accountId, actor, clientKey: idempotencyKey, args: data };
  const paid =
    subscriptionId === null
      ? await parts.intents.run(payInvoiceProcedure(parts.stripe), { ...request, data })
      : await parts.intents.run(payDraftProcedure(parts.stripe), { ...request, data: { ...data, subscriptionId } });
  return resultOf(paid.data, paid.visible);
}

/** The subscription that is active again once this draft is paid. Throws Refusal: INVOICE_NOT_PAYABLE. */
async function requireUnpaid({ database }: Parts, invoice: Invoice): Promise<string> {
  const { id, subscriptionId } = invoice;
  const subscription =
    subscriptionId === null ? null : await database.read.manager.findOneBy(BillingSubscription, { id: subscriptionId });
  if (subscription && isDecidingDraft(invoice, subscription)) return subscription.id;
  throw draftNotPayable(id);
}

/** Throws Refusal: CARD_DECLINED, PAYMENT_METHOD_REQUIRED. */
function resultOf({ payment = { kind: 'PAID' }, paymentMethodId }: Data, visible: boolean): PayInvoiceResult {
  refuseFailure(payment, paymentMethodId === null ? undefined : ['input', 'paymentMethod']);
  if (payment.kind === 'ACTION_REQUIRED') return { outcome: 'ACTION_REQUIRED' };
  return { outcome: payment.kind === 'PAID' && visible ? 'APPLIED' : 'PROCESSING' };
}

const nothingDue = ({ id }: Invoice) =>
  new Refusal(UserErrorCode.INVOICE_NOT_PAYABLE, `Nothing is due on invoice '${id}'.`, {
    field: ['input', 'invoice'],
    hint: 'Only open invoices can be paid.',
  });
