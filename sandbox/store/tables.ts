import type Stripe from 'stripe';
import type { Wire } from '../wire.js';

/** A thing the clock must do, and when. `clock` is null on the sandbox's own clock, else a test clock. */
export interface AgendaEntry {
  id: string;
  kind: string;
  subject: string;
  /** Unix seconds. */
  at: number;
  clock: string | null;
}

export interface DeliveryRow {
  id: string;
  event: string;
  endpoint: string;
  status: 'pending' | 'delivered' | 'failed' | 'stopped';
  attempts: number;
  /** Wall milliseconds. */
  next_attempt_at: number;
  last_outcome: string | null;
  /** The invoice whose finalisation waits for this delivery. */
  holds: string | null;
}

export interface EndpointSecretRow {
  id: string;
  secrets: { secret: string; expires_at: number | null }[];
  managed: boolean;
}

export interface IdempotencyRow {
  id: string;
  fingerprint: string;
  status: number;
  body: string;
  /** Wall milliseconds. */
  stored_at: number;
}

/** What was charged in advance for a span of an item's time and not given back yet. */
export interface Debit {
  line: string;
  invoice: string | null;
  amount: number;
  start: number;
  end: number;
  /** Until here the debit still counts; earlier than `end` once its rest was credited. */
  until: number;
}

/** What billing remembers about a subscription beside the object itself. */
export interface SubscriptionMemory {
  id: string;
  debits: Record<string, Debit[]>;
  /** When each invoice that is being retried failed first. */
  failing: Record<string, number>;
  /** The first invoice of a resume that waits for its payment. */
  resuming: { invoice: string; mode: 'resume_on_payment_attempt' | 'resume_on_payment_success' } | null;
}

export interface CardRow {
  id: string;
  token: string;
  set_up_off_session: boolean;
}

export interface ForcedOutcome {
  id: string;
  outcome: string;
  times: number;
}

export interface MetaRow {
  id: string;
  value: string | number;
}

export interface Tables {
  product: Wire<Stripe.Product>;
  price: Wire<Stripe.Price>;
  customer: Wire<Stripe.Customer>;
  payment_method: Wire<Stripe.PaymentMethod>;
  'checkout.session': Wire<Stripe.Checkout.Session>;
  subscription: Wire<Stripe.Subscription>;
  invoice: Wire<Stripe.Invoice>;
  invoiceitem: Wire<Stripe.InvoiceItem>;
  invoice_payment: Wire<Stripe.InvoicePayment>;
  payment_intent: Wire<Stripe.PaymentIntent>;
  setup_intent: Wire<Stripe.SetupIntent>;
  charge: Wire<Stripe.Charge>;
  event: EventRow;
  webhook_endpoint: Wire<Stripe.WebhookEndpoint>;
  deleted: { id: string; object: string };
  agenda: AgendaEntry;
  delivery: DeliveryRow;
  endpoint_secret: EndpointSecretRow;
  idempotency: IdempotencyRow;
  subscription_memory: SubscriptionMemory;
  card: CardRow;
  forced_outcome: ForcedOutcome;
  checkout_plan: CheckoutPlan;
  price_details: PriceDetailsRow;
  parked_change: ParkedChangeRow;
  'entitlements.feature': Wire<Stripe.Entitlements.Feature>;
  'entitlements.active_entitlement': Wire<Stripe.Entitlements.ActiveEntitlement>;
  entitlement_summary: { id: string; entitlements: string[] };
  granted_features: { id: string; features: string[] };
  product_feature: { id: string; product: string; feature: string };
  'billing.meter': Wire<Stripe.Billing.Meter>;
  'billing.credit_grant': Wire<Stripe.Billing.CreditGrant>;
  'billing.credit_balance_transaction': Wire<Stripe.Billing.CreditBalanceTransaction>;
  meter_event: MeterEventRow;
  meter_event_session: MeterEventSessionRow;
  thin_event: ThinEventRow;
  'billing_portal.configuration': Wire<Stripe.BillingPortal.Configuration>;
  'billing_portal.session': Wire<Stripe.BillingPortal.Session>;
  refund: Wire<Stripe.Refund>;
  dispute: Wire<Stripe.Dispute>;
  'radar.early_fraud_warning': Wire<Stripe.Radar.EarlyFraudWarning>;
  tax_id: Wire<Stripe.TaxId>;
  customer_balance_transaction: Wire<Stripe.CustomerBalanceTransaction>;
  credit_note: Wire<Stripe.CreditNote>;
  subscription_schedule: Wire<Stripe.SubscriptionSchedule>;
  coupon_details: CouponDetailsRow;
  deleted_coupon: Wire<Stripe.Coupon>;
  discount: Wire<Stripe.Discount>;
  coupon: Wire<Stripe.Coupon>;
  promotion_code: Wire<Stripe.PromotionCode>;
  fault: FaultRow;
  delivery_behavior: DeliveryBehavior;
  checkout_wait: CheckoutWaitRow;
  credited_items: CreditedItemsRow;
  meta: MetaRow;
  'test_helpers.test_clock': Wire<Stripe.TestHelpers.TestClock>;
  clock_time: ClockTimeRow;
}

/** The parts of a price that are only shown when asked for. */
export interface PriceDetailsRow {
  id: string;
  tiers?: Wire<Stripe.Price.Tier>[];
  currency_options?: Record<string, Wire<Stripe.Price.CurrencyOptions>>;
}

