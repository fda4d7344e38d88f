import { FREE_ACCESS } from '../../src/access/access.js';
import type { CustomerState } from '../../src/accounts/account.js';
import type { SeenCheckoutSession } from '../../src/checkout/checkout-session.fetch.js';
import type { SeenInvoice } from '../../src/invoices/invoice.fetch.js';
import type { InvoicePaymentState } from '../../src/payments/invoice-payment.js';
import type { SeenSubscription } from '../../src/subscriptions/subscription.fetch.js';
import type { Decision, DecideInput, Stored, StoredAccount } from '../../src/sync/decision.js';
import { nothingSeen, type Seen } from '../../src/sync/seen.js';
import { anInvoice, aSubscription, NOW } from './states.js';

export const anAccount = (differs: Partial<StoredAccount> = {}): StoredAccount => ({
  id: 'acc_1',
  externalId: 'acme',
  name: null,
  email: null,
  currency: null,
  phone: null,
  locale: null,
  address: null,
  defaultPaymentMethodId: null,
  credit: 0,
  taxExempt: null,
  taxLocation: null,
  discounts: null,
  revision: 4,
  planKey: 'free',
  createdAt: NOW - 1_000,
  syncedAt: NOW - 1_000,
  announcedAccess: FREE_ACCESS,
  ...differs,
});

export const stored = (differs: Partial<Stored> = {}): Stored => ({
  customer: { id: 'cus_1', accountId: 'acc_1', liveFor: 'acc_1', deletedAt: null },
  accounts: [anAccount()],
  taken: new Set(),
  subscriptions: [],
  items: new Map(),
  invoices: new Map(),
  sessions: [],
  paymentMethods: [],
  taxIds: [],
  planOfPrice: new Map([
    ['price_team', 'team'],
    ['price_business', 'business'],
  ]),
  rankOfPlan: new Map([
    ['free', 0],
    ['team', 1],
    ['business', 2],
  ]),
  ...differs,
});

export const aCustomer = (differs: Partial<CustomerState> = {}): CustomerState => ({
  id: 'cus_1',
  deleted: false,
  accountId: 'acc_1',
  name: 'Acme',
  email: 'billing@acme.example',
  currency: 'USD',
  phone: null,
  locale: null,
  address: null,
  defaultPaymentMethodId: null,
  credit: 0,
  taxExempt: null,
  taxLocation: null,
  discounts: null,
  taxIds: [],
  ...differs,
});

export function seenSubscription(differs: Partial<SeenSubscription> = {}): SeenSubscription {
  const { accountId: _account, planKey: _plan, unmapped: _unmapped, ...held } = aSubscription();
  const { lastPaymentAt: _at, lastPaymentAmount: _amount, lastPaymentAttemptAt: _attempt, ...state } = held;
  const items = [{ id: 'si_1', subscriptionId: 'sub_1', priceId: differs.priceId ?? 'price_team', quantity: 1 }];
  return { ...state, items, claimedAccountId: 'acc_1', claimedPlanKey: null, productId: 'prod_team', ...differs };
}

export function seenInvoice(differs: Partial<SeenInvoice> = {}): SeenInvoice {
  const { accountId: _account, paymentMethodId: _m, paymentAttempts: _t, paymentAction: _a, ...state } = anInvoice();
  return { ...state, ...differs };
}

export interface Shown {
  customer?: CustomerState | null;
  subscriptions?: SeenSubscription[];
  invoices?: SeenInvoice[];
  sessions?: SeenCheckoutSession[];
  /** By the id of the invoice. */
  payments?: Record<string, InvoicePaymentState>;
  /** Ids that Stripe says it does not have. */
  gone?: { subscription?: string[]; invoice?: string[]; checkoutSession?: string[] };
}

export function seen({
  customer,
  subscriptions = [],
  invoices = [],
  sessions = [],
  payments = {},
  gone = {},
}: Shown): Seen {
  const all = nothingSeen();
  if (customer) all.customer.set('cus_1', { state: customer, raw: {} });
  if (customer === null) all.customer.set('cus_1', { state: null, raw: null });
  for (const state of subscriptions) all.subscription.set(state.id, { state, raw: {} });
  for (const state of invoices) all.invoice.set(state.id, { state, raw: {} });
  for (const state of sessions) all.checkoutSession.set(state.id, { state, raw: {} });
  for (const [id, payment] of Object.entries(payments)) all.invoicePayment.set(id, payment);
  for (const id of gone.subscription ?? []) all.subscription.set(id, { state: null, raw: null });
  for (const id of gone.checkoutSession ?? []) all.checkoutSession.set(id, { state: null, raw: null });
  for (const id of gone.invoice ?? []) all.invoice.set(id, { state: null, raw: null });
  return all;
}

export const input = (held: Stored, shown: Seen, differs: Partial<DecideInput> = {}): DecideInput => ({
  customerId: 'cus_1',
  stored: held,
  seen: shown,
  events: [],
  policy: { graceDays: 7 },
  now: NOW,
  jitter: 0.5,
  ...differs,
});

const put = <Row extends { id: string }>(rows: readonly Row[], next: readonly Row[]) => [
  ...new Map([...rows, ...next].map((row) => [row.id, row])).values(),
];

/** What is stored once the decision has been written. */
export function written(before: Stored, decision: Decision): Stored {
  const { account, customer, subscriptions, invoices, removedInvoices, sessions } = decision;
  return {
    ...before,
    customer,
    accounts: account ? put(before.accounts, [account]) : before.accounts,
    subscriptions: put(before.subscriptions, subscriptions),
    invoices: new Map(
      put([...before.invoices.values()], invoices)
        .filter(({ id }) => !removedInvoices.includes(id))
        .map((invoice) => [invoice.id, invoice]),
    ),
    sessions: put(before.sessions, sessions),
  };
}
