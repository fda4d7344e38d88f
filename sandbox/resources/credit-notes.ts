import type { Account } from '../account.js';
import { changeBalance } from '../billing/customer-balance.js';
import { settlePaid } from '../billing/settle-invoice.js';
import { notPossible } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { clearableText, inRange, mergeMetadata, metadata, range, text } from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';
import { find } from './find.js';
import { creating, draftCreditNote, type NewCreditNote } from './new-credit-note.js';
import { createRefund } from './refunds.js';

type CreditNote = Tables['credit_note'];

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
      refunds: [
        ...note.refunds,
        ...(refund
          ? [
              {
                amount_refunded: refund.amount,
                payment_record_refund: null,
                refund: refund.id,
                type: 'refund' as const,
              },
            ]
          : []),
      ],
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
    account.store.rehearse(() => draftCreditNote(account, params, true)),
  ),
  route('GET', '/v1/credit_notes/preview/lines', { ...creating, ...paging }, ({ account, params }) => {
    const { lines } = account.store.rehearse(() => draftCreditNote(account, params, true));
    return page('/v1/credit_notes/preview/lines', [...lines.data].reverse(), params);
  }),
  route('GET', '/v1/credit_notes/:id/lines', paging, ({ account, params, id }) =>
    page(`/v1/credit_notes/${id}/lines`, [...find(account, 'credit_note', id).lines.data].reverse(), params),
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
