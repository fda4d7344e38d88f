import type { Account } from '../account.js';
import { mergeMetadata } from '../http/parameters.js';
import { detailsOf, type Session } from '../resources/checkout-sessions.js';
import type { CustomField, NewSession } from '../resources/checkout-session-params.js';

function shownField({ key, label, optional = false, type, dropdown, numeric, text }: CustomField): Shown {
  const limits = { default_value: null, maximum_length: null, minimum_length: null, value: null };
  return {
    key,
    label,
    optional,
    type,
    ...(type === 'dropdown' ? { dropdown: { default_value: null, options: [], value: null, ...dropdown } } : {}),
    ...(type === 'numeric' ? { numeric: { ...limits, ...numeric } } : {}),
    ...(type === 'text' ? { text: { ...limits, ...text } } : {}),
  };
}
type Shown = Session['custom_fields'][number];

/** The open session as it is first shown. */
export function sessionFrom(
  account: Account,
  id: string,
  params: NewSession,
  { now, expiresAt, currency }: { now: number; expiresAt: number; currency: string | null },
): Session {
  const ui = params.ui_mode ?? 'hosted_page';
  const priced = params.mode !== 'setup';
  return {
    id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: params.allow_promotion_codes ?? null,
    allowed_payment_method_types: params.allowed_payment_method_types ?? null,
    amount_subtotal: priced ? 0 : null,
    amount_total: priced ? 0 : null,
    automatic_tax: { enabled: params.automatic_tax?.enabled ?? false, liability: null, provider: null, status: null },
    billing_address_collection: params.billing_address_collection ?? null,
    cancel_url: params.cancel_url ?? null,
    client_reference_id: params.client_reference_id ?? null,
    client_secret: ui === 'hosted_page' ? null : `${id}_secret_${account.newWord(30)}`,
    collected_information: { business_name: null, individual_name: null, shipping_details: null },
    consent: null,
    consent_collection: null,
    created: now,
    currency,
    currency_conversion: null,
    custom_fields: (params.custom_fields ?? []).map(shownField),
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: null,
      terms_of_service_acceptance: null,
      ...params.custom_text,
    },
    customer: params.customer ?? null,
    customer_account: null,
    customer_creation: params.customer ? null : (params.customer_creation ?? 'always'),
    customer_details: params.customer_email ? detailsOf(params.customer_email, null) : null,
    customer_email: params.customer_email ?? null,
    discounts: null,
    expires_at: expiresAt,
    integration_identifier: null,
    invoice: null,
    invoice_creation:
      params.mode === 'payment'
        ? {
            enabled: params.invoice_creation?.enabled ?? false,
            invoice_data: {
              account_tax_ids: null,
              custom_fields: null,
              description: params.invoice_creation?.invoice_data?.description ?? null,
              footer: params.invoice_creation?.invoice_data?.footer ?? null,
              issuer: null,
              metadata: params.invoice_creation?.invoice_data?.metadata ?? null,
              rendering_options: null,
            },
          }
        : null,
    livemode: false,
    locale: (params.locale ?? null) as Session['locale'],
    managed_payments: null,
    metadata: mergeMetadata({}, params.metadata),
    mode: params.mode,
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: params.mode === 'subscription' ? (params.payment_method_collection ?? 'always') : null,
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic', ...params.payment_method_options?.card } },
    payment_method_types: ['card'],
    payment_status: params.mode === 'setup' ? 'no_payment_required' : 'unpaid',
    permissions: null,
    phone_number_collection: params.phone_number_collection ?? { enabled: false },
    recovered_from: null,
    ...(ui === 'hosted_page'
      ? {}
      : {
          redirect_on_completion: params.redirect_on_completion ?? 'always',
          ...(params.return_url ? { return_url: params.return_url } : {}),
        }),
    saved_payment_method_options: {
      allow_redisplay_filters: ['always'],
      payment_method_remove: 'disabled',
      payment_method_save: params.saved_payment_method_options?.payment_method_save ?? null,
    },
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: params.submit_type ?? null,
    subscription: null,
    success_url: params.success_url ?? null,
    ...(params.tax_id_collection
      ? {
          tax_id_collection: {
            enabled: params.tax_id_collection.enabled,
            required: params.tax_id_collection.required ?? 'never',
          },
        }
      : {}),
    total_details: priced ? { amount_discount: 0, amount_shipping: 0, amount_tax: 0 } : null,
    ui_mode: ui,
    url: ui === 'hosted_page' ? `${account.url}/c/pay/${id}` : null,
    wallet_options: null,
  };
}
