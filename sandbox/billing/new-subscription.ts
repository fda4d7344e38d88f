import type { Account } from '../account.js';
import { parameterInvalid } from '../http/errors.js';
import { findNamed } from '../resources/find.js';
import type { Tables } from '../store/tables.js';
import { anchorFrom, firstPeriodEnd, type AnchorConfig } from './anchor.js';
import { redeemDiscounts, type DiscountParam } from './discount-life.js';
import type { OneTimeItem } from './invoice-items.js';
import type { Subscription } from './lines.js';
import { createItem, type NewItem } from './subscription-items.js';

export interface NewSubscription {
  customer: string;
  items: (NewItem & { discountParams?: DiscountParam[] })[];
  add_invoice_items?: OneTimeItem[];
  automatic_tax?: { enabled: boolean };
  /** The subscription began back then; the time until now is charged with the first invoice. */
  backdate_start_date?: number;
  billing_cycle_anchor?: number;
  billing_cycle_anchor_config?: AnchorConfig;
  billing_mode?: { type: 'classic' | 'flexible'; flexible?: { proration_discounts?: 'included' | 'itemized' } };
  cancel_at?: number | 'min_period_end' | 'max_period_end' | 'max_billed_until' | null;
  cancel_at_period_end?: boolean;
  collection_method?: 'charge_automatically' | 'send_invoice';
  currency?: string;
  days_until_due?: number;
  default_payment_method?: string | null;
  default_tax_rates?: Tables['tax_rate'][];
  description?: string | null;
  discounts?: string[];
  discountParams?: DiscountParam[];
  metadata?: Record<string, string>;
  off_session?: boolean;
  payment_behavior?: 'allow_incomplete' | 'default_incomplete' | 'error_if_incomplete' | 'pending_if_incomplete';
  payment_settings?: Partial<NonNullable<Subscription['payment_settings']>>;
  proration_behavior?: 'always_invoice' | 'create_prorations' | 'none';
  trial_end?: number | 'now';
  trial_from_plan?: boolean;
  trial_period_days?: number;
  trial_settings?: { end_behavior: { missing_payment_method: string; billing_cycle_anchor?: string | null } };
}

/** The subscription before its first invoice. */
export function newSubscription(account: Account, customer: Tables['customer'], given: NewSubscription): Subscription {
  const id = account.newId('sub');
  const now = account.now(customer.id);
  if (given.items.length === 0)
    throw parameterInvalid('items', 'A subscription needs at least one item.', 'parameter_missing');
  if (given.backdate_start_date !== undefined && given.backdate_start_date > now)
    throw parameterInvalid('backdate_start_date', 'Invalid timestamp: backdate_start_date must lie in the past.');
  const trialEnd = trialEndOf(account, given, now);
  const prices = given.items.map((item, place) => findNamed(account, 'price', item.price, `items[${place}][price]`));
  const first = prices[0] as Tables['price'];
  const currency = given.currency ?? first.currency;
  const anchor = anchorFrom(given, trialEnd, now, first);
  const classic = given.billing_mode?.type === 'classic';
  const items = given.items.map((item, place) => {
    const price = prices[place] as Tables['price'];
    const start = { start: now, end: trialEnd ?? firstPeriodEnd(anchor, price, now) };
    const discounts = redeemDiscounts(account, item.discountParams ?? [], { customer: customer.id, subscription: id });
    return createItem(account, {
      subscription: id,
      item: { ...item, discounts },
      period: start,
      currency,
      customer: customer.id,
    });
  });
  checkIntervals(items, classic);
  const method = given.default_payment_method
    ? findNamed(account, 'payment_method', given.default_payment_method, 'default_payment_method')
    : null;
  if (method && method.customer !== customer.id)
    throw parameterInvalid(
      'default_payment_method',
      `The customer does not have a payment method with the ID ${method.id}. The payment method must be attached to the customer.`,
      'resource_missing',
    );
  const status = trialEnd !== null ? 'trialing' : given.collection_method === 'send_invoice' ? 'active' : 'incomplete';
  const cancelAt = cancelAtOf(given, items);
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: {
      disabled_reason: null,
      enabled: given.automatic_tax?.enabled ?? false,
      liability: given.automatic_tax?.enabled ? { type: 'self' } : null,
    },
    billing_cycle_anchor: anchor,
    billing_cycle_anchor_config: fullAnchorConfig(given.billing_cycle_anchor_config),
    billing_mode: classic
      ? { type: 'classic', flexible: null }
      : {
          type: 'flexible',
          flexible: { proration_discounts: given.billing_mode?.flexible?.proration_discounts ?? 'included' },
          updated_at: now,
        },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: cancelAt,
    cancel_at_period_end: given.cancel_at_period_end ?? false,
    canceled_at: cancelAt === null ? null : now,
    cancellation_details: {
      comment: null,
      feedback: null,
      feedback_option: null,
      reason: cancelAt === null ? null : 'cancellation_requested',
    },
    collection_method: given.collection_method ?? 'charge_automatically',
    created: now,
    currency,
    customer: customer.id,
    customer_account: null,
    days_until_due: given.days_until_due ?? null,
    default_payment_method: method?.id ?? null,
    default_source: null,
    default_tax_rates: given.default_tax_rates ?? [],
    description: given.description ?? null,
    discounts: [
      ...(given.discounts ?? []),
      ...redeemDiscounts(account, given.discountParams ?? [], { customer: customer.id, subscription: id }),
    ],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: { object: 'list', url: `/v1/subscription_items?subscription=${id}`, has_more: false, data: items },
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    metadata: given.metadata ?? {},
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: 'off',
      ...given.payment_settings,
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: given.backdate_start_date ?? now,
    status,
    test_clock: customer.test_clock ?? null,
    transfer_data: null,
    trial_end: trialEnd,
    trial_settings: {
      end_behavior: {
        billing_cycle_anchor: (given.trial_settings?.end_behavior.billing_cycle_anchor ?? 'now') as 'now',
        missing_payment_method: (given.trial_settings?.end_behavior.missing_payment_method ??
          account.settings.missingPaymentMethod) as 'cancel',
      },
    },
    trial_start: trialEnd === null ? null : now,
  };
}

