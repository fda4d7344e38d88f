import { parameterInvalid } from '../http/errors.js';
import {
  choice,
  clearableText,
  either,
  integer,
  list,
  metadata,
  momentOr,
  Parameter,
  record,
  text,
  timestamp,
  yesNo,
} from '../http/parameters.js';

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

export const paymentSettings = record({
  payment_method_types: list(text()).clearable(),
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
  record({ price: text().required(), quantity: integer(0), metadata: metadata(), discounts: discountList }),
  20,
);
export const oneTimeItems = list(record({ price: text().required(), quantity: integer(0) }), 20);

export const itemChanges = list(
  record({
    id: text(),
    price: text(),
    quantity: integer(0),
    deleted: yesNo(),
    metadata: metadata(),
    discounts: discountList.clearable(),
  }),
  20,
);

export const cancelAt = either(
  choice('min_period_end', 'max_period_end', 'max_billed_until'),
  timestamp(),
  (raw) => typeof raw === 'string' && /^m/.test(raw),
).clearable();

const anchorObject = record({ type: choice('now', 'unchanged').required() });

/** Endive takes `{type}`; the bare word of older versions is refused. */
export const anchorChange = new Parameter<{ type: 'now' | 'unchanged' }>((raw, name) => {
  if (typeof raw === 'string')
    throw parameterInvalid(
      name,
      `Invalid object: ${name} takes an object such as {type: 'now'} since 2026-09-30.endive (found '${raw}').`,
    );
  return anchorObject.read(raw, name);
}, false);

export const pauseCollection = record({
  behavior: choice('keep_as_draft', 'mark_uncollectible', 'void').required(),
  resumes_at: timestamp().clearable(),
}).clearable();
