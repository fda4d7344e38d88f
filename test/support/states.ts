import { CheckoutStatus, CheckoutUi } from '../../src/checkout/checkout-session.js';
import type { SeenCheckoutSession } from '../../src/checkout/checkout-session.fetch.js';
import { InvoiceReason, InvoiceStatus, type InvoiceState } from '../../src/invoices/invoice.js';
import { CollectionMethod, SubscriptionStatus, type SubscriptionState } from '../../src/subscriptions/subscription.js';
import { NEVER_PAID, NEVER_TRIED } from '../../src/payments/invoice-payment.js';
import { NO_TRIES } from '../../src/sync/tries.js';
import type { PendingEvent } from '../../src/sync/queue.js';
import type { StripeEvent } from '../../src/webhooks/stripe-event.js';

export const NOW = Date.parse('2027-01-15T12:00:00.000Z');
export const DAY = 86_400_000;

/** An active subscription to the plan `team`; a test names only what matters to it. */
export const aSubscription = (differs: Partial<SubscriptionState> = {}): SubscriptionState => ({
  id: 'sub_1',
  customerId: 'cus_1',
  accountId: 'acc_1',
  status: SubscriptionStatus.ACTIVE,
  statusRaw: 'active',
  priceId: 'price_team',
  planKey: 'team',
  unmapped: false,
  seats: 1,
  currency: 'USD',
  currentPeriodStart: NOW - 10 * DAY,
  currentPeriodEnd: NOW + 20 * DAY,
  startedAt: NOW - 10 * DAY,
  endedAt: null,
  trialStart: null,
  trialEnd: null,
  cancelAt: null,
  cancelAtPeriodEnd: false,
  canceledAt: null,
  cancellationReason: null,
  cancellationFeedback: null,
  cancellationComment: null,
  latestInvoiceId: 'in_1',
  unpaidChangeId: null,
  defaultPaymentMethodId: null,
  collection: CollectionMethod.AUTOMATIC,
  billingMode: 'flexible',
  schedule: null,
  pendingChange: null,
  pause: null,
  discounts: null,
  trialEndBehavior: null,
  ...NEVER_PAID,
  createdAt: NOW - 10 * DAY,
  ...differs,
});

/** An open renewal, issued yesterday. */
export const anInvoice = (differs: Partial<InvoiceState> = {}): InvoiceState => ({
  id: 'in_1',
  customerId: 'cus_1',
  accountId: 'acc_1',
  subscriptionId: 'sub_1',
  number: 'A-0001',
  status: InvoiceStatus.OPEN,
  statusRaw: 'open',
  reason: InvoiceReason.SUBSCRIPTION_RENEWAL,
  currency: 'USD',
  subtotal: 2000,
  discount: 0,
  tax: null,
  total: 2000,
  amountPaid: 0,
  amountDue: 2000,
  createdAt: NOW - DAY - 3_600_000,
  dueAt: null,
  finalizedAt: NOW - DAY,
  paidAt: null,
  attemptCount: 1,
  nextAttemptAt: NOW + DAY,
  periodStart: NOW - 10 * DAY,
  periodEnd: NOW + 20 * DAY,
  hostedUrl: null,
  pdfUrl: null,
  lines: [],
  ...NEVER_TRIED,
  ...differs,
});

export const aSession = (differs: Partial<SeenCheckoutSession> = {}): SeenCheckoutSession => ({
  id: 'cs_1',
  customerId: 'cus_1',
  status: CheckoutStatus.OPEN,
  statusRaw: 'open',
  mode: 'subscription',
  ui: CheckoutUi.HOSTED,
  url: 'https://checkout.example/cs_1',
  priceId: 'price_team',
  seats: 1,
  subscriptionId: null,
  createdAt: NOW,
  expiresAt: NOW + DAY,
  claimedAccountId: 'acc_1',
  ...differs,
});

export const anEvent = (differs: Partial<StripeEvent> = {}): StripeEvent => ({
  id: 'evt_1',
  type: 'customer.subscription.updated',
  created: NOW / 1000,
  apiVersion: null,
  livemode: false,
  account: null,
  requestKey: null,
  object: { object: 'subscription', id: 'sub_1', customer: 'cus_1' },
  previousAttributes: null,
  ...differs,
});

export const pending = (event: StripeEvent | null, differs: Partial<PendingEvent> = {}): PendingEvent => ({
  id: event?.id ?? 'evt_unreadable',
  type: event?.type ?? 'customer.updated',
  attempts: 0,
  tries: NO_TRIES,
  receivedAt: NOW,
  again: false,
  event,
  ...differs,
});
