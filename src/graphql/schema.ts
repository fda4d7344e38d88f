import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync, type PubSub } from 'type-graphql';
import { AccountResolver, ViewerResolver } from '../accounts/account.resolver.js';
import { BillingDetailsResolver } from '../accounts/billing-details.resolver.js';
import { CheckoutResolver } from '../checkout/checkout.resolver.js';
import { CheckoutSessionResolver } from '../checkout/checkout-session.resolver.js';
import { PromotionCodeResolver } from '../checkout/promotion-code.resolver.js';
import { AccountTimelineResolver, TimelineEntryResolver } from '../history/timeline.resolver.js';
import { AccountInvoicesResolver } from '../invoices/account-invoices.resolver.js';
import { InvoiceResolver } from '../invoices/invoice.resolver.js';
import { PayInvoiceResolver } from '../invoices/pay-invoice.resolver.js';
import { AccountUpdatedResolver } from '../live/account-updated.resolver.js';
import { CheckoutUpdatedResolver } from '../live/checkout-updated.resolver.js';
import { GatewayInfoResolver } from '../operations/gateway-info.resolver.js';
import {
  AccountPaymentMethodsResolver,
  PaymentMethodResolver,
  SubscriptionPaymentMethodResolver,
} from '../payments/payment-method.resolver.js';
import { PaymentActionResolver, PaymentsResolver } from '../payments/payments.resolver.js';
import { AddOnFeaturesResolver, FeatureResolver, PlanFeaturesResolver } from '../plans/feature.resolver.js';
import { AddOnResolver, PlanResolver } from '../plans/plan.resolver.js';
import { PriceResolver } from '../plans/price.resolver.js';
import { PlanViewerActionResolver } from '../plans/viewer-action.resolver.js';
import { PortalResolver } from '../portal/portal.resolver.js';
import { CancellationResolver } from '../subscriptions/cancellation.resolver.js';
import { ChangePlanResolver, PreviewOutdatedError } from '../subscriptions/change-plan.resolver.js';
import { PauseResolver } from '../subscriptions/pause.resolver.js';
import { PendingChangeResolver } from '../subscriptions/pending-change.resolver.js';
import { PreviewChangeResolver } from '../subscriptions/preview-change.resolver.js';
import { SubscriptionResolver } from '../subscriptions/subscription.resolver.js';
import { authorize } from './authorize.js';
import { NodeResolver } from './node.resolver.js';
import {
  AlreadySubscribedError,
  CardDeclinedError,
  ConflictError,
  GenericUserError,
  ThrottledError,
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
      ViewerResolver,
      AccountResolver,
      BillingDetailsResolver,
      AccountInvoicesResolver,
      AccountTimelineResolver,
      AccountPaymentMethodsResolver,
      GatewayInfoResolver,
      PlanResolver,
      PlanFeaturesResolver,
      PlanViewerActionResolver,
      AddOnResolver,
      AddOnFeaturesResolver,
      PriceResolver,
      FeatureResolver,
      SubscriptionResolver,
      CancellationResolver,
      PendingChangeResolver,
      PauseResolver,
      PreviewChangeResolver,
      ChangePlanResolver,
      SubscriptionPaymentMethodResolver,
      PaymentMethodResolver,
      PaymentsResolver,
      PaymentActionResolver,
      PayInvoiceResolver,
      InvoiceResolver,
      TimelineEntryResolver,
      CheckoutResolver,
      PortalResolver,
      CheckoutSessionResolver,
      PromotionCodeResolver,
      AccountUpdatedResolver,
      CheckoutUpdatedResolver,
    ],
    orphanedTypes: [
      GenericUserError,
      ConflictError,
      AlreadySubscribedError,
      CardDeclinedError,
      ThrottledError,
      PreviewOutdatedError,
    ],
    authChecker: authorize,
    pubSub: inert,
    validate: false,
  });
}
