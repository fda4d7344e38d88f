import type { Route } from './http/route.js';
import { chargeRoutes } from './resources/charges.js';
import { checkoutSessionRoutes } from './resources/checkout-sessions.js';
import { couponRoutes } from './resources/coupons.js';
import { invoiceItemRoutes } from './resources/invoice-items.js';
import { invoicePreviewRoutes } from './resources/invoice-previews.js';
import { promotionCodeRoutes } from './resources/promotion-codes.js';
import { subscriptionItemRoutes } from './resources/subscription-items.js';
import { subscriptionScheduleRoutes } from './resources/subscription-schedules.js';
import { setupIntentRoutes } from './resources/setup-intents.js';
import { testClockRoutes } from './resources/test-clocks.js';
import { creditNoteRoutes } from './resources/credit-notes.js';
import { customerBalanceTransactionRoutes } from './resources/customer-balance-transactions.js';
import { creditGrantRoutes } from './resources/credit-grants.js';
import { disputeRoutes, earlyFraudWarningRoutes } from './resources/disputes.js';
import { refundRoutes } from './resources/refunds.js';
import { taxIdRoutes } from './resources/tax-ids.js';
import { taxRateRoutes } from './resources/tax-rates.js';
import { entitlementRoutes } from './resources/entitlements.js';
import { meterRoutes } from './resources/meters.js';
import { portalConfigurationRoutes } from './resources/portal-configurations.js';
import { portalSessionRoutes } from './resources/portal-sessions.js';
import { manualInvoiceRoutes } from './resources/manual-invoices.js';
import { accountRoutes } from './resources/accounts.js';
import { customerSessionRoutes } from './resources/customer-sessions.js';
import { customerRoutes } from './resources/customers.js';
import { eventRoutes } from './resources/events.js';
import { invoicePaymentRoutes } from './resources/invoice-payments.js';
import { invoiceLineRoutes } from './resources/invoice-lines.js';
import { invoiceRoutes } from './resources/invoices.js';
import { paymentIntentRoutes } from './resources/payment-intents.js';
import { paymentMethodRoutes } from './resources/payment-methods.js';
import { planRoutes } from './resources/plans.js';
import { priceRoutes } from './resources/prices.js';
import { productRoutes } from './resources/products.js';
import { subscriptionRoutes } from './resources/subscriptions.js';
import { webhookEndpointRoutes } from './resources/webhook-endpoints.js';
import { v2EventDestinationRoutes } from './v2/event-destinations.js';
import { v2EventRoutes } from './v2/events.js';
import { v2MeterEventSessionRoutes } from './v2/meter-event-sessions.js';
import { v2MeterEventRoutes } from './v2/meter-events.js';

/** Everything of Stripe's API that the sandbox plays. */
export const routes: Route[] = [
  ...productRoutes,
  ...priceRoutes,
  ...planRoutes,
  ...accountRoutes,
  ...customerRoutes,
  ...customerSessionRoutes,
  ...paymentMethodRoutes,
  ...paymentIntentRoutes,
  ...setupIntentRoutes,
  ...chargeRoutes,
  ...entitlementRoutes,
  ...meterRoutes,
  ...creditGrantRoutes,
  ...portalConfigurationRoutes,
  ...portalSessionRoutes,
  ...refundRoutes,
  ...disputeRoutes,
  ...earlyFraudWarningRoutes,
  ...taxIdRoutes,
  ...taxRateRoutes,
  ...customerBalanceTransactionRoutes,
  ...creditNoteRoutes,
  ...testClockRoutes,
  ...checkoutSessionRoutes,
  ...subscriptionRoutes,
  ...subscriptionItemRoutes,
  ...subscriptionScheduleRoutes,
  ...invoiceItemRoutes,
  ...invoicePreviewRoutes,
  ...couponRoutes,
  ...promotionCodeRoutes,
  ...invoiceRoutes,
  ...invoiceLineRoutes,
  ...manualInvoiceRoutes,
  ...invoicePaymentRoutes,
  ...eventRoutes,
  ...webhookEndpointRoutes,
  ...v2MeterEventRoutes,
  ...v2MeterEventSessionRoutes,
  ...v2EventDestinationRoutes,
  ...v2EventRoutes,
];
