import { UsageCounter } from '../access/usage-counter.entity.js';
import { Account } from '../accounts/account.entity.js';
import { StripeCustomer } from '../accounts/stripe-customer.entity.js';
import { TaxId } from '../accounts/tax-id.entity.js';
import { CheckoutSession } from '../checkout/checkout-session.entity.js';
import { Invoice } from '../invoices/invoice.entity.js';
import { Job } from '../jobs/job.entity.js';
import { PaymentMethod } from '../payments/payment-method.entity.js';
import { AddOn } from '../plans/add-on.entity.js';
import { CatalogueProblem } from '../plans/catalogue-problem.entity.js';
import { Plan } from '../plans/plan.entity.js';
import { Price } from '../plans/price.entity.js';
import { Drift } from '../sync/drift.entity.js';
import { SubscriptionItem } from '../subscriptions/subscription-item.entity.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';

/** Every table that is read as objects. Inbox, outbox, subjects, intents, usage records and audit are raw SQL and have none. */
export const entities = [
  Account,
  StripeCustomer,
  Plan,
  AddOn,
  Price,
  CatalogueProblem,
  BillingSubscription,
  SubscriptionItem,
  Invoice,
  CheckoutSession,
  PaymentMethod,
  TaxId,
  Drift,
  UsageCounter,
  Job,
];
