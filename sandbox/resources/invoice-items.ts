import type { Account } from '../account.js';
import { pricedInvoice, type Invoice } from '../billing/draft-invoice.js';
import { createInvoiceItem, type InvoiceItem } from '../billing/invoice-items.js';
import { createLine, type Line } from '../billing/lines.js';
import { lineFor, takeItems } from '../billing/pending-items.js';
import { invoiceItemOf } from '../billing/price-lines.js';
import { notPossible } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { currency, inRange, range, text, type Values, yesNo } from '../http/parameters.js';
import { route } from '../http/route.js';
import { changeItem, describedItem, describing, type Described } from './described-item.js';
import { erase, find, findNamed } from './find.js';

const creating = {
  ...describing,
  currency: currency(),
  customer: text().required(),
  invoice: text(),
  subscription: text(),
};

/** The draft that an item stands on, or is to stand on; null where it is pending. */
function draftOf(account: Account, id: string | null | undefined, verb: string): Invoice | null {
  if (!id) return null;
  const invoice = findNamed(account, 'invoice', id, 'invoice');
  if (invoice.status === 'draft') return invoice;
  throw notPossible(
    `Invoice items can only be ${verb} while their invoice is a draft; '${id}' is ${invoice.status}.`,
    'invoice_not_editable',
  );
}

function reprice(account: Account, invoice: Invoice, lines: Line[]): void {
  account.update('invoice', invoice.id, pricedInvoice(account, invoice, lines), 'invoice.updated');
}

function createItem(account: Account, params: Values<typeof creating>): InvoiceItem {
  const customer = findNamed(account, 'customer', params.customer, 'customer').id;
  const invoice = draftOf(account, params.invoice, 'added');
  if (params.subscription) findNamed(account, 'subscription', params.subscription, 'subscription');
  const { subscription, currency: code = invoice?.currency } = params;
  const item = createInvoiceItem(account, describedItem(account, params, { customer, currency: code, subscription }));
  if (!invoice) return item;
  const line = lineFor(account, item);
  takeItems(account, invoice.id, [line]);
  reprice(account, invoice, [...invoice.lines.data, createLine(account, invoice.id, line)]);
  return find(account, 'invoiceitem', item.id);
}

function updateItem(account: Account, id: string, params: Described): InvoiceItem {
  const held = find(account, 'invoiceitem', id);
  const invoice = draftOf(account, held.invoice, 'changed');
  const after = changeItem(account, held, params);
  if (invoice)
    reprice(
      account,
      invoice,
      invoice.lines.data.map((line) =>
        invoiceItemOf(line) === id
          ? { ...createLine(account, invoice.id, lineFor(account, after)), id: line.id }
          : line,
      ),
    );
  return after;
}

export const invoiceItemRoutes = [
  route('POST', '/v1/invoiceitems', creating, ({ account, params }) => createItem(account, params)),
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
  route('POST', '/v1/invoiceitems/:id', describing, ({ account, params, id }) => updateItem(account, id, params)),
  route('DELETE', '/v1/invoiceitems/:id', {}, ({ account, id }) => {
    const item = find(account, 'invoiceitem', id);
    const invoice = draftOf(account, item.invoice, 'deleted');
    account.emit('invoiceitem.deleted', item);
    const gone = erase(account, 'invoiceitem', id, 'invoiceitem');
    if (invoice)
      reprice(
        account,
        invoice,
        invoice.lines.data.filter((line) => invoiceItemOf(line) !== id),
      );
    return gone;
  }),
];
