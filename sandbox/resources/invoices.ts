import type { Account } from '../account.js';
import { collectInvoice, isGoing, type Uncollected } from '../billing/collect-invoice.js';
import { redeemDiscounts } from '../billing/discount-life.js';
import { pricedInvoice, type Invoice } from '../billing/draft-invoice.js';
import { finalizeInvoice } from '../billing/finalize-invoice.js';
import { settlePaid } from '../billing/settle-invoice.js';
import { markUncollectible, voidInvoice } from '../billing/void-invoice.js';
import { cardError, notPossible, type StripeError } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
  choice,
  inRange,
  mergeMetadata,
  metadata,
  range,
  text,
  type Values,
  yesNo,
  clearableText,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import { find } from './find.js';
import { draftFields, dueDate, paperOf, planFinalization } from './manual-invoices.js';
import { resolvePaymentMethod } from '../payments/payment-methods.js';
import { search, searchFields } from './search.js';
import { ratesNamed } from './tax-rates.js';

function payInvoice(
  account: Account,
  id: string,
  params: { payment_method?: string; off_session?: boolean; paid_out_of_band?: boolean },
): Invoice {
  const invoice = find(account, 'invoice', id);
  if (invoice.status === 'paid') throw notPossible('Invoice is already paid', 'invoice_already_paid');
  if (invoice.status === 'void') throw notPossible('This invoice can no longer be paid because it has been voided.');
  const open = invoice.status === 'draft' ? finalizeInvoice(account, id) : invoice;
  if (open.status === 'paid') return open;
  if (params.paid_out_of_band) return settlePaid(account, id, { charged: false, outOfBand: true });
  const method = params.payment_method ? resolvePaymentMethod(account, params.payment_method).id : null;
  const collected = collectInvoice(account, id, { offSession: params.off_session ?? true, paymentMethod: method });
  if (!isGoing(collected)) throw paymentFailed(collected);
  return find(account, 'invoice', id);
}

/** A failed attempt is an error to the caller, and stays on record. */
function paymentFailed(collected: Uncollected): StripeError {
  const error =
    collected.kind === 'declined'
      ? cardError(collected.decline)
      : collected.kind === 'no_method'
        ? notPossible(
            'There is no payment method to charge: neither the invoice, nor its subscription, nor the customer has one. Pass payment_method, or set a default.',
            'resource_missing',
          )
        : cardError({
            code: 'invoice_payment_intent_requires_action',
            message:
              'This payment requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with the invoice.',
          });
  error.keepsEffects = true;
  return error;
}

function mustBe(invoice: Invoice, wanted: string[], verb: string): void {
  if (wanted.includes(String(invoice.status))) return;
  throw notPossible(
    `You can only ${verb} invoices that are ${wanted.join(' or ')}; this one is ${invoice.status}.`,
    'invoice_not_editable',
  );
}

const updating = {
  ...draftFields,
  auto_advance: yesNo(),
  default_payment_method: clearableText(),
  metadata: metadata(),
};
const editableAlways = new Set(['auto_advance', 'default_payment_method', 'metadata']);

