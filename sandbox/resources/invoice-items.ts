import { createInvoiceItem } from '../billing/invoice-items.js';
import { pricedInvoice } from '../billing/draft-invoice.js';
import { createLine } from '../billing/lines.js';
import { takeItems } from '../billing/pending-items.js';
import { amountOf, fullPrice } from '../billing/price-amount.js';
import { notPossible, parameterMissing } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
  clearableText,
  currency,
  inRange,
  integer,
  mergeMetadata,
  metadata,
  range,
  record,
  text,
  timestamp,
  yesNo,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import { erase, find, findNamed } from './find.js';

const creating = {
  amount: integer(),
  currency: currency(),
  customer: text().required(),
  description: clearableText(),
  discountable: yesNo(),
  invoice: text(),
  metadata: metadata(),
  period: record({ start: timestamp().required(), end: timestamp().required() }),
  pricing: record({ price: text().required() }),
  quantity: integer(0),
  subscription: text(),
};

export const invoiceItemRoutes = [
  route('POST', '/v1/invoiceitems', creating, ({ account, params }) => {
    const customer = findNamed(account, 'customer', params.customer, 'customer');
    const price = params.pricing
      ? fullPrice(account, findNamed(account, 'price', params.pricing.price, 'pricing[price]').id)
      : null;
    if (!price && params.amount === undefined) throw parameterMissing('amount');
    const code = params.currency ?? price?.currency;
    if (!code) throw parameterMissing('currency');
    const now = account.now(customer.id);
    const quantity = params.quantity ?? 1;
    const invoice = params.invoice ? findNamed(account, 'invoice', params.invoice, 'invoice') : null;
    if (invoice && invoice.status !== 'draft')
      throw notPossible(
        `Invoice items can only be added to drafts; '${invoice.id}' is ${invoice.status}.`,
        'invoice_not_editable',
      );
    if (params.subscription) findNamed(account, 'subscription', params.subscription, 'subscription');
    const item = createInvoiceItem(account, {
      customer: customer.id,
      amount: price ? amountOf(price, quantity, code, account.settings.rounding) : (params.amount ?? 0) * quantity,
      currency: code,
      description: params.description ?? null,
      period: params.period ?? { start: now, end: now },
      quantity,
      price,
      proration: false,
      subscription: params.subscription ?? null,
      subscriptionItem: null,
      discountable: params.discountable ?? true,
      metadata: mergeMetadata({}, params.metadata),
    });
    if (!invoice) return item;
    const parent = {
      type: 'invoice_item_details',
      subscription_item_details: null,
      invoice_item_details: {
        invoice_item: item.id,
        proration: false,
        proration_details: null,
        subscription: params.subscription ?? null,
      },
    } as const;
    const line = {
      amount: item.amount,
      currency: code,
      description: item.description ?? '',
      period: item.period,
      quantity,
      price,
      discountable: item.discountable,
      parent,
      subscription: params.subscription ?? null,
    };
    takeItems(account, invoice.id, [line]);
    account.update(
      'invoice',
      invoice.id,
      pricedInvoice(account, invoice, [...invoice.lines.data, createLine(account, invoice.id, line)]),
      'invoice.updated',
    );
    return find(account, 'invoiceitem', item.id);
  }),
  route(
    'GET',
    '/v1/invoiceitems',
    { ...paging, created: range(), customer: text(), invoice: text(), pending: yesNo() },
    ({ account, params }) => {
      const rows = params.customer
        ? account.store.where('invoiceitem', 'customer', params.customer)
        : account.store.all('invoiceitem');
      return page(
        '/v1/invoiceitems',
        rows,
        params,
        (row) =>
          (params.invoice === undefined || row.invoice === params.invoice) &&
          (params.pending === undefined || (row.invoice === null) === params.pending) &&
          inRange(row.date, params.created),
      );
    },
  ),
  route('GET', '/v1/invoiceitems/:id', {}, ({ account, id }) => find(account, 'invoiceitem', id)),
  route('DELETE', '/v1/invoiceitems/:id', {}, ({ account, id }) => {
    const item = find(account, 'invoiceitem', id);
    if (item.invoice !== null)
      throw notPossible(`The invoice item '${id}' is on the invoice '${item.invoice}' and cannot be deleted any more.`);
    account.emit('invoiceitem.deleted', item);
    return erase(account, 'invoiceitem', id, 'invoiceitem');
  }),
];
