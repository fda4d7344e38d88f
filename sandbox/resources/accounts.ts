import type Stripe from 'stripe';
import type { Account } from '../account.js';
import { noSuch } from '../http/errors.js';
import { route } from '../http/route.js';
import { wordAt } from '../random.js';
import type { Wire } from '../wire.js';

/** 1 January 2020: before anything a sandbox is asked about. */
const OPENED = Date.UTC(2020, 0, 1) / 1000;
const address = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null };
const nothingDue = {
  alternatives: [],
  current_deadline: null,
  currently_due: [],
  disabled_reason: null,
  errors: [],
  eventually_due: [],
  past_due: [],
  pending_verification: [],
};

/** The account whose key was used: the one that the sandbox plays. */
function shown({ seed }: Account): Wire<Stripe.Account> {
  const id = `acct_${wordAt(seed, 0, 16)}`;
  return {
    id,
    object: 'account',
    business_profile: {
      annual_revenue: null,
      estimated_worker_count: null,
      mcc: null,
      minority_owned_business_designation: null,
      name: 'Sandbox',
      product_description: null,
      specified_commercial_transactions_act_url: null,
      support_address: address,
      support_email: null,
      support_phone: null,
      support_url: null,
      url: null,
    },
    business_type: 'company',
    capabilities: { card_payments: 'active', transfers: 'active' },
    charges_enabled: true,
    controller: { type: 'account' },
    country: 'US',
    created: OPENED,
    default_currency: 'usd',
    details_submitted: true,
    email: null,
    external_accounts: { object: 'list', data: [], has_more: false, url: `/v1/accounts/${id}/external_accounts` },
    future_requirements: nothingDue,
    metadata: {},
    payouts_enabled: true,
    requirements: nothingDue,
    settings: {
      bacs_debit_payments: { display_name: null, service_user_number: null },
      branding: { icon: null, logo: null, primary_color: null, secondary_color: null },
      card_issuing: { tos_acceptance: { date: null, ip: null } },
      card_payments: {
        decline_on: { avs_failure: true, cvc_failure: true },
        statement_descriptor_prefix: null,
        statement_descriptor_prefix_kana: null,
        statement_descriptor_prefix_kanji: null,
      },
      dashboard: { display_name: 'Sandbox', timezone: 'Etc/UTC' },
      invoices: { default_account_tax_ids: null, hosted_payment_method_save: null },
      payments: {
        statement_descriptor: 'SANDBOX',
        statement_descriptor_kana: null,
        statement_descriptor_kanji: null,
        statement_descriptor_prefix_kana: null,
        statement_descriptor_prefix_kanji: null,
      },
      payouts: {
        debit_negative_balances: true,
        schedule: { delay_days: 2, interval: 'daily' },
        statement_descriptor: null,
      },
      sepa_debit_payments: {},
    } as unknown as Wire<Stripe.Account.Settings>,
    tos_acceptance: { date: null, ip: null, user_agent: null },
    type: 'standard',
  };
}

export const accountRoutes = [
  route('GET', '/v1/account', {}, ({ account }) => shown(account)),
  route('GET', '/v1/accounts/:id', {}, ({ account, id }) => {
    const own = shown(account);
    if (own.id !== id) throw noSuch('account', id);
    return own;
  }),
];