/** Changes an invoice; what its amounts depend on only while it is a draft. */
function updateInvoice(account: Account, id: string, params: Values<typeof updating>): Invoice {
  const invoice = find(account, 'invoice', id);
  if (Object.keys(params).some((key) => !editableAlways.has(key))) mustBe(invoice, ['draft'], 'edit');
  const {
    automatic_tax,
    automatically_finalizes_at: finalizesAt,
    days_until_due,
    default_tax_rates,
    discounts,
    due_date,
    effective_at: _paper,
    metadata: change,
    payment_settings: _settings,
    ...rest
  } = params;
  const rates = ratesNamed(account, default_tax_rates, 'default_tax_rates');
  const method = rest.collection_method ?? invoice.collection_method;
  const due = due_date ?? (days_until_due === undefined ? undefined : invoice.created + days_until_due * 86_400);
  const customer = String(invoice.customer);
  const changed: Invoice = {
    ...invoice,
    ...rest,
    ...paperOf(invoice, params),
    ...dueDate(method, due),
    ...(automatic_tax ? { automatic_tax: { ...invoice.automatic_tax, enabled: automatic_tax.enabled } } : {}),
    ...(rates ? { default_tax_rates: rates } : {}),
    ...(discounts === undefined ? {} : { discounts: redeemDiscounts(account, discounts ?? [], { customer }) }),
    metadata: mergeMetadata(invoice.metadata ?? {}, change),
  };
  if (invoice.status !== 'draft') return account.update('invoice', id, changed, 'invoice.updated');
  const priced = pricedInvoice(account, changed, invoice.lines.data);
  const automatically_finalizes_at = planFinalization(account, changed, finalizesAt);
  return account.update('invoice', id, { ...priced, automatically_finalizes_at }, 'invoice.updated');
}

/** A preview is found only here, and only if its lines did not all come with it. */
const linesOf = (account: Account, id: string) =>
  account.store.get('invoice_preview', id)?.lines ?? find(account, 'invoice', id).lines.data;

export const invoiceRoutes = [
  route(
    'GET',
    '/v1/invoices',
    {
      ...paging,
      collection_method: text(),
      created: range(),
      customer: text(),
      due_date: range(),
      status: choice('draft', 'open', 'paid', 'uncollectible', 'void'),
      subscription: text(),
    },
    ({ account, params }) => {
      const { store } = account;
      const rows = params.subscription
        ? store.where('invoice', 'subscription', params.subscription)
        : params.customer
          ? store.where('invoice', 'customer', params.customer)
          : store.all('invoice');
      return page(
        '/v1/invoices',
        rows,
        params,
        (row) =>
          (params.customer === undefined || row.customer === params.customer) &&
          (params.status === undefined || row.status === params.status) &&
          (params.collection_method === undefined || row.collection_method === params.collection_method) &&
          (params.due_date === undefined || (row.due_date !== null && inRange(row.due_date, params.due_date))) &&
          inRange(row.created, params.created),
      );
    },
  ),
  route('GET', '/v1/invoices/search', searchFields, ({ account, params }) =>
    search('/v1/invoices/search', account.store.all('invoice'), params),
  ),
  route('GET', '/v1/invoices/:id', {}, ({ account, id }) => find(account, 'invoice', id)),
  route('GET', '/v1/invoices/:id/lines', paging, ({ account, params, id }) =>
    page(`/v1/invoices/${id}/lines`, [...linesOf(account, id)].reverse(), params),
  ),
  route('POST', '/v1/invoices/:id', updating, ({ account, params, id }) => updateInvoice(account, id, params)),
  route('POST', '/v1/invoices/:id/finalize', { auto_advance: yesNo() }, ({ account, params, id }) => {
    const { auto_advance } = params;
    const draft = find(account, 'invoice', id);
    mustBe(draft, ['draft'], 'finalize');
    if (auto_advance !== undefined) account.store.put('invoice', { ...draft, auto_advance });
    return finalizeInvoice(account, id);
  }),
  route(
    'POST',
    '/v1/invoices/:id/pay',
    { payment_method: text(), off_session: yesNo(), paid_out_of_band: yesNo(), forgive: yesNo() },
    ({ account, params, id }) => payInvoice(account, id, params),
  ),
  route('POST', '/v1/invoices/:id/void', {}, ({ account, id }) => {
    mustBe(find(account, 'invoice', id), ['open', 'uncollectible'], 'void');
    return voidInvoice(account, id);
  }),
  route('POST', '/v1/invoices/:id/mark_uncollectible', {}, ({ account, id }) => {
    mustBe(find(account, 'invoice', id), ['open', 'draft'], 'mark as uncollectible');
    return markUncollectible(account, id);
  }),
];
