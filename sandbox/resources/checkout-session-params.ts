import { parameterInvalid, parameterMissing } from '../http/errors.js';
import {
  choice,
  currency,
  decimal,
  integer,
  list,
  metadata,
  record,
  text,
  timestamp,
  url,
  type Values,
  yesNo,
} from '../http/parameters.js';
import { noMethodTypes } from './payment-intent-params.js';
import { inlineRecurring } from './prices.js';
import { anchorConfig } from './subscription-params.js';

const subscriptionData = record({
  billing_cycle_anchor: timestamp(),
  billing_mode: record({
    type: choice('classic', 'flexible').required(),
    flexible: record({ proration_discounts: choice('included', 'itemized') }),
  }),
  billing_cycle_anchor_config: anchorConfig,
  default_tax_rates: list(text(), 20),
  description: text(500),
  metadata: metadata(),
  proration_behavior: choice('create_prorations', 'none'),
  trial_end: timestamp(),
  trial_period_days: integer(1, 730),
  trial_settings: record({
    end_behavior: record({ missing_payment_method: choice('cancel', 'create_invoice', 'pause').required() }).required(),
  }),
});

const words = record({ message: text(1200).required() }).clearable();

/** A question of the seller's own, answered with words, a number or a choice. */
const customField = record({
  dropdown: record({
    default_value: text(100),
    options: list(record({ label: text(100).required(), value: text(100).required() }), 200).required(),
  }),
  key: text(200).required(),
  label: record({ custom: text(50).required(), type: choice('custom').required() }).required(),
  numeric: record({ default_value: text(255), maximum_length: integer(1, 255), minimum_length: integer(0, 255) }),
  optional: yesNo(),
  text: record({ default_value: text(255), maximum_length: integer(1, 255), minimum_length: integer(0, 255) }),
  type: choice('dropdown', 'numeric', 'text').required(),
});
export type CustomField = Values<{ field: typeof customField }>['field'] & {};

export const creating = {
  allow_promotion_codes: yesNo(),
  allowed_payment_method_types: list(text()),
  automatic_tax: record({ enabled: yesNo().required() }),
  billing_address_collection: choice('auto', 'required'),
  cancel_url: url(),
  client_reference_id: text(200),
  currency: currency(),
  customer: text(),
  customer_creation: choice('always', 'if_required'),
  customer_email: text(800),
  custom_fields: list(customField, 3),
  custom_text: record({
    after_submit: words,
    shipping_address: words,
    submit: words,
    terms_of_service_acceptance: words,
  }),
  discounts: list(record({ coupon: text(), promotion_code: text() }), 1),
  customer_update: record({
    address: choice('auto', 'never'),
    name: choice('auto', 'never'),
  }),
  excluded_payment_method_types: list(text()),
  expires_at: timestamp(),
  line_items: list(
    record({
      price: text(),
      price_data: record({
        currency: currency().required(),
        product: text(),
        product_data: record({
          name: text().required(),
          description: text(),
          images: list(url(), 8),
          metadata: metadata(),
          tax_code: text(),
          unit_label: text(12),
        }),
        recurring: inlineRecurring,
        tax_behavior: choice('exclusive', 'inclusive', 'unspecified'),
        unit_amount: integer(0),
        unit_amount_decimal: decimal(),
      }),
      adjustable_quantity: record({ enabled: yesNo().required(), maximum: integer(1, 999_999), minimum: integer(0) }),
      quantity: integer(0),
      tax_rates: list(text(), 20),
    }),
    100,
  ),
  invoice_creation: record({
    enabled: yesNo().required(),
    invoice_data: record({ description: text(), footer: text(), metadata: metadata() }),
  }),
  locale: text(10),
  metadata: metadata(),
  mode: choice('payment', 'setup', 'subscription').required(),
  payment_intent_data: record({
    capture_method: choice('automatic', 'automatic_async', 'manual'),
    description: text(),
    metadata: metadata(),
    receipt_email: text(),
    setup_future_usage: choice('off_session', 'on_session'),
    statement_descriptor: text(22),
    statement_descriptor_suffix: text(22),
  }),
  payment_method_options: record({
    card: record({ request_three_d_secure: choice('any', 'automatic', 'challenge') }),
  }),
  phone_number_collection: record({ enabled: yesNo().required() }),
  payment_method_collection: choice('always', 'if_required'),
  payment_method_types: noMethodTypes,
  redirect_on_completion: choice('always', 'if_required', 'never'),
  return_url: url(),
  saved_payment_method_options: record({ payment_method_save: choice('disabled', 'enabled') }),
  setup_intent_data: record({ description: text(), metadata: metadata() }),
  submit_type: choice('auto', 'book', 'donate', 'pay', 'subscribe'),
  subscription_data: subscriptionData,
  success_url: url(),
  tax_id_collection: record({ enabled: yesNo().required(), required: choice('if_supported', 'never') }),
  ui_mode: choice('elements', 'embedded_page', 'form', 'hosted_page'),
};

