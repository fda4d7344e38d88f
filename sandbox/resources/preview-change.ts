import type { Account } from '../account.js';
import { cancelNow } from '../billing/cancel-now.js';
import { redeemDiscounts } from '../billing/discount-life.js';
import type { Invoice } from '../billing/draft-invoice.js';
import type { Subscription } from '../billing/lines.js';
import { pauseSubscription, resumeSubscription } from '../billing/pause-subscription.js';
import { previewInvoice } from '../billing/preview-invoice.js';
import { updateSubscription } from '../billing/update-subscription.js';
import { notPossible, parameterInvalid } from '../http/errors.js';
import { find } from './find.js';
import type { Preview } from './invoice-previews.js';
import { prepareCustomer } from './preview-customer.js';
import { changedItems } from './subscriptions.js';
import { updateSchedule } from './subscription-schedules.js';
import { ratesNamed } from './tax-rates.js';

/** The next invoice of a subscription, as it would be after the change that is described. */
export function previewChange(account: Account, subscription: Subscription, params: Preview): Invoice {
  const { id, customer } = subscription;
  return previewInvoice(account, id, () => {
    if (params.preview_mode === 'recurring') leaveOutOnceOnly(account, customer);
    prepareCustomer(account, customer, params);
    migrate(account, id, params);
    if (params.discounts !== undefined) redeemOn(account, id, params);
    if (params.schedule && params.schedule_details) updateSchedule(account, params.schedule, params.schedule_details);
    return change(account, id, params);
  });
}

/** What recurs is shown without what waits to be billed once, and without the balance. */
function leaveOutOnceOnly(account: Account, customer: string): void {
  for (const item of account.store.where('invoiceitem', 'open', customer)) account.store.remove('invoiceitem', item.id);
  account.store.put('customer', { ...find(account, 'customer', customer), balance: 0 });
}

function migrate(account: Account, id: string, { subscription_details: details }: Preview): void {
  const subscription = find(account, 'subscription', id);
  const wanted = details?.billing_mode;
  if (!wanted || wanted.type === subscription.billing_mode.type) return;
  if (wanted.type === 'classic')
    throw notPossible('A subscription can only be migrated from classic to flexible billing mode, never back.');
  const flexible = { proration_discounts: wanted.flexible?.proration_discounts ?? 'included' } as const;
  account.store.put('subscription', { ...subscription, billing_mode: { type: 'flexible', flexible } });
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
    pause,
    billing_mode: _migrated,
    start_date: _ofNewOnes,
    billing_cycle_anchor: anchor,
    default_tax_rates,
    items,
    ...details
  } = params.subscription_details ?? {};
  if (cancel_now)
    return cancelNow(account, id, {
      reason: 'cancellation_requested',
      prorate: details.proration_behavior !== 'none',
      invoice_now: true,
    }).invoice;
  if (pause) {
    pauseSubscription(account, id, { ...pause, invoicing_behavior: 'invoice', previewOnly: true });
    return latestOf(account, id);
  }
  if (anchor?.type === 'timestamp')
    throw parameterInvalid(
      'subscription_details[billing_cycle_anchor][type]',
      "A timestamp can only be given for a subscription that does not exist yet; pass 'now' or 'unchanged'.",
    );
  const billing_cycle_anchor = anchor as { type: 'now' | 'unchanged' } | undefined;
  if (resume_at) {
    const { proration_behavior } = details;
    const { invoice } = resumeSubscription(account, id, {
      billing_cycle_anchor,
      proration_behavior,
      previewOnly: true,
    });
    return invoice === null ? null : find(account, 'invoice', invoice);
  }
  const recurring = params.preview_mode === 'recurring';
  const asked = {
    ...details,
    ...(recurring ? { proration_behavior: 'none' as const, proration_date: undefined } : {}),
    ...(billing_cycle_anchor && !recurring ? { billing_cycle_anchor } : {}),
    ...(items ? { items: changedItems(account, items) } : {}),
    ...(default_tax_rates === undefined
      ? {}
      : { default_tax_rates: ratesNamed(account, default_tax_rates, 'subscription_details[default_tax_rates]') }),
    ...(params.automatic_tax ? { automatic_tax: params.automatic_tax } : {}),
  };
  if (Object.keys(asked).length === 0) return null;
  const { invoice } = updateSubscription(account, id, asked, true);
  if (recurring) leaveOutOnceOnly(account, find(account, 'subscription', id).customer);
  return invoice;
}

function latestOf(account: Account, id: string): Invoice | null {
  const latest = find(account, 'subscription', id).latest_invoice;
  const invoice = latest ? account.store.get('invoice', latest) : undefined;
  return invoice?.status === 'draft' ? invoice : null;
}
