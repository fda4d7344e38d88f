import Stripe from 'stripe';
import type { Procedure } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import type { Invoice } from './invoice.entity.js';
import { InvoiceStatus } from './invoice.js';

/** How an invoice is given up; the words are those of its status. */
export enum InvoiceClosing {
  VOID = 'VOID',
  UNCOLLECTIBLE = 'UNCOLLECTIBLE',
}

/** What Stripe lets each begin from. */
const closable: Record<InvoiceClosing, readonly InvoiceStatus[]> = {
  [InvoiceClosing.VOID]: [InvoiceStatus.OPEN, InvoiceStatus.UNCOLLECTIBLE],
  [InvoiceClosing.UNCOLLECTIBLE]: [InvoiceStatus.OPEN],
};

interface Data {
  invoiceId: string;
  customerId: string;
  as: InvoiceClosing;
  /** Why an operator decided so. */
  reason: string;
}

export function closeInvoiceProcedure(stripe: Stripe): Procedure<Data> {
  return {
    verb: 'closeInvoice',
    subject: ({ customerId }) => customerId,
    steps: [
      {
        name: 'close',
        async run({ invoiceId, as }, idempotencyKey) {
          try {
            if (as === InvoiceClosing.VOID) await stripe.invoices.voidInvoice(invoiceId, {}, { idempotencyKey });
            else await stripe.invoices.markUncollectible(invoiceId, {}, { idempotencyKey });
            return {};
          } catch (thrown) {
            // It was paid or closed meanwhile.
            if (thrown instanceof Stripe.errors.StripeInvalidRequestError) throw notOpen(invoiceId);
            throw thrown;
          }
        },
        async probe({ invoiceId, as }) {
          const { status } = await stripe.invoices.retrieve(invoiceId);
          return status === as.toLowerCase() ? {} : null;
        },
      },
    ],
  };
}

export interface CloseInvoice {
  invoice: Invoice;
  accountId: string;
  as: InvoiceClosing;
  reason: string;
  actor: string;
}

/** Gives up an invoice that will not be paid. Throws Refusal: INVOICE_NOT_PAYABLE when nothing is open on it. */
export async function closeInvoice(
  { intents, stripe }: Pick<Parts, 'intents' | 'stripe'>,
  { invoice, accountId, as, reason, actor }: CloseInvoice,
): Promise<'APPLIED' | 'PROCESSING' | 'NO_OP'> {
  if (invoice.status === InvoiceStatus[as]) return 'NO_OP';
  if (!closable[as].includes(invoice.status)) throw notOpen(invoice.id);
  const data: Data = { invoiceId: invoice.id, customerId: invoice.customerId, as, reason };
  const { visible } = await intents.run(closeInvoiceProcedure(stripe), {
    ...{ accountId, actor, clientKey: null, args: data, data },
  });
  return visible ? 'APPLIED' : 'PROCESSING';
}

const notOpen = (id: string) =>
  new Refusal(UserErrorCode.INVOICE_NOT_PAYABLE, `Invoice '${id}' is not open any more, or not yet.`, {
    field: ['input', 'invoice'],
    hint: 'Read it again: only what is open can be given up, and what is uncollectible can still be voided.',
  });
