import type { AccessDecision, AccessPolicy } from '../access/access.js';
import type { AccountState } from '../accounts/account.js';
import type { TaxIdState } from '../accounts/tax-id.js';
import type { CheckoutSessionState } from '../checkout/checkout-session.js';
import type { Change } from '../history/change.js';
import type { InvoiceState } from '../invoices/invoice.js';
import type { PaymentMethodState } from '../payments/payment-method.js';
import type { SubscriptionItemState, SubscriptionState } from '../subscriptions/subscription.js';
import type { StripeEvent } from '../webhooks/stripe-event.js';
import type { PendingEvent } from './queue.js';
import type { Failure, Seen } from './seen.js';
import type { Verdict } from './verdict.js';

export interface StoredCustomer {
  id: string;
  accountId: string | null;
  liveFor: string | null;
  deletedAt: number | null;
}

export type StoredAccount = AccountState & { announcedAccess: AccessDecision | null };

/** Everything the decision needs, read inside the transaction that will write it. */
export interface Stored {
  customer: StoredCustomer | null;
  /** The accounts that what was seen claims, and the one that owns the customer already. */
  accounts: readonly StoredAccount[];
  /** Accounts of those whose one live customer is another than this. */
  taken: ReadonlySet<string>;
  /** Of this customer, and of every other customer of the account. */
  subscriptions: readonly SubscriptionState[];
  /** By subscription; of those that were seen. */
  items: ReadonlyMap<string, readonly SubscriptionItemState[]>;
  invoices: ReadonlyMap<string, InvoiceState>;
  sessions: readonly CheckoutSessionState[];
  /** Of this customer. */
  paymentMethods: readonly PaymentMethodState[];
  /** Of this customer. */
  taxIds: readonly TaxIdState[];
  /** Plan of each known price that was seen on an item, or that an invoice prorates. */
  planOfPrice: ReadonlyMap<string, string>;
  rankOfPlan: ReadonlyMap<string, number>;
}

export interface DecideInput {
  customerId: string;
  stored: Stored;
  seen: Seen;
  events: readonly PendingEvent[];
  policy: AccessPolicy;
  /** Billing time. */
  now: number;
  /** Finished events that may explain what listed ones deny. */
  finished?: readonly StripeEvent[];
  jitter: number;
}

/** What the transaction writes. Nothing else is written. */
export interface Decision {
  customer: StoredCustomer;
  /** Null while nobody owns the customer. */
  account: StoredAccount | null;
  subscriptions: SubscriptionState[];
  /** The items of every subscription that was seen and is believed; others stay. */
  items: Map<string, SubscriptionItemState[]>;
  invoices: InvoiceState[];
  removedInvoices: string[];
  sessions: CheckoutSessionState[];
  paymentMethods: PaymentMethodState[];
  removedPaymentMethods: string[];
  taxIds: TaxIdState[];
  removedTaxIds: string[];
  /** Looked at and found as stored. */
  confirmed: string[];
  /** Empty when a person of the account would see no difference. */
  changes: Change[];
  verdicts: Verdict[];
  wakeAt: number | null;
  /** Products of prices that the catalogue does not know. */
  unknownPrices: string[];
  /** Live subscriptions whose price no catalogue knows, and the plan that they are kept on: what an operator must hear. */
  unknownOf: { subscription: string; price: string; plan: string | null; claimed: boolean }[];
  /** Live subscriptions beside the main one, when one has just become live: an alert. */
  secondSubscriptions: string[];
  /** A second live customer of an account, which is an alert. */
  secondCustomerOf: string | null;
  /** By object id: what could not be seen or decided. Such an object stays as it is stored. */
  failures: ReadonlyMap<string, Failure>;
}

/** Objects that stay as they are stored: Stripe's answer takes back what is final, or could not be decided. */
export interface Trouble {
  resurrected: Set<string>;
  failures: Map<string, Failure>;
}