function cancelAtOf(
  { cancel_at, cancel_at_period_end }: NewSubscription,
  items: Subscription['items']['data'],
): number | null {
  const ends = items.map((item) => item.current_period_end);
  if (typeof cancel_at === 'number') return cancel_at;
  if (cancel_at_period_end || cancel_at === 'min_period_end') return Math.min(...ends);
  return cancel_at ? Math.max(...ends) : null;
}

function trialEndOf(account: Account, given: NewSubscription, now: number): number | null {
  if (given.trial_end !== undefined && given.trial_period_days !== undefined) {
    throw parameterInvalid('trial_end', 'You may only specify one of these parameters: trial_end, trial_period_days.');
  }
  const planned = given.trial_from_plan
    ? account.store.get('price', given.items[0]?.price ?? '')?.recurring?.trial_period_days
    : null;
  if (planned && given.trial_end === undefined) return now + planned * 86_400;
  if (given.trial_period_days) return now + given.trial_period_days * 86_400;
  if (given.trial_end === undefined || given.trial_end === 'now') return null;
  if (given.trial_end <= now)
    throw parameterInvalid(
      'trial_end',
      'Invalid timestamp: trial_end must be an integer Unix timestamp in the future.',
    );
  checkTrialLength(given.trial_end, now);
  return given.trial_end;
}

export function checkTrialLength(end: number, now: number): void {
  if (end > now + 2 * 366 * 86_400)
    throw parameterInvalid('trial_end', 'Invalid timestamp: trial_end must be at most two years in the future.');
}

function fullAnchorConfig(config: AnchorConfig | undefined): Subscription['billing_cycle_anchor_config'] {
  return config
    ? {
        day_of_month: config.day_of_month,
        month: config.month ?? null,
        hour: config.hour ?? null,
        minute: config.minute ?? null,
        second: config.second ?? null,
      }
    : null;
}

/** Classic subscriptions bill all their items together; flexible ones take intervals that are multiples of the shortest. */
function checkIntervals(items: Subscription['items']['data'], classic: boolean): void {
  const intervals = new Set(
    items.map(({ price }) => `${price.recurring?.interval} ${price.recurring?.interval_count}`),
  );
  if (classic && intervals.size > 1) {
    throw parameterInvalid(
      'items',
      'Currently, all subscription items must have the same billing interval when billing_mode is classic. Use billing_mode[type]=flexible to mix intervals.',
    );
  }
}