export type NewSession = Values<typeof creating>;

/** What goes with which mode and way of showing. */
export function checkModes(params: NewSession): void {
  const { mode, ui_mode = 'hosted_page' } = params;
  if (mode !== 'setup' && !params.line_items?.length) throw parameterMissing('line_items');
  if (mode !== 'subscription' && params.subscription_data)
    throw parameterInvalid('subscription_data', 'You can not pass `subscription_data` in `' + mode + '` mode.');
  if (mode !== 'payment' && params.invoice_creation)
    throw parameterInvalid('invoice_creation', `You can not pass \`invoice_creation\` in \`${mode}\` mode.`);
  if (mode !== 'payment' && params.payment_intent_data)
    throw parameterInvalid('payment_intent_data', `You can not pass \`payment_intent_data\` in \`${mode}\` mode.`);
  const hosted = ui_mode === 'hosted_page';
  if (hosted && params.return_url)
    throw parameterInvalid(
      'return_url',
      '`return_url` may only be specified when `ui_mode` is `embedded_page` or `elements`.',
    );
  if (hosted && !params.success_url) throw parameterMissing('success_url');
  if (!hosted && params.success_url)
    throw parameterInvalid(
      'success_url',
      `\`success_url\` can not be set when \`ui_mode\` is \`${ui_mode}\`; use \`return_url\`.`,
    );
  if (!hosted && params.cancel_url)
    throw parameterInvalid('cancel_url', `\`cancel_url\` can not be set when \`ui_mode\` is \`${ui_mode}\`.`);
  if (!hosted && !params.return_url && params.redirect_on_completion !== 'never') throw parameterMissing('return_url');
  if (params.discounts && params.allow_promotion_codes !== undefined)
    throw parameterInvalid(
      'discounts',
      'You may only specify one of these parameters: allow_promotion_codes, discounts.',
    );
  if (params.customer && params.customer_email)
    throw parameterInvalid('customer_email', 'You may only specify one of these parameters: customer, customer_email.');
  checkCustomerUpdate(params);
  if (params.subscription_data?.trial_end && params.subscription_data.trial_period_days) {
    throw parameterInvalid(
      'subscription_data',
      'You may only specify one of these parameters: trial_end, trial_period_days.',
    );
  }
}

function checkCustomerUpdate({ customer, customer_update, tax_id_collection }: NewSession): void {
  if (customer_update && !customer)
    throw parameterInvalid('customer_update', '`customer_update` can only be used together with `customer`.');
  if (customer && tax_id_collection?.enabled && customer_update?.name !== 'auto')
    throw parameterInvalid(
      'customer_update[name]',
      'Tax ID collection requires updating business name on the customer. To enable tax ID collection for an existing customer, please set `customer_update[name]` to `auto`.',
    );
}
