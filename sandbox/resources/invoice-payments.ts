import { page, paging } from '../http/lists.js';
import { choice, inRange, range, record, text } from '../http/parameters.js';
import { route } from '../http/route.js';
import { find } from './find.js';

export const invoicePaymentRoutes = [
  route(
    'GET',
    '/v1/invoice_payments',
    {
      ...paging,
      created: range(),
      invoice: text(),
      payment: record({
        type: choice('payment_intent', 'payment_record').required(),
        payment_intent: text(),
        payment_record: text(),
      }),
      status: choice('open', 'paid', 'canceled'),
    },
    ({ account, params }) => {
      const { store } = account;
      const intent = params.payment?.payment_intent;
      const rows = params.invoice
        ? store.where('invoice_payment', 'invoice', params.invoice)
        : intent
          ? store.where('invoice_payment', 'payment_intent', intent)
          : store.all('invoice_payment');
      return page(
        '/v1/invoice_payments',
        rows,
        params,
        (row) =>
          (params.payment === undefined ||
            (row.payment.type === params.payment.type &&
              (intent === undefined || row.payment.payment_intent === intent))) &&
          (params.status === undefined || row.status === params.status) &&
          inRange(row.created, params.created),
      );
    },
  ),
  route('GET', '/v1/invoice_payments/:id', {}, ({ account, id }) => find(account, 'invoice_payment', id)),
];
