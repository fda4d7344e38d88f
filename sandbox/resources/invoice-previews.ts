import type { Account } from '../account.js';
import type { Invoice } from '../billing/draft-invoice.js';
import { asUpcoming } from '../billing/preview-invoice.js';
import { parameterInvalid } from '../http/errors.js';
import { isCut } from '../http/lists.js';
import { choice, currency, list, metadata, record, text, timestamp, type Values, yesNo } from '../http/parameters.js';
import { route } from '../http/route.js';
import { address } from './addresses.js';
import { describing } from './described-item.js';
import { find, findNamed } from './find.js';
import { pauseScheduleList } from './pause-schedules.js';
import { previewChange } from './preview-change.js';
import { previewNew, previewNewSchedule } from './preview-new.js';
import { phaseList } from './schedule-phases.js';
import {
  billingMode,
  cancelAt,
  discountList,
  itemChanges,
  pausing,
  previewAnchor,
  prorationBehavior,
  trialEnd,
} from './subscription-params.js';
import { taxRateList } from './tax-rates.js';

const fields = {
  automatic_tax: record({ enabled: yesNo().required() }),
  currency: currency(),
  customer: text(),
  customer_details: record({
    address: address.clearable(),
    tax_exempt: choice('exempt', 'none', 'reverse').clearable(),
  }),
  discounts: discountList.clearable(),
  invoice_items: list(record({ ...describing, currency: currency(), price: text() }), 250),
  preview_mode: choice('next', 'recurring'),
  schedule: text(),
  schedule_details: record({
    billing_mode: billingMode,
    end_behavior: choice('cancel', 'none', 'release', 'renew'),
    pause_schedules: pauseScheduleList,
    phases: phaseList,
    proration_behavior: prorationBehavior,
  }),
  subscription: text(),
  subscription_details: record({
    billing_cycle_anchor: previewAnchor,
    billing_mode: billingMode,
    cancel_at: cancelAt,
    cancel_at_period_end: yesNo(),
    cancel_now: yesNo(),
    default_tax_rates: taxRateList,
    items: itemChanges,
    metadata: metadata(),
    pause: record(pausing),
    proration_behavior: prorationBehavior,
    proration_date: timestamp(),
    resume_at: choice('now'),
    start_date: timestamp(),
    trial_end: trialEnd,
  }),
};

export type Preview = Values<typeof fields>;

function rehearse(account: Account, params: Preview): Invoice {
  const id =
    params.subscription ??
    (params.schedule ? find(account, 'subscription_schedule', params.schedule).subscription : null);
  if (!id) return params.schedule_details ? previewNewSchedule(account, params) : previewNew(account, params);
  const subscription = findNamed(account, 'subscription', id, 'subscription');
  if (params.customer && params.customer !== subscription.customer)
    throw parameterInvalid('customer', `The subscription '${id}' belongs to another customer.`);
  return previewChange(account, subscription, params);
}

/** A preview is not to be found, but the lines that do not come with it are, by its id. */
function preview(account: Account, params: Preview): Invoice {
  const invoice = asUpcoming(account, rehearse(account, params));
  const stored_at = account.clock.wall.now();
  if (isCut(invoice.lines))
    account.store.put('invoice_preview', { id: invoice.id, lines: invoice.lines.data, stored_at });
  return invoice;
}

export const invoicePreviewRoutes = [
  route('POST', '/v1/invoices/create_preview', fields, ({ account, params }) => preview(account, params)),
];
