import { parameterInvalid } from '../http/errors.js';
import {
  choice,
  clearableText,
  either,
  type Fields,
  integer,
  list,
  metadata,
  momentOr,
  Parameter,
  record,
  text,
  timestamp,
  type Values,
  yesNo,
} from '../http/parameters.js';
import { oneTimePriceData, recurringPriceData } from './inline-price.js';
import { taxRateList } from './tax-rates.js';

export const cancellationDetails = record({
  comment: clearableText(),
  feedback: choice(
    'customer_service',
    'low_quality',
    'missing_features',
    'other',
    'switched_service',
    'too_complex',
    'too_expensive',
    'unused',
  ).clearable(),
});

export const trialSettings = record({
  end_behavior: record({
    missing_payment_method: choice('cancel', 'create_invoice', 'pause').required(),
    billing_cycle_anchor: choice('now', 'unchanged'),
  }).required(),
});

export const anchorConfig = record({
  day_of_month: integer(1, 31).required(),
  month: integer(1, 12),
  hour: integer(0, 23),
  minute: integer(0, 59),
  second: integer(0, 59),
});

const methodSettings = {
  payment_method_options: record({
    card: record({ request_three_d_secure: choice('any', 'automatic', 'challenge') }).clearable(),
  }).clearable(),
  payment_method_types: list(text()).clearable(),
};
export const invoicePaymentSettings = record(methodSettings);
export const paymentSettings = record({
  ...methodSettings,
  save_default_payment_method: choice('off', 'on_subscription'),
});

export const billingMode = record({
  type: choice('classic', 'flexible').required(),
  flexible: record({ proration_discounts: choice('included', 'itemized') }),
});
export const prorationBehavior = choice('always_invoice', 'create_prorations', 'none');
export const paymentBehavior = choice(
  'allow_incomplete',
  'default_incomplete',
  'error_if_incomplete',
  'pending_if_incomplete',
);
export const trialEnd = momentOr('now');

export const discountList = list(record({ coupon: text(), promotion_code: text(), discount: text() }), 20);

export const newItems = list(
  record({
    price: text(),
    price_data: recurringPriceData,
    quantity: integer(0),
    metadata: metadata(),
    discounts: discountList.clearable(),
    tax_rates: taxRateList,
  }),
  20,
);
export const oneTimeItems = list(
  record({
    price: text(),
    price_data: oneTimePriceData,
    quantity: integer(0),
    metadata: metadata(),
    discounts: discountList.clearable(),
    tax_rates: taxRateList,
  }),
  20,
);

export const itemChanges = list(
  record({
    id: text(),
    price: text(),
    price_data: recurringPriceData,
    quantity: integer(0),
    clear_usage: yesNo(),
    deleted: yesNo(),
    metadata: metadata(),
    discounts: discountList.clearable(),
    tax_rates: taxRateList,
  }),
  20,
);

export const cancelAt = either(
  choice('min_period_end', 'max_period_end', 'max_billed_until'),
  timestamp(),
  (raw) => typeof raw === 'string' && /^m/.test(raw),
).clearable();

/** Endive takes `{type}`; the bare word of older versions is refused. */
function anchorOf<F extends Fields>(fields: F): Parameter<Values<F>> {
  const object = record(fields);
  return new Parameter((raw, name) => {
    if (typeof raw === 'string')
      throw parameterInvalid(
        name,
        `Invalid object: ${name} takes an object such as {type: 'now'} since 2026-09-30.endive (found '${raw}').`,
      );
    return object.read(raw, name);
  }, false);
}

export const anchorChange = anchorOf({ type: choice('now', 'unchanged').required() });
export const previewAnchor = anchorOf({
  type: choice('now', 'timestamp', 'unchanged').required(),
  timestamp: timestamp(),
});

export const pausing = {
  bill_for: record({
    outstanding_usage_through: record({ type: choice('none', 'now').required() }),
    unused_time_from: record({ type: choice('item_current_period_start', 'none', 'now').required() }),
  }),
  invoicing_behavior: choice('invoice', 'pending_invoice_item'),
  type: choice('subscription'),
};

export const pauseCollection = record({
  behavior: choice('keep_as_draft', 'mark_uncollectible', 'void').required(),
  resumes_at: timestamp().clearable(),
}).clearable();
