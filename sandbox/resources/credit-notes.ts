import type { Account } from '../account.js';
import { changeBalance } from '../billing/customer-balance.js';
import { settlePaid } from '../billing/settle-invoice.js';
import { notPossible, parameterInvalid, parameterMissing } from '../http/errors.js';
import { listOf, page, paging } from '../http/lists.js';
import {
  choice,
  clearableText,
  inRange,
  integer,
  list,
  mergeMetadata,
  metadata,
  range,
  record,
  text,
  type Values,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';
import { find, findNamed } from './find.js';
import { createRefund } from './refunds.js';

type CreditNote = Tables['credit_note'];

const creating = {
  amount: integer(0),
  credit_amount: integer(0),
  invoice: text().required(),
  lines: list(
    record({
      type: choice('custom_line_item', 'invoice_line_item').required(),
      amount: integer(0),
      description: text(),
      invoice_line_item: text(),
      quantity: integer(0),
      unit_amount: integer(0),
    }),
  ),
  memo: clearableText(),
  metadata: metadata(),
  out_of_band_amount: integer(0),
  reason: choice('duplicate', 'fraudulent', 'order_change', 'product_unsatisfactory'),
  refund_amount: integer(0),
};
type NewCreditNote = Values<typeof creating>;

function amountOf(params: NewCreditNote): number {
  if (params.amount !== undefined) return params.amount;
  if (!params.lines?.length) throw parameterMissing('amount');
  return params.lines.reduce((sum, line) => sum + (line.amount ?? (line.unit_amount ?? 0) * (line.quantity ?? 1)), 0);
}

function draftCreditNote(account: Account, params: NewCreditNote): CreditNote {
  const invoice = findNamed(account, 'invoice', params.invoice, 'invoice');
  if (invoice.status !== 'open' && invoice.status !== 'paid')
    throw notPossible(
      `Credit notes can only be created for invoices that are open or paid; '${invoice.id}' is ${invoice.status}.`,
    );
  const amount = amountOf(params);
  const credited = account.store
    .where('credit_note', 'invoice', invoice.id)
    .filter(({ status }) => status === 'issued')
    .reduce((sum, note) => sum + note.total, 0);
  const open = invoice.status === 'open';
  const most = open ? invoice.amount_remaining : invoice.total - credited;
  if (amount > most)
    throw parameterInvalid(
      'amount',
      `The credit note amount (${amount}) is greater than what is left of the invoice (${most}).`,
    );
  const assigned = (params.refund_amount ?? 0) + (params.credit_amount ?? 0) + (params.out_of_band_amount ?? 0);
  if (!open && assigned !== amount)
    throw parameterInvalid(
      'refund_amount',
      `The sum of credit amount, refund amount and out of band amount (${assigned}) must equal the credit note amount (${amount}).`,
    );
  const id = account.newId('cn');
  const now = account.now(invoice.customer);
  return {
    id,
    object: 'credit_note',
    amount,
    amount_shipping: 0,
    created: now,
    currency: invoice.currency,
    customer: String(invoice.customer),
    customer_account: null,
    customer_balance_transaction: null,
    discount_amount: 0,
    discount_amounts: [],
    effective_at: now,
    invoice: invoice.id,
    lines: listOf(`/v1/credit_notes/${id}/lines`, []),
    livemode: false,
    memo: params.memo ?? null,
    metadata: mergeMetadata({}, params.metadata),
    number: `${invoice.number}-CN-${String(account.store.where('credit_note', 'invoice', invoice.id).length + 1).padStart(2, '0')}`,
    out_of_band_amount: params.out_of_band_amount ?? null,
    pdf: `${account.url}/credit_notes/${id}/pdf`,
    post_payment_amount: open ? 0 : amount,
    pre_payment_amount: open ? amount : 0,
    pretax_credit_amounts: [],
    reason: params.reason ?? null,
    refunds: [],
    shipping_cost: null,
    status: 'issued',
    subtotal: amount,
    subtotal_excluding_tax: amount,
    total: amount,
    total_excluding_tax: amount,
    total_taxes: [],
    type: open ? 'pre_payment' : 'post_payment',
    voided_at: null,
  };
}

/** An open invoice is reduced; a paid one is refunded, credited to the balance, or settled elsewhere. */
function issueCreditNote(account: Account, params: NewCreditNote): CreditNote {
  const note = draftCreditNote(account, params);
  const invoice = find(account, 'invoice', params.invoice);
  if (note.type === 'pre_payment') {
    const amount_due = invoice.amount_due - note.amount;
    const reduced = account.update(
      'invoice',
      invoice.id,
      {
        amount_due,
        amount_remaining: amount_due,
        pre_payment_credit_notes_amount: invoice.pre_payment_credit_notes_amount + note.amount,
      },
      'invoice.updated',
    );
    reducePayment(account, invoice.id, amount_due);
    const created = account.create('credit_note', note, 'credit_note.created');
    if (reduced.amount_due === 0) settlePaid(account, invoice.id, { charged: false });
    return created;
  }
  const [payment] = account.store.where('invoice_payment', 'invoice', invoice.id);
  const refund = params.refund_amount
    ? createRefund(account, {
        payment_intent: payment?.payment.payment_intent ?? undefined,
        amount: params.refund_amount,
      })
    : null;
  const credit = params.credit_amount
    ? changeBalance(account, note.customer, {
        amount: -params.credit_amount,
        currency: note.currency,
        type: 'credit_note',
        credit_note: note.id,
        invoice: invoice.id,
      })
    : null;
  account.update(
    'invoice',
    invoice.id,
    { post_payment_credit_notes_amount: invoice.post_payment_credit_notes_amount + note.amount },
    'invoice.updated',
  );
  return account.create(
    'credit_note',
    {
      ...note,
      customer_balance_transaction: credit?.id ?? null,
      refunds: refund
        ? ([
            { amount_refunded: refund.amount, payment_record_refund: null, refund: refund.id, type: 'refund' },
          ] as CreditNote['refunds'])
        : [],
    },
    'credit_note.created',
  );
}

function reducePayment(account: Account, invoice: string, amount: number): void {
  for (const payment of account.store.where('invoice_payment', 'invoice', invoice)) {
    if (payment.status !== 'open' || !payment.payment.payment_intent || amount === 0) continue;
    account.update('invoice_payment', payment.id, { amount_requested: amount });
    account.update('payment_intent', payment.payment.payment_intent, { amount });
  }
}

export const creditNoteRoutes = [
  route('POST', '/v1/credit_notes', creating, ({ account, params }) => issueCreditNote(account, params)),
  route('GET', '/v1/credit_notes/preview', creating, ({ account, params }) =>
    account.store.rehearse(() => draftCreditNote(account, params)),
  ),
  route(
    'GET',
    '/v1/credit_notes',
    { ...paging, created: range(), customer: text(), invoice: text() },
    ({ account, params }) =>
      page(
        '/v1/credit_notes',
        params.invoice
          ? account.store.where('credit_note', 'invoice', params.invoice)
          : account.store.all('credit_note'),
        params,
        (row) =>
          (params.customer === undefined || row.customer === params.customer) && inRange(row.created, params.created),
      ),
  ),
  route('GET', '/v1/credit_notes/:id', {}, ({ account, id }) => find(account, 'credit_note', id)),
  route('POST', '/v1/credit_notes/:id', { memo: clearableText(), metadata: metadata() }, ({ account, params, id }) => {
    const note = find(account, 'credit_note', id);
    return account.update(
      'credit_note',
      id,
      {
        ...(params.memo === undefined ? {} : { memo: params.memo }),
        metadata: mergeMetadata(note.metadata ?? {}, params.metadata),
      },
      'credit_note.updated',
    );
  }),
  route('POST', '/v1/credit_notes/:id/void', {}, ({ account, id }) => {
    const note = find(account, 'credit_note', id);
    const invoice = find(account, 'invoice', note.invoice);
    if (note.status !== 'issued' || note.type !== 'pre_payment' || invoice.status !== 'open')
      throw notPossible(`The credit note '${id}' cannot be voided: only issued ones on an open invoice can.`);
    const amount_due = invoice.amount_due + note.amount;
    account.update(
      'invoice',
      invoice.id,
      {
        amount_due,
        amount_remaining: amount_due,
        pre_payment_credit_notes_amount: invoice.pre_payment_credit_notes_amount - note.amount,
      },
      'invoice.updated',
    );
    reducePayment(account, invoice.id, amount_due);
    return account.update(
      'credit_note',
      id,
      { status: 'void', voided_at: account.now(invoice.customer) },
      'credit_note.voided',
    );
  }),
];