export const faultKinds = [
  'rate_limit',
  'rate_limit_should_retry',
  'lock_timeout',
  'error_before',
  'error_after',
  'reset_before',
  'reset_after',
  'slow',
  'truncated',
  'invalid_json',
  'no_error_key',
] as const;

/** Something that goes wrong on purpose. */
export interface FaultRow {
  id: string;
  kind: (typeof faultKinds)[number];
  /** A path such as `/v1/customers`, with `*` for any characters. */
  path: string;
  method: string | null;
  /** How often it still happens; null without end. */
  times: number | null;
  /** By the seed, how likely it is for each request that fits. */
  probability: number;
  delay_ms: number;
}

/** How webhooks are made to misbehave; likelihoods are drawn by the seed. */
export interface DeliveryBehavior {
  id: 'delivery';
  duplicate: number;
  drop: number;
  delay: number;
  delay_ms: number;
  reorder: number;
  reorder_ms: number;
  /** Collect deliveries and send them together at the next multiple of so many milliseconds; 0 sends at once. */
  burst_ms: number;
  /** Nothing is sent while true. */
  hold: boolean;
  /** Ids or addresses of endpoints that seem to be down. */
  dead: string[];
}

/** A change (of the subscription with this id) that waits until its invoice is paid. */
export interface ParkedChangeRow {
  id: string;
  invoice: string;
  patch: Partial<Wire<Stripe.Subscription>>;
  debits: Record<string, Debit[]>;
}

/** The parts of a coupon that are only shown when asked for. */
export interface CouponDetailsRow {
  id: string;
  products: string[] | null;
  currency_options: Record<string, { amount_off: number }>;
}

/** One reported use; `customer` is the event's name and the customer, so that a meter finds its own. */
export interface MeterEventRow {
  id: string;
  event_name: string;
  customer: string;
  value: number;
  timestamp: number;
  created: number;
  canceled: boolean;
}

/** A token (the id) for the meter event stream. */
export interface MeterEventSessionRow {
  id: string;
  /** Wall milliseconds. */
  expires_at: number;
}

/** An event that only v2 tells. */
export interface ThinEventRow {
  id: string;
  created: number;
  type: string;
  related_object: { id: string; type: string; url: string } | null;
  data: Record<string, unknown>;
}

/** A checkout whose payment (the id) waits for its holder's authentication. */
export interface CheckoutWaitRow {
  id: string;
  session: string;
  /** What the session will show once it is complete. */
  made: Record<string, string | null>;
}

/** Which lines a pending credit gives back. */
export interface CreditedItemsRow {
  id: string;
  proration_details: { credited_items: { invoice: string; invoice_line_items: string[] } | null };
}

/** How far a test clock's own steps have come. */
export interface ClockTimeRow {
  id: string;
  now: number;
}

export interface EventRow {
  id: string;
  object: 'event';
  api_version: string;
  created: number;
  data: { object: unknown; previous_attributes?: Record<string, unknown> };
  livemode: false;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
}

/** What a checkout session will create when it is paid. */
export interface CheckoutPlan {
  id: string;
  line_items: { id: string; price: string; quantity: number }[];
  subscription_data: Record<string, unknown>;
  payment_intent_data: {
    description?: string;
    metadata?: Record<string, string> | null;
    setup_future_usage?: 'off_session' | 'on_session';
  };
  setup_intent_data: { description?: string; metadata?: Record<string, string> | null };
  discounts: { coupon?: string; promotion_code?: string }[];
  shown_items: Wire<Stripe.LineItem>[];
  /** What a checkout may change on a customer it was given. */
  customer_update?: { address?: 'auto' | 'never'; name?: 'auto' | 'never' };
  /** What was written into the checkout when it was completed. */
  entered?: { name?: string; country?: string; tax_id?: { type: string; value: string } };
}

export type TableName = keyof Tables;

/** Ways to find rows other than by id. */
export const indexes: { [T in TableName]?: Record<string, (row: Tables[T]) => string | null | undefined> } = {
  price: { product: (row) => row.product, lookup_key: (row) => row.lookup_key },
  payment_method: { customer: (row) => row.customer },
  'checkout.session': { customer: (row) => row.customer, subscription: (row) => row.subscription },
  subscription: { customer: (row) => row.customer },
  invoice: { customer: (row) => row.customer, subscription: (row) => row.parent?.subscription_details?.subscription },
  invoiceitem: { customer: (row) => row.customer, open: (row) => (row.invoice === null ? row.customer : null) },
  invoice_payment: { invoice: (row) => row.invoice, payment_intent: (row) => row.payment.payment_intent },
  payment_intent: { customer: (row) => row.customer },
  setup_intent: { customer: (row) => row.customer },
  charge: { payment_intent: (row) => row.payment_intent, customer: (row) => row.customer },
  product_feature: { product: (row) => row.product },
  'billing.credit_grant': { customer: (row) => row.customer },
  'billing.credit_balance_transaction': { credit_grant: (row) => row.credit_grant },
  meter_event: { customer: (row) => row.customer },
  refund: { charge: (row) => row.charge },
  dispute: { charge: (row) => row.charge },
  tax_id: { customer: (row) => row.customer },
  customer_balance_transaction: { customer: (row) => row.customer },
  credit_note: { invoice: (row) => row.invoice },
  promotion_code: { code: (row) => row.code.toLowerCase() },
  delivery: {
    event: (row) => row.event,
    pending: (row) => (row.status === 'pending' ? 'yes' : null),
    holds: (row) => (row.status === 'pending' ? row.holds : null),
  },
};
