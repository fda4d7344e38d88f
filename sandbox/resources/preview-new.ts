import type { Account } from '../account.js';
import { createSubscription } from '../billing/create-subscription.js';
import { redeemDiscounts } from '../billing/discount-life.js';
import { draftInvoice, type Invoice } from '../billing/draft-invoice.js';
import { pendingLinesOf } from '../billing/pending-items.js';
import { atMoment, nothingUpcoming } from '../billing/preview-invoice.js';
import { enterPhase } from '../billing/run-schedule.js';
import { parameterMissing } from '../http/errors.js';
import { mergeMetadata } from '../http/parameters.js';
import { find } from './find.js';
import { neededPrice } from './inline-price.js';
import type { Preview } from './invoice-previews.js';
import { rehearsedCustomer } from './preview-customer.js';
import { createSchedule } from './subscription-schedules.js';
import { ratesNamed } from './tax-rates.js';

/** The first invoice of a subscription that does not exist yet, or one over the given items alone. */
export function previewNew(account: Account, params: Preview): Invoice {
  return account.store.rehearse(() => {
    const customer = rehearsedCustomer(account, params);
    if (!params.subscription_details?.items?.length && params.invoice_items?.length)
      return itemsAlone(account, customer, params);
    const start = params.subscription_details?.start_date ?? 0;
    const now = account.now(customer);
    const draft = (): Invoice => firstInvoice(account, customer, params, start < now && start > 0 ? start : undefined);
    return start > now ? atMoment(account, customer, start, draft) : draft();
  });
}

/** The first invoice that a schedule would bring. */
export function previewNewSchedule(account: Account, params: Preview): Invoice {
  return account.store.rehearse(() => {
    const customer = rehearsedCustomer(account, params);
    const { billing_mode, end_behavior, pause_schedules, phases } = params.schedule_details ?? {};
    const start_date = phases?.[0]?.start_date;
    const schedule = createSchedule(account, {
      customer,
      billing_mode,
      end_behavior,
      pause_schedules,
      phases,
      start_date,
    });
    const first = schedule.phases[0]?.start_date ?? 0;
    if (schedule.subscription === null) atMoment(account, customer, first, () => enterPhase(account, schedule.id));
    const begun = find(account, 'subscription_schedule', schedule.id).subscription ?? '';
    return firstInvoiceOf(account, begun);
  });
}

function firstInvoice(account: Account, customer: string, params: Preview, backdated: number | undefined): Invoice {
  const { subscription_details: details } = params;
  if (!details?.items?.length) throw parameterMissing('subscription_details[items]');
  const items = details.items.map((item, place) => ({
    price: neededPrice(account, item, `subscription_details[items][${place}]`),
    quantity: item.quantity,
    discountParams: item.discounts ?? undefined,
    tax_rates: ratesNamed(account, item.tax_rates, `subscription_details[items][${place}][tax_rates]`),
  }));
  const anchor = details.billing_cycle_anchor;
  const { subscription } = createSubscription(account, {
    customer,
    items,
    automatic_tax: params.automatic_tax,
    backdate_start_date: backdated,
    billing_cycle_anchor: anchor?.type === 'timestamp' ? anchor.timestamp : undefined,
    billing_mode: details.billing_mode,
    cancel_at: details.cancel_at,
    cancel_at_period_end: details.cancel_at_period_end,
    currency: params.currency,
    default_tax_rates: ratesNamed(account, details.default_tax_rates, 'subscription_details[default_tax_rates]'),
    discounts: params.discounts ? redeemDiscounts(account, params.discounts, { customer }) : undefined,
    metadata: mergeMetadata({}, details.metadata),
    payment_behavior: 'default_incomplete',
    proration_behavior: details.proration_behavior,
    trial_end: details.trial_end,
  });
  return firstInvoiceOf(account, subscription.id);
}

/** The first invoice as it was before it was finalised. */
function firstInvoiceOf(account: Account, subscription: string): Invoice {
  const latest = find(account, 'subscription', subscription).latest_invoice;
  if (!latest) throw nothingUpcoming(subscription);
  return {
    ...find(account, 'invoice', latest),
    status: 'draft',
    number: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    effective_at: null,
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
  };
}

function itemsAlone(account: Account, customer: string, params: Preview): Invoice {
  const now = account.now(customer);
  const [first] = account.store.where('invoiceitem', 'open', customer);
  const currency = params.currency ?? first?.currency ?? 'usd';
  return draftInvoice(account, {
    id: account.newId('in'),
    customer,
    currency,
    subscription: null,
    billing_reason: 'manual',
    lines: pendingLinesOf(account, customer, currency),
    period: { start: now, end: now },
    automatic_tax: params.automatic_tax?.enabled,
    discounts: params.discounts ? redeemDiscounts(account, params.discounts, { customer }) : undefined,
  });
}
