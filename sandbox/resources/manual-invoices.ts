import type { Account } from '../account.js';
import { redeemDiscounts } from '../billing/discount-life.js';
import { draftInvoice, type Invoice } from '../billing/draft-invoice.js';
import { finalizeInvoice } from '../billing/finalize-invoice.js';
import { pendingLines, pendingLinesOf } from '../billing/pending-items.js';
import { notPossible, parameterInvalid, parameterMissing } from '../http/errors.js';
import {
  choice,
  clearableText,
  currency,
  integer,
  list,
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
import { discountList, invoicePaymentSettings } from './subscription-params.js';
import { ratesNamed, taxRateList } from './tax-rates.js';

/** What an invoice shows or is priced by, while it is a draft. */
export const draftFields = {
  automatic_tax: record({ enabled: yesNo().required() }),
  automatically_finalizes_at: timestamp(),
  collection_method: choice('charge_automatically', 'send_invoice'),
  custom_fields: list(record({ name: text(40).required(), value: text(140).required() }), 4).clearable(),
  days_until_due: integer(0),
  default_tax_rates: taxRateList,
  description: clearableText(),
  discounts: discountList.clearable(),
  due_date: timestamp(),
  effective_at: timestamp().clearable(),
  footer: clearableText(),
  number: text(26),
  payment_settings: invoicePaymentSettings,
  statement_descriptor: text(22),
};

const creating = {
  ...draftFields,
  auto_advance: yesNo(),
  currency: currency(),
  customer: text(),
  default_payment_method: text(),
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
    auto_advance: params.auto_advance ?? (subscription !== null || params.automatically_finalizes_at !== undefined),
    automatic_tax: params.automatic_tax?.enabled,
    collection_method: params.collection_method,
    days_until_due: params.days_until_due,
    default_payment_method: params.default_payment_method,
    default_tax_rates: ratesNamed(account, params.default_tax_rates, 'default_tax_rates'),
    description: params.description,
    discounts: params.discounts ? redeemDiscounts(account, params.discounts, { customer: customer.id }) : undefined,
    metadata: mergeMetadata({}, params.metadata),
  });
  const { custom_fields, footer, statement_descriptor, due_date } = params;
  const shown = account.update('invoice', draft.id, {
    ...(custom_fields ? { custom_fields } : {}),
    ...(footer ? { footer } : {}),
    ...(statement_descriptor ? { statement_descriptor } : {}),
    ...dueDate(draft.collection_method, due_date),
    ...paperOf(draft, params),
    automatically_finalizes_at: planFinalization(account, draft, params.automatically_finalizes_at),
  });
  account.emit('invoice.created', shown);
  return shown;
}

/** The number and the date an invoice goes under, and how it is to be paid. */
export function paperOf(
  { payment_settings: held }: Invoice,
  {
    number,
    effective_at,
    payment_settings,
  }: Pick<Values<typeof creating>, 'number' | 'effective_at' | 'payment_settings'>,
): Partial<Invoice> {
  return {
    ...(number ? { number } : {}),
    ...(effective_at === undefined ? {} : { effective_at }),
    ...(payment_settings ? { payment_settings: { ...held, ...payment_settings } as Invoice['payment_settings'] } : {}),
  };
}

/** When a draft is finalised by itself: at the named moment, else when its hour is over; null where it waits for a call. */
export function planFinalization(account: Account, draft: Invoice, named: number | undefined): number | null {
  const { id, auto_advance, automatically_finalizes_at: planned } = draft;
  if (!auto_advance) {
    account.unplan('invoice.finalize', id);
    return null;
  }
  const now = account.now(draft.customer);
  if (named !== undefined && named <= now)
    throw parameterInvalid('automatically_finalizes_at', 'An invoice can only be finalised by itself in the future.');
  const at = named ?? planned ?? now + account.settings.draftHours * HOUR;
  account.plan('invoice.finalize', id, at, draft.customer);
  return at;
}

export function dueDate(method: Invoice['collection_method'], due_date: number | undefined): { due_date?: number } {
  if (due_date === undefined) return {};
  if (method === 'send_invoice') return { due_date };
  throw parameterInvalid('due_date', "You can only set `due_date` where `collection_method` is 'send_invoice'.");
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
