import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync, type PubSub } from 'type-graphql';
import { EntitlementResolver } from '../access/entitlement.resolver.js';
import { RecordUsageResolver } from '../access/record-usage.resolver.js';
import { AccountLifeResolver } from '../accounts/account-life.resolver.js';
import { AccountResolver, ViewerResolver } from '../accounts/account.resolver.js';
import { LinkCustomerResolver } from '../accounts/link-customer.resolver.js';
import { GrantCreditResolver } from '../accounts/grant-credit.resolver.js';
import { BillingDetailsResolver } from '../accounts/billing-details.resolver.js';
import { CheckoutResolver } from '../checkout/checkout.resolver.js';
import { CheckoutSessionResolver } from '../checkout/checkout-session.resolver.js';
import { PromotionCodeResolver } from '../checkout/promotion-code.resolver.js';
import { AccountTimelineResolver, TimelineEntryResolver } from '../history/timeline.resolver.js';
import { AccountMoneyResolver } from '../accounts/account-money.resolver.js';
import { AccountInvoicesResolver } from '../invoices/account-invoices.resolver.js';
import { CloseInvoiceResolver } from '../invoices/close-invoice.resolver.js';
import { UpcomingInvoiceResolver } from '../invoices/upcoming-invoice.resolver.js';
import { InvoiceLineResolver, InvoiceResolver } from '../invoices/invoice.resolver.js';
import { PayInvoiceResolver } from '../invoices/pay-invoice.resolver.js';
import { JobResolver } from '../jobs/job.resolver.js';
import { StartJobResolver } from '../jobs/start-job.resolver.js';
import { AccountUpdatedResolver } from '../live/account-updated.resolver.js';
import { CheckoutUpdatedResolver } from '../live/checkout-updated.resolver.js';
import { EntitlementUpdatedResolver } from '../live/entitlement-updated.resolver.js';
import { JobUpdatedResolver } from '../live/job-updated.resolver.js';
import { WebhookUpdatedResolver } from '../live/webhook-updated.resolver.js';
import { GatewayInfoResolver } from '../operations/gateway-info.resolver.js';
import {
  AccountPaymentMethodsResolver,
  PaymentMethodResolver,
  SubscriptionPaymentMethodResolver,
} from '../payments/payment-method.resolver.js';
import { InvoicePaymentResolver, SubscriptionPaymentResolver } from '../payments/invoice-payment.resolver.js';
import { PaymentActionResolver, PaymentsResolver } from '../payments/payments.resolver.js';
import { AddOnFeaturesResolver, FeatureResolver, PlanFeaturesResolver } from '../plans/feature.resolver.js';
import { AdminResolver } from '../operations/admin.resolver.js';
import { AdminInboxResolver } from '../operations/admin-inbox.resolver.js';
import { AddOnResolver, PlanResolver } from '../plans/plan.resolver.js';
import { PriceResolver } from '../plans/price.resolver.js';
import { PlanViewerActionResolver } from '../plans/viewer-action.resolver.js';
import { PortalResolver } from '../portal/portal.resolver.js';
import { AccountSubscriptionsResolver } from '../subscriptions/account-subscriptions.resolver.js';
import { CancellationResolver } from '../subscriptions/cancellation.resolver.js';
import { ChangePlanResolver, PreviewOutdatedError } from '../subscriptions/change-plan.resolver.js';
import { PauseResolver } from '../subscriptions/pause.resolver.js';
import { PendingChangeResolver } from '../subscriptions/pending-change.resolver.js';
import { PreviewChangeResolver } from '../subscriptions/preview-change.resolver.js';
import { SubscriptionItemResolver } from '../subscriptions/subscription-item.resolver.js';
import { SubscriptionResolver } from '../subscriptions/subscription.resolver.js';
import { authorize } from './authorize.js';
import { NodeResolver } from './node.resolver.js';
import {
  AlreadySubscribedError,
  CardDeclinedError,
  ConflictError,
  GenericUserError,
  ThrottledError,
  UsageOverLimitError,
} from './user-errors.js';

/** type-graphql asks for one even when every stream is its own; nothing ever goes through it. */
const inert: PubSub = {
  publish: () => {},
  subscribe: () => ({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true as const, value: undefined }) }),
  }),
};

/** The whole API. One visible list: what is not here does not exist. */
export function createSchema(): GraphQLSchema {
  return buildSchemaSync({
    resolvers: [
      NodeResolver,
      AdminResolver,
      AdminInboxResolver,
      JobResolver,
      StartJobResolver,
      ViewerResolver,
      AccountResolver,
      AccountLifeResolver,
      AccountMoneyResolver,
      GrantCreditResolver,
      LinkCustomerResolver,
      EntitlementResolver,
      RecordUsageResolver,
      BillingDetailsResolver,
      AccountInvoicesResolver,
      UpcomingInvoiceResolver,
      AccountTimelineResolver,
      AccountPaymentMethodsResolver,
      AccountSubscriptionsResolver,
      GatewayInfoResolver,
      PlanResolver,
      PlanFeaturesResolver,
      PlanViewerActionResolver,
      AddOnResolver,
      AddOnFeaturesResolver,
      PriceResolver,
      FeatureResolver,
      SubscriptionResolver,
      SubscriptionItemResolver,
      CancellationResolver,
      PendingChangeResolver,
      PauseResolver,
      PreviewChangeResolver,
      ChangePlanResolver,
      SubscriptionPaymentMethodResolver,
      PaymentMethodResolver,
      PaymentsResolver,
      PaymentActionResolver,
      InvoicePaymentResolver,
      SubscriptionPaymentResolver,
      PayInvoiceResolver,
      CloseInvoiceResolver,
      InvoiceResolver,
      InvoiceLineResolver,
      TimelineEntryResolver,
      CheckoutResolver,
      PortalResolver,
      CheckoutSessionResolver,
      PromotionCodeResolver,
      AccountUpdatedResolver,
      CheckoutUpdatedResolver,
      EntitlementUpdatedResolver,
      WebhookUpdatedResolver,
      JobUpdatedResolver,
    ],
    orphanedTypes: [
      GenericUserError,
      ConflictError,
      AlreadySubscribedError,
      CardDeclinedError,
      ThrottledError,
      UsageOverLimitError,
      PreviewOutdatedError,
    ],
    authChecker: authorize,
    pubSub: inert,
    validate: false,
  });
}
