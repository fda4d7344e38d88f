import { parameterInvalid } from '../http/errors.js';
import {
  choice,
  clearableText,
  currency,
  integer,
  list,
  metadata,
  Parameter,
  record,
  text,
  timestamp,
  type Values,
  yesNo,
} from '../http/parameters.js';
import { shipping } from './addresses.js';
import { methodData } from './payment-methods.js';

/** Endive takes no list of payment method types any more. */
export const noMethodTypes: Parameter<never> = new Parameter((_raw, name) => {
  throw parameterInvalid(
    name,
    '`payment_method_types` is no longer supported. Use dynamic payment methods, or filter them with `allowed_payment_method_types` or `excluded_payment_method_types`.',
    'payment_method_types_no_longer_supported',
  );
}, false);

export const automaticMethods = record({ enabled: yesNo().required(), allow_redirects: choice('always', 'never') });

/** By what a payment or setup intent chooses its methods. */
export const choosing = {
  allowed_payment_method_types: list(text()),
  excluded_payment_method_types: list(text()),
  payment_method: text(),
  payment_method_configuration: text(),
  payment_method_data: methodData,
  payment_method_options: record({
    card: record({ request_three_d_secure: choice('any', 'automatic', 'challenge') }).clearable(),
  }),
  payment_method_types: noMethodTypes,
};

/** What only a browser or a mandate needs: a card of the sandbox asks for neither. */
export const presenting = {
  mandate_data: record({
    customer_acceptance: record({
      accepted_at: timestamp(),
      offline: record({}),
      online: record({ ip_address: text(), user_agent: text() }),
      type: choice('offline', 'online').required(),
    }).required(),
  }).clearable(),
  return_url: text(),
  use_stripe_sdk: yesNo(),
};

const describing = {
  ...choosing,
  description: clearableText(),
  metadata: metadata(),
  receipt_email: clearableText(),
  setup_future_usage: choice('off_session', 'on_session').clearable(),
  shipping: shipping.clearable(),
  statement_descriptor: text(22),
  statement_descriptor_suffix: text(22),
};

export const confirming = {
  ...choosing,
  ...presenting,
  capture_method: choice('automatic', 'automatic_async', 'manual'),
  error_on_requires_action: yesNo(),
  off_session: yesNo(),
  receipt_email: clearableText(),
  setup_future_usage: describing.setup_future_usage,
  shipping: shipping.clearable(),
};
export type Confirming = Values<typeof confirming>;

export const creating = {
  ...describing,
  ...presenting,
  amount: integer(1, 99_999_999).required(),
  automatic_payment_methods: automaticMethods,
  capture_method: confirming.capture_method,
  confirm: yesNo(),
  confirmation_method: choice('automatic', 'manual'),
  currency: currency().required(),
  customer: text(),
  error_on_requires_action: yesNo(),
  off_session: yesNo(),
};

export const updating = {
  ...describing,
  amount: integer(1, 99_999_999),
  capture_method: confirming.capture_method,
  currency: currency(),
  customer: text(),
};
