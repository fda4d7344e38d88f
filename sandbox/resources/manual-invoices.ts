import type { Account } from '../account.js';
import { redeemDiscounts } from '../billing/discount-life.js';
import { draftInvoice, type Invoice } from '../billing/draft-invoice.js';
import { finalizeInvoice } from '../billing/finalize-invoice.js';
import { pendingLines, pendingLinesOf } from '../billing/pending-items.js';
import { notPossible, parameterMissing } from '../http/errors.js';
import {
  choice,
  clearableText,
  currency,
  integer,
  mergeMetadata,
  metadata,
  record,
  text,
  timestamp,
  type Values,
  yesNo,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import { erase, find, findNamed } from './find.js';
import { discountList } from './subscription-params.js';

const creating = {
  auto_advance: yesNo(),
  automatic_tax: record({ enabled: yesNo().required() }),
  collection_method: choice('charge_automatically', 'send_invoice'),
  currency: currency(),
  customer: text(),
  days_until_due: integer(0),
  default_payment_method: text(),
  description: clearableText(),
  discounts: discountList.clearable(),
  due_date: timestamp(),
  metadata: metadata(),
  pending_invoice_items_behavior: choice('exclude', 'include'),
  subscription: text(),
};

const HOUR = 3600;

/** An invoice made by hand: with the pending items if asked for, drafted until it is finalised or its hour is over. */
function createInvoice(account: Account, params: Values<typeof creating>): Invoice {
  const subscription = params.subscription
    ? findNamed(account, 'subscription', params.subscription, 'subscription')
    : null;
  const owner = params.customer ?? subscription?.customer;
  if (!owner) throw parameterMissing('customer');
  const customer = findNamed(account, 'customer', owner, 'customer');
  const code = params.currency ?? subscription?.currency ?? customer.currency ?? 'usd';
  const includes = subscription !== null || params.pending_invoice_items_behavior === 'include';
  const lines = !includes
    ? []
    : subscription
      ? pendingLines(account, subscription)
      : pendingLinesOf(account, customer.id, code);
  if (subscription && lines.length === 0)
    throw notPossible('Nothing to invoice for subscription', 'invoice_no_subscription_line_items');
  const now = account.now(customer.id);
  const draft = draftInvoice(account, {
    id: account.newId('in'),
    customer: customer.id,
    currency: code,
    subscription,
    billing_reason: subscription ? 'subscription_update' : 'manual',
    lines,
    period: { start: now, end: now },
    auto_advance: params.auto_advance ?? subscription !== null,
    automatic_tax: params.automatic_tax?.enabled,
    collection_method: params.collection_method,
    days_until_due: params.days_until_due,
    default_payment_method: params.default_payment_method,
    description: params.description,
    discounts: params.discounts ? redeemDiscounts(account, params.discounts, { customer: customer.id }) : undefined,
    metadata: mergeMetadata({}, params.metadata),
  });
  const at = now + account.settings.draftHours * HOUR;
  const shown = draft.auto_advance ? account.update('invoice', draft.id, { automatically_finalizes_at: at }) : draft;
  if (draft.auto_advance) account.plan('invoice.finalize', draft.id, at, customer.id);
  account.emit('invoice.created', shown);
  return shown;
}

export const manualInvoiceRoutes = [
  route('POST', '/v1/invoices', creating, ({ account, params }) => createInvoice(account, params)),
  route('DELETE', '/v1/invoices/:id', {}, ({ account, id }) => {
    const invoice = find(account, 'invoice', id);
    if (invoice.status !== 'draft')
      throw notPossible(
        `Only drafts can be deleted; '${id}' is ${invoice.status}. Void it instead.`,
        'invoice_not_editable',
      );
    account.unplan('invoice.finalize', id);
    account.emit('invoice.deleted', invoice);
    return erase(account, 'invoice', id, 'invoice');
  }),
  route('POST', '/v1/invoices/:id/send', {}, ({ account, id }) => {
    const invoice = find(account, 'invoice', id);
    if (invoice.collection_method !== 'send_invoice')
      throw notPossible(
        `Only invoices with collection_method 'send_invoice' can be sent; '${id}' is charged automatically.`,
      );
    if (invoice.status === 'draft') finalizeInvoice(account, id);
    account.emit('invoice.sent', find(account, 'invoice', id));
    return find(account, 'invoice', id);
  }),
];
