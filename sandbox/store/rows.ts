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

/** The lines of a preview that brings only the first of them. */
export interface InvoicePreviewRow {
  id: string;
  lines: Wire<Stripe.InvoiceLineItem>[];
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
  resuming: {
    invoice: string;
    mode: 'resume_on_payment_attempt' | 'resume_on_payment_success';
    keepsAnchor?: boolean;
  } | null;
  /** By metered item, until when its use was billed or given up before its period was over. */
  usage_until?: Record<string, number>;
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

/** The parts of a price that are only shown when asked for. */
export interface PriceDetailsRow {
  id: string;
  tiers?: Wire<Stripe.Price.Tier>[];
  currency_options?: Record<string, Wire<Stripe.Price.CurrencyOptions>>;
  /** Made for one use, as part of another call: no list shows it. */
  inline?: boolean;
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

/** Use that a change bills early, because the metered item goes or changes its price. */
export interface ClosedUsage {
  /** `usage_until` as it was before. */
  until: Record<string, number>;
  /** By item, whether its use is billed or forgotten. */
  bills: Record<string, boolean>;
}

/** A change (of the subscription with this id) that waits until its invoice is paid. */
export interface ParkedChangeRow {
  id: string;
  invoice: string;
  patch: Partial<Wire<Stripe.Subscription>>;
  debits: Record<string, Debit[]>;
  usage?: ClosedUsage;
}

/** The parts of a coupon that are only shown when asked for. */
export interface CouponDetailsRow {
  id: string;
  products: string[] | null;
  currency_options: Record<string, { amount_off: number }>;
}

/** What a portal configuration sells, only shown when asked for. */
export interface PortalProductsRow {
  id: string;
  products: Wire<Stripe.BillingPortal.Configuration.Features.SubscriptionUpdate.Product>[] | null;
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
  line_items: {
    id: string;
    price: string;
    quantity: number;
    tax_rates: string[];
    adjustable_quantity?: { enabled: boolean; minimum: number; maximum: number };
  }[];
  subscription_data: Record<string, unknown>;
  payment_intent_data: Partial<Wire<Stripe.PaymentIntent>>;
  /** What the invoice of a single payment says, where there is to be one. */
  invoice_data: { description?: string; footer?: string; metadata?: Record<string, string> } | null;
  /** A trial goes before what recurs. */
  trial: boolean;
  setup_intent_data: { description?: string; metadata?: Record<string, string> | null };
  discounts: { coupon?: string; promotion_code?: string }[];
  shown_items: Wire<Stripe.LineItem>[];
  /** What a checkout may change on a customer it was given. */
  customer_update?: { address?: 'auto' | 'never'; name?: 'auto' | 'never' };
  /** What was written into the checkout when it was completed. */
  entered?: { name?: string; country?: string; phone?: string; tax_id?: { type: string; value: string } };
}
