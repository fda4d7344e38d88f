import type { Account } from '../account.js';
import { cancelNow } from '../billing/cancel-now.js';
import { createSubscription } from '../billing/create-subscription.js';
import { redeemDiscounts } from '../billing/discount-life.js';
import type { Invoice } from '../billing/draft-invoice.js';
import { createInvoiceItem } from '../billing/invoice-items.js';
import { resumeSubscription } from '../billing/pause-subscription.js';
import { asUpcoming, previewInvoice } from '../billing/preview-invoice.js';
import { amountOf, fullPrice } from '../billing/price-amount.js';
import { updateSubscription } from '../billing/update-subscription.js';
import { parameterInvalid, parameterMissing } from '../http/errors.js';
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
import { find, findNamed } from './find.js';
import { phaseList } from './schedule-phases.js';
import { updateSchedule } from './subscription-schedules.js';
import {
  anchorChange,
  billingMode,
  cancelAt,
  discountList,
  itemChanges,
  prorationBehavior,
  trialEnd,
} from './subscription-params.js';

const address = record({
  city: clearableText(),
  country: clearableText(),
  line1: clearableText(),
  line2: clearableText(),
  postal_code: clearableText(),
  state: clearableText(),
});

const fields = {
  automatic_tax: record({ enabled: yesNo().required() }),
  currency: currency(),
  customer: text(),
  customer_details: record({
    address: address.clearable(),
    tax_exempt: choice('exempt', 'none', 'reverse').clearable(),
  }),
  discounts: discountList.clearable(),
  invoice_items: list(
    record({
      amount: integer(),
      currency: currency(),
      description: text(),
      price: text(),
      quantity: integer(0),
      metadata: metadata(),
    }),
    250,
  ),
  preview_mode: choice('next', 'recurring'),
  schedule: text(),
  schedule_details: record({
    end_behavior: choice('cancel', 'release', 'renew'),
    phases: phaseList,
    proration_behavior: prorationBehavior,
  }),
  subscription: text(),
  subscription_details: record({
    billing_cycle_anchor: anchorChange,
    billing_mode: billingMode,
    cancel_at: cancelAt,
    cancel_at_period_end: yesNo(),
    cancel_now: yesNo(),
    items: itemChanges,
    metadata: metadata(),
    proration_behavior: prorationBehavior,
    proration_date: timestamp(),
    resume_at: choice('now'),
    start_date: timestamp(),
    trial_end: trialEnd,
  }),
};

type Preview = Values<typeof fields>;

function preview(account: Account, params: Preview): Invoice {
  const id =
    params.subscription ??
    (params.schedule ? find(account, 'subscription_schedule', params.schedule).subscription : null);
  if (!id) return previewNew(account, params);
  const subscription = findNamed(account, 'subscription', id, 'subscription');
  if (params.customer && params.customer !== subscription.customer)
    throw parameterInvalid('customer', `The subscription '${id}' belongs to another customer.`);
  return previewInvoice(account, id, () => {
    prepare(account, subscription.customer, params);
    if (params.discounts?.length) redeemOn(account, id, params);
    if (params.schedule && params.schedule_details) updateSchedule(account, params.schedule, params.schedule_details);
    return change(account, id, params);
  });
}

/** What the invoice would be for is put in place first; the rehearsal takes it away again. */
function prepare(account: Account, customer: string, params: Preview): void {
  const { customer_details: details } = params;
  const held = find(account, 'customer', customer);
  if (details) {
    const given = details.address
      ? { city: null, country: null, line1: null, line2: null, postal_code: null, state: null, ...details.address }
      : held.address;
    account.store.put('customer', { ...held, address: given, tax_exempt: details.tax_exempt ?? held.tax_exempt });
  }
  for (const item of params.invoice_items ?? []) addItem(account, customer, item);
}

function addItem(account: Account, customer: string, item: NonNullable<Preview['invoice_items']>[number]): void {
  const price = item.price
    ? fullPrice(account, findNamed(account, 'price', item.price, 'invoice_items[price]').id)
    : null;
  const quantity = item.quantity ?? 1;
  const code = item.currency ?? price?.currency ?? 'usd';
  const now = account.now(customer);
  createInvoiceItem(account, {
    customer,
    amount: price ? amountOf(price, quantity, code, account.settings.rounding) : (item.amount ?? 0),
    currency: code,
    description: item.description ?? null,
    period: { start: now, end: now },
    quantity,
    price,
    proration: false,
    subscription: null,
    subscriptionItem: null,
    discountable: true,
  });
}

function redeemOn(account: Account, id: string, params: Preview): void {
  const subscription = find(account, 'subscription', id);
  const discounts = redeemDiscounts(account, params.discounts ?? [], {
    customer: subscription.customer,
    subscription: id,
  });
  account.store.put('subscription', { ...subscription, discounts });
}

function change(account: Account, id: string, params: Preview): Invoice | null {
  const {
    cancel_now,
    resume_at,
    billing_mode: _mode,
    start_date: _start,
    items,
    ...details
  } = params.subscription_details ?? {};
  if (cancel_now)
    return cancelNow(account, id, {
      reason: 'cancellation_requested',
      prorate: details.proration_behavior !== 'none',
      invoice_now: true,
    }).invoice;
  if (resume_at) {
    const { invoice } = resumeSubscription(account, id, {
      billing_cycle_anchor: details.billing_cycle_anchor,
      proration_behavior: details.proration_behavior,
      previewOnly: true,
    });
    return invoice === null ? null : find(account, 'invoice', invoice);
  }
  const asked = {
    ...details,
    ...(items ? { items } : {}),
    ...(params.automatic_tax ? { automatic_tax: params.automatic_tax } : {}),
  };
  if (Object.keys(asked).length === 0) return null;
  return updateSubscription(account, id, asked, true).invoice;
}

/** A subscription that does not exist yet: its first invoice. */
function previewNew(account: Account, params: Preview): Invoice {
  const { subscription_details: details } = params;
  if (!params.customer) throw parameterMissing('customer');
  const customer = findNamed(account, 'customer', params.customer, 'customer');
  if (!details?.items?.length) throw parameterMissing('subscription_details[items]');
  const items = details.items.map(({ price, quantity }, place) => {
    if (!price) throw parameterMissing(`subscription_details[items][${place}][price]`);
    return { price, quantity };
  });
  return account.store.rehearse(() => {
    prepare(account, customer.id, params);
    const { subscription } = createSubscription(account, {
      customer: customer.id,
      items,
      automatic_tax: params.automatic_tax,
      billing_mode: details.billing_mode,
      currency: params.currency,
      discounts: params.discounts ? redeemDiscounts(account, params.discounts, { customer: customer.id }) : undefined,
      metadata: mergeMetadata({}, details.metadata),
      payment_behavior: 'default_incomplete',
      proration_behavior: details.proration_behavior,
      trial_end: details.trial_end,
    });
    const invoice = find(account, 'invoice', String(subscription.latest_invoice));
    return asUpcoming(account, {
      ...invoice,
      status: 'draft',
      number: null,
      hosted_invoice_url: null,
      invoice_pdf: null,
      effective_at: null,
      status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    });
  });
}

export const invoicePreviewRoutes = [
  route('POST', '/v1/invoices/create_preview', fields, ({ account, params }) => preview(account, params)),
];
