import type { Account } from '../account.js';
import { attachPayment } from '../billing/attach-payment.js';
import { pricedInvoice, type Invoice } from '../billing/draft-invoice.js';
import { createInvoiceItem } from '../billing/invoice-items.js';
import { createLine, type Line, type NewLine } from '../billing/lines.js';
import { lineFor, takeItems } from '../billing/pending-items.js';
import { amountOf, fullPrice } from '../billing/price-amount.js';
import { invoiceItemOf } from '../billing/price-lines.js';
import { noSuch, notPossible } from '../http/errors.js';
import { choice, list, mergeMetadata, record, text, type Values } from '../http/parameters.js';
import { route } from '../http/route.js';
import { changeItem, describedItem, describing, type Described } from './described-item.js';
import { find, findNamed } from './find.js';
import { priceIn } from './inline-price.js';

const adding = { lines: list(record({ ...describing, invoice_item: text() }), 250).required() };
const updating = { lines: list(record({ ...describing, id: text().required() }), 250).required() };
const removing = {
  lines: list(record({ id: text().required(), behavior: choice('delete', 'unassign').required() }), 250).required(),
};

function draftOf(account: Account, id: string): Invoice {
  const invoice = find(account, 'invoice', id);
  if (invoice.status === 'draft') return invoice;
  throw notPossible(
    `The lines of an invoice can only be changed while it is a draft; '${id}' is ${invoice.status}.`,
    'invoice_not_editable',
  );
}

function withLines(account: Account, invoice: Invoice, lines: Line[]): Invoice {
  return account.update('invoice', invoice.id, pricedInvoice(account, invoice, lines), 'invoice.updated');
}

/** A pending item is taken in; anything else becomes an item of this invoice first. */
function itemFor(
  account: Account,
  invoice: Invoice,
  given: NonNullable<Values<typeof adding>['lines']>[number],
): string {
  if (given.invoice_item) {
    const held = findNamed(account, 'invoiceitem', given.invoice_item, 'lines[0][invoice_item]');
    if (held.invoice === null && held.customer === invoice.customer) return held.id;
    throw notPossible(`The invoice item '${held.id}' is not pending for this customer.`);
  }
  const owner = { customer: String(invoice.customer), currency: invoice.currency };
  return createInvoiceItem(account, describedItem(account, given, owner, 'lines[0]')).id;
}

function addLines(account: Account, id: string, { lines }: Values<typeof adding>): Invoice {
  const invoice = draftOf(account, id);
  const fresh = lines.map((given) => lineFor(account, find(account, 'invoiceitem', itemFor(account, invoice, given))));
  takeItems(account, id, fresh);
  return withLines(account, invoice, [...invoice.lines.data, ...fresh.map((line) => createLine(account, id, line))]);
}

function lineOf(invoice: Invoice, id: string): Line {
  const line = invoice.lines.data.find((one) => one.id === id);
  if (!line) throw noSuch('invoice line item', id);
  return line;
}

/** The line as described. One that comes from an invoice item changes with it. */
function changedLine(account: Account, invoice: Invoice, line: Line, given: Described): Line {
  const { id } = line;
  const item = account.store.get('invoiceitem', invoiceItemOf(line) ?? '');
  const fresh = item ? lineFor(account, changeItem(account, item, given)) : changedPeriod(account, line, given);
  return { ...createLine(account, invoice.id, fresh), id };
}

/** A line that bills a period: a new price or quantity sets its amount, unless that is given too. */
function changedPeriod(account: Account, line: Line, given: Described): NewLine {
  if (given.discounts !== undefined || given.tax_rates !== undefined)
    throw notPossible(`The line '${line.id}' bills a subscription item: set its discounts and tax_rates there.`);
  const named = given.pricing?.price ?? priceIn(account, { price_data: given.price_data }, 'pricing');
  const priceId = named ?? line.pricing?.price_details?.price;
  const price = priceId ? fullPrice(account, findNamed(account, 'price', String(priceId), 'pricing[price]').id) : null;
  const quantity = given.quantity ?? line.quantity ?? 1;
  const reprices = price !== null && (named !== undefined || given.quantity !== undefined);
  const { currency, discountable, metadata, parent, subscription } = line;
  return {
    amount: given.amount ?? (reprices ? amountOf(price, quantity, currency, account.settings.rounding) : line.amount),
    currency,
    description: (given.description === undefined ? line.description : given.description) ?? '',
    period: given.period ?? line.period,
    quantity,
    price,
    discountable: given.discountable ?? discountable,
    metadata: mergeMetadata(metadata, given.metadata),
    parent,
    subscription,
  };
}

function updateLines(account: Account, id: string, given: (Described & { id: string })[]): Invoice {
  const invoice = draftOf(account, id);
  for (const one of given) lineOf(invoice, one.id);
  const lines = invoice.lines.data.map((line) => {
    const change = given.find((one) => one.id === line.id);
    return change ? changedLine(account, invoice, line, change) : line;
  });
  return withLines(account, invoice, lines);
}

/** `delete` forgets the line's invoice item, `unassign` makes it pending again. */
function removeLines(account: Account, id: string, { lines }: Values<typeof removing>): Invoice {
  const invoice = draftOf(account, id);
  for (const { id: lineId, behavior } of lines) {
    const item = account.store.get('invoiceitem', invoiceItemOf(lineOf(invoice, lineId)) ?? '');
    if (!item && behavior === 'unassign')
      throw notPossible(`The line '${lineId}' comes from no invoice item that could be pending; delete it instead.`);
    if (!item) continue;
    if (behavior === 'unassign') account.store.put('invoiceitem', { ...item, invoice: null });
    else {
      account.store.remove('invoiceitem', item.id);
      account.emit('invoiceitem.deleted', item);
    }
  }
  const gone = new Set(lines.map((line) => line.id));
  return withLines(
    account,
    invoice,
    invoice.lines.data.filter((line) => !gone.has(line.id)),
  );
}

export const invoiceLineRoutes = [
  route('POST', '/v1/invoices/:id/add_lines', adding, ({ account, params, id }) => addLines(account, id, params)),
  route('POST', '/v1/invoices/:id/update_lines', updating, ({ account, params, id }) =>
    updateLines(account, id, params.lines),
  ),
  route('POST', '/v1/invoices/:id/remove_lines', removing, ({ account, params, id }) =>
    removeLines(account, id, params),
  ),
  route('POST', '/v1/invoices/:id/lines/:line', describing, ({ account, params, id, innerId }) =>
    lineOf(updateLines(account, id, [{ ...params, id: innerId }]), innerId),
  ),
  route('POST', '/v1/invoices/:id/attach_payment', { payment_intent: text().required() }, ({ account, params, id }) => {
    const invoice = find(account, 'invoice', id);
    if (invoice.status !== 'open')
      throw notPossible(`Payments can only be attached to open invoices; '${id}' is ${invoice.status}.`);
    return attachPayment(
      account,
      invoice,
      findNamed(account, 'payment_intent', params.payment_intent, 'payment_intent'),
    );
  }),
];
