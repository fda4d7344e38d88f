import type Stripe from 'stripe';
import type { Wire } from '../wire.js';
import type {
  AgendaEntry,
  CardRow,
  CheckoutPlan,
  CheckoutWaitRow,
  ClockTimeRow,
  CouponDetailsRow,
  CreditedItemsRow,
  DeliveryBehavior,
  DeliveryRow,
  EndpointSecretRow,
  EventRow,
  FaultRow,
  ForcedOutcome,
  IdempotencyRow,
  InvoicePreviewRow,
  MetaRow,
  MeterEventRow,
  MeterEventSessionRow,
  ParkedChangeRow,
  PortalProductsRow,
  PriceDetailsRow,
  SubscriptionMemory,
  ThinEventRow,
} from './rows.js';

export * from './rows.js';

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
  invoice_preview: InvoicePreviewRow;
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
  'v2.core.event_destination': Wire<Stripe.V2.Core.EventDestination>;
  'billing_portal.configuration': Wire<Stripe.BillingPortal.Configuration>;
  portal_products: PortalProductsRow;
  'billing_portal.session': Wire<Stripe.BillingPortal.Session>;
  refund: Wire<Stripe.Refund>;
  dispute: Wire<Stripe.Dispute>;
  'radar.early_fraud_warning': Wire<Stripe.Radar.EarlyFraudWarning>;
  tax_id: Wire<Stripe.TaxId>;
  tax_rate: Wire<Stripe.TaxRate>;
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
  customer_ip: { id: string; ip_address: string | null };
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
