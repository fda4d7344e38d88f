import type { Account } from '../account.js';
import {
  creditedLine,
  type CreditNoteLine,
  noteTotals,
  type NoteTotals,
  plainTotals,
} from '../billing/credit-note-lines.js';
import { notPossible, parameterInvalid, parameterMissing } from '../http/errors.js';
import { listOf } from '../http/lists.js';
import {
  choice,
  clearableText,
  decimal,
  integer,
  list,
  mergeMetadata,
  metadata,
  record,
  text,
  timestamp,
  type Values,
} from '../http/parameters.js';
import type { Tables } from '../store/tables.js';
import { findNamed } from './find.js';
import { ratesNamed, taxRateList } from './tax-rates.js';

type CreditNote = Tables['credit_note'];
type Invoice = Tables['invoice'];

/** By what a credit note is asked for. */
export const creating = {
  amount: integer(0),
  credit_amount: integer(0),
  effective_at: timestamp(),
  email_type: choice('credit_note', 'none'),
  invoice: text().required(),
  lines: list(
    record({
      type: choice('custom_line_item', 'invoice_line_item').required(),
      amount: integer(0),
      description: text(),
      invoice_line_item: text(),
      quantity: integer(0),
      tax_rates: taxRateList,
      unit_amount: integer(0),
      unit_amount_decimal: decimal(),
    }),
  ),
  memo: clearableText(),
  metadata: metadata(),
  out_of_band_amount: integer(0),
  reason: choice('duplicate', 'fraudulent', 'order_change', 'product_unsatisfactory'),
  refund_amount: integer(0),
  refunds: list(record({ amount_refunded: integer(1), refund: text().required(), type: choice('refund') })),
};
export type NewCreditNote = Values<typeof creating>;

/** The lines of the credit note and what they come to, or the amount it names. */
function credited(
  account: Account,
  invoice: Invoice,
  params: NewCreditNote,
): { lines: CreditNoteLine[]; totals: NoteTotals } {
  if (params.amount !== undefined && params.lines)
    throw parameterInvalid('amount', 'You may only specify one of these parameters: amount, lines.');
  if (params.amount !== undefined) return { lines: [], totals: plainTotals(params.amount) };
  if (!params.lines?.length) throw parameterMissing('amount');
  const lines = params.lines.map(({ tax_rates, ...line }, place) => {
    const name = `lines[${place}]`;
    const rates = ratesNamed(account, tax_rates, `${name}[tax_rates]`);
    return creditedLine(account, invoice, { ...line, tax_rates: rates }, name);
  });
  return { lines, totals: noteTotals(lines) };
}

/** Refunds that were made before and belong to the credit note. */
function refundsNamed(account: Account, params: NewCreditNote): CreditNote['refunds'] {
  return (params.refunds ?? []).map(({ refund, amount_refunded }, place) => {
    const { amount } = findNamed(account, 'refund', refund, `refunds[${place}][refund]`);
    return { amount_refunded: amount_refunded ?? amount, payment_record_refund: null, refund, type: 'refund' };
  });
}

/** The credit note before anything follows from it. A preview need not say yet where the money goes. */
export function draftCreditNote(account: Account, params: NewCreditNote, previewOnly = false): CreditNote {
  const invoice = findNamed(account, 'invoice', params.invoice, 'invoice');
  if (invoice.status !== 'open' && invoice.status !== 'paid')
    throw notPossible(
      `Credit notes can only be created for invoices that are open or paid; '${invoice.id}' is ${invoice.status}.`,
    );
  const { lines, totals } = credited(account, invoice, params);
  const { amount } = totals;
  const refunds = refundsNamed(account, params);
  const before = account.store
    .where('credit_note', 'invoice', invoice.id)
    .filter(({ status }) => status === 'issued')
    .reduce((sum, note) => sum + note.total, 0);
  const open = invoice.status === 'open';
  const most = open ? invoice.amount_remaining : invoice.total - before;
  if (amount > most)
    throw parameterInvalid(
      'amount',
      `The credit note amount (${amount}) is greater than what is left of the invoice (${most}).`,
    );
  const refunded = refunds.reduce((sum, one) => sum + one.amount_refunded, 0);
  const assigned =
    refunded + (params.refund_amount ?? 0) + (params.credit_amount ?? 0) + (params.out_of_band_amount ?? 0);
  if (!open && assigned !== amount && !(previewOnly && assigned === 0))
    throw parameterInvalid(
      'refund_amount',
      `The sum of credit amount, refund amount and out of band amount (${assigned}) must equal the credit note amount (${amount}).`,
    );
  const id = account.newId('cn');
  const now = account.now(invoice.customer);
  return {
    id,
    object: 'credit_note',
    ...totals,
    amount_shipping: 0,
    created: now,
    currency: invoice.currency,
    customer: String(invoice.customer),
    customer_account: null,
    customer_balance_transaction: null,
    effective_at: params.effective_at ?? now,
    invoice: invoice.id,
    lines: listOf(`/v1/credit_notes/${id}/lines`, lines),
    livemode: false,
    memo: params.memo ?? null,
    metadata: mergeMetadata({}, params.metadata),
    number: `${invoice.number}-CN-${String(account.store.where('credit_note', 'invoice', invoice.id).length + 1).padStart(2, '0')}`,
    out_of_band_amount: params.out_of_band_amount ?? null,
    pdf: `${account.url}/credit_notes/${id}/pdf`,
    post_payment_amount: open ? 0 : amount,
    pre_payment_amount: open ? amount : 0,
    reason: params.reason ?? null,
    refunds,
    shipping_cost: null,
    status: 'issued',
    type: open ? 'pre_payment' : 'post_payment',
    voided_at: null,
  };
}
