import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';

/** A schedule without phases, before it starts. */
export function emptySchedule(account: Account, customer: string): Tables['subscription_schedule'] {
  return {
    id: account.newId('sub_sched'),
    object: 'subscription_schedule',
    application: null,
    billing_mode: {
      type: 'flexible',
      flexible: { proration_discounts: 'included' },
      updated_at: account.now(customer),
    },
    canceled_at: null,
    completed_at: null,
    created: account.now(customer),
    current_phase: null,
    customer,
    customer_account: null,
    default_settings: {
      application_fee_percent: null,
      automatic_tax: { disabled_reason: null, enabled: false, liability: null },
      billing_cycle_anchor: 'automatic',
      billing_thresholds: null,
      collection_method: 'charge_automatically',
      default_payment_method: null,
      description: null,
      invoice_settings: {
        account_tax_ids: null,
        custom_fields: null,
        days_until_due: null,
        description: null,
        footer: null,
        issuer: { type: 'self' },
      },
      on_behalf_of: null,
      transfer_data: null,
    },
    end_behavior: 'release',
    livemode: false,
    metadata: {},
    pause_schedules: [],
    phases: [],
    released_at: null,
    released_subscription: null,
    status: 'not_started',
    subscription: null,
    test_clock: account.testClockOf(customer),
  };
}
