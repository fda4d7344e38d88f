import type { AccessDecision, AccessPolicy } from '../access/access.js';
import type { AccountState } from '../accounts/account.js';
import type { TaxIdState } from '../accounts/tax-id.js';
import { CheckoutStatus, type CheckoutSessionState } from '../checkout/checkout-session.js';
import { type Change, changeOf } from '../history/change.js';
import type { InvoiceState } from '../invoices/invoice.js';
import type { PaymentMethodState } from '../payments/payment-method.js';
import {
  isTerminal,
  type SubscriptionItemState,
  SubscriptionStatus,
  type SubscriptionState,
} from '../subscriptions/subscription.js';
import type { StripeEvent } from '../webhooks/stripe-event.js';
import { accountChanges } from './account-changes.js';
import { decideAccount } from './decide-account.js';
import { decideMembers } from './decide-members.js';
import { planItem } from './plan-item.js';
import type { PendingEvent } from './queue.js';
import type { Look, Seen } from './seen.js';
import { judge, takesBackInvoice, takesBackSubscription, type Verdict } from './verdict.js';
import { nextWakeAt, wakesOf } from './wake.js';

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
  invoices: ReadonlyMap<string, InvoiceState>;
  sessions: readonly CheckoutSessionState[];
  /** Of this customer. */
  paymentMethods: readonly PaymentMethodState[];
  /** Of this customer. */
  taxIds: readonly TaxIdState[];
  /** Plan of each known price. */
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
  /** Wall time, for the age of events. */
  wallNow: number;
  jitter: number;
}

/** What the transaction writes. Nothing else is written. */
export interface Decision {
  customer: StoredCustomer;
  /** Null while nobody owns the customer. */
  account: StoredAccount | null;
  subscriptions: SubscriptionState[];
  /** The items of every subscription that was seen; others stay. */
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
  /** A second live customer of an account, which is an alert. */
  secondCustomerOf: string | null;
}

/** The next state, from what is stored and what was seen. Pure: no clock, no await, no chance. */
export function decide(input: DecideInput): Decision {
  const { stored, seen } = input;
  const ownership = decideOwner(input);
  const accountId = ownership.customer.accountId;
  const resurrected = new Set<string>();
  const subscriptions = decideSubscriptions(input, accountId, ownership.customer.deletedAt, resurrected);
  const invoices = decideInvoices(input, accountId, resurrected);
  const sessions = decideSessions(input, accountId);
  const methods = decideMembers(
    stored.paymentMethods,
    seen.paymentMethods && states(seen.paymentMethods),
    ownership.customer,
  );
  const taxIds = decideMembers(
    stored.taxIds,
    seen.customer.get(input.customerId)?.state?.taxIds ?? null,
    ownership.customer,
  );
  const removedInvoices = [...seen.invoice]
    .filter(([id, look]) => look.state === null && stored.invoices.has(id))
    .map(([id]) => id);

  const everySubscription = merge(stored.subscriptions, subscriptions);
  const everyInvoice = new Map([...stored.invoices, ...invoices.map((invoice) => [invoice.id, invoice] as const)]);
  removedInvoices.forEach((id) => everyInvoice.delete(id));
  const before = stored.accounts.find(({ id }) => id === accountId) ?? null;
  const account = before && decideAccount(input, before, everySubscription, everyInvoice, methods.removed);

  const changes = [
    ...differences('subscription', stored.subscriptions, subscriptions),
    ...differences('invoice', [...stored.invoices.values()], invoices),
    ...removedInvoices.flatMap((id) => changeOf('invoice', id, stored.invoices.get(id) ?? null, null) ?? []),
    ...differences('checkoutSession', stored.sessions, sessions),
    ...differences('paymentMethod', stored.paymentMethods, methods.kept),
    ...removals('paymentMethod', stored.paymentMethods, methods.removed),
    ...differences('taxId', stored.taxIds, taxIds.kept),
    ...removals('taxId', stored.taxIds, taxIds.removed),
    ...(account && before ? accountChanges(before, account) : []),
  ];
  const touched = new Set(changes.map(({ id }) => id));
  const wakeState = {
    subscriptions: everySubscription,
    invoices: everyInvoice,
    sessions: merge(stored.sessions, sessions),
  };
  return {
    ...ownership,
    account: account && { ...account, revision: account.revision + (changes.length > 0 ? 1 : 0) },
    subscriptions: subscriptions.filter(({ id }) => touched.has(id)),
    items: new Map([...seen.subscription].flatMap(([id, { state }]) => (state ? [[id, state.items] as const] : []))),
    invoices: invoices.filter(({ id }) => touched.has(id)),
    removedInvoices,
    sessions: sessions.filter(({ id }) => touched.has(id)),
    paymentMethods: methods.kept.filter(({ id }) => touched.has(id)),
    removedPaymentMethods: methods.removed,
    taxIds: taxIds.kept.filter(({ id }) => touched.has(id)),
    removedTaxIds: taxIds.removed,
    confirmed: subscriptions.map(({ id }) => id).filter((id) => !touched.has(id)),
    changes,
    verdicts: judgeAll(input, accountId !== null, resurrected),
    wakeAt: nextWakeAt(wakesOf(wakeState, input.policy), input.now),
    unknownPrices: subscriptions
      .filter(({ unmapped, ...state }) => unmapped && !isTerminal(state))
      .map(({ priceId }) => priceId),
  };
}

/** Stored owner first, then the customer's metadata, then a subscription's, then a session's reference; never by e-mail. */
function decideOwner({ customerId, stored, seen, now }: DecideInput): Pick<Decision, 'customer' | 'secondCustomerOf'> {
  const look = seen.customer.get(customerId);
  const deleted = look?.state?.deleted === true;
  const claims = claimedAccounts(seen, customerId);
  const claimed = claims.find((id) => stored.accounts.some((account) => account.id === id)) ?? null;
  const known = stored.customer?.accountId ?? null;
  const secondCustomerOf = known === null && claimed !== null && stored.taken.has(claimed) ? claimed : null;
  const accountId = known ?? (secondCustomerOf ? null : claimed);
  const deletedAt = stored.customer?.deletedAt ?? (deleted ? now : null);
  const liveFor = deletedAt === null ? accountId : null;
  return { customer: { id: customerId, accountId, liveFor, deletedAt }, secondCustomerOf };
}

/** Every account id that what was seen names, strongest claim first. */
export function claimedAccounts(seen: Seen, customerId: string): string[] {
  const claims = [
    seen.customer.get(customerId)?.state?.accountId,
    ...states(seen.subscription).map(({ claimedAccountId }) => claimedAccountId),
    ...states(seen.checkoutSession).map(({ claimedAccountId }) => claimedAccountId),
  ];
  return claims.filter((id): id is string => typeof id === 'string');
}

const states = <State>(looks: ReadonlyMap<string, Look<State>>): State[] =>
  [...looks.values()].flatMap(({ state }) => (state === null ? [] : [state]));

function decideSubscriptions(
  { stored, seen, customerId, now }: DecideInput,
  accountId: string | null,
  deletedAt: number | null,
  resurrected: Set<string>,
): SubscriptionState[] {
  const held = new Map(stored.subscriptions.map((subscription) => [subscription.id, subscription]));
  const next: SubscriptionState[] = [];
  for (const [id, { state }] of seen.subscription) {
    const before = held.get(id);
    if (state === null) {
      if (before && !isTerminal(before) && isOldEnough(before, now)) next.push({ ...ended(before, now), accountId });
    } else if (takesBackSubscription(before, state)) {
      resurrected.add(id);
    } else {
      const { items: _items, claimedAccountId: _claim, productId: _product, ...shown } = state;
      const main = planItem(state, stored.planOfPrice);
      const known = stored.planOfPrice.get(main.priceId) ?? null;
      next.push({
        ...shown,
        ...main,
        accountId,
        planKey: known ?? before?.planKey ?? null,
        unmapped: known === null,
        pause: shown.pause && { ...shown.pause, since: shown.pause.since ?? before?.pause?.since ?? now },
      });
    }
  }
  const done = new Set(next.map(({ id }) => id));
  for (const before of held.values()) {
    if (done.has(before.id) || before.customerId !== customerId) continue;
    // Deleting a customer cancels what is hers; linking one gives her rows their owner.
    if (deletedAt !== null && !isTerminal(before)) next.push({ ...ended(before, deletedAt), accountId });
    else if (before.accountId !== accountId) next.push({ ...before, accountId });
  }
  return next;
}

/** Stripe may not know yet what it has only just made; after a minute its "there is none" is an answer. */
const isOldEnough = ({ createdAt }: { createdAt: number }, now: number): boolean => now - createdAt > 60_000;

const ended = (subscription: SubscriptionState, at: number): SubscriptionState => ({
  ...subscription,
  status: SubscriptionStatus.CANCELED,
  statusRaw: 'canceled',
  endedAt: subscription.endedAt ?? at,
});

function decideInvoices(
  { stored, seen, customerId }: DecideInput,
  accountId: string | null,
  resurrected: Set<string>,
): InvoiceState[] {
  const next: InvoiceState[] = [];
  for (const state of states(seen.invoice)) {
    if (takesBackInvoice(stored.invoices.get(state.id), state)) resurrected.add(state.id);
    else next.push({ ...state, accountId });
  }
  const done = new Set([...seen.invoice.keys()]);
  for (const before of stored.invoices.values()) {
    const unlinked = before.customerId === customerId && before.accountId !== accountId;
    if (unlinked && !done.has(before.id)) next.push({ ...before, accountId });
  }
  return next;
}

function decideSessions({ stored, seen, now }: DecideInput, accountId: string | null): CheckoutSessionState[] {
  const held = new Map(stored.sessions.map((session) => [session.id, session]));
  const gone = [...seen.checkoutSession].flatMap(([id, { state }]) => {
    const before = held.get(id);
    if (state !== null || before?.status !== CheckoutStatus.OPEN || !isOldEnough(before, now)) return [];
    return [{ ...before, status: CheckoutStatus.EXPIRED, statusRaw: 'expired', url: null }];
  });
  const shown = states(seen.checkoutSession).flatMap(({ claimedAccountId: _claim, ...state }) => {
    const before = held.get(state.id);
    // A session never opens again, so an answer that says so is older than what we know.
    if (before && before.status !== CheckoutStatus.OPEN && state.status === CheckoutStatus.OPEN) return [];
    return [{ ...state, accountId }];
  });
  return [...gone, ...shown];
}

const merge = <Held extends { id: string }>(stored: readonly Held[], next: readonly Held[]): Held[] => [
  ...new Map([...stored, ...next].map((held) => [held.id, held])).values(),
];

function differences<State extends { id: string }>(
  object: Change['object'],
  stored: readonly State[],
  next: readonly State[],
): Change[] {
  const held = new Map(stored.map((state) => [state.id, state]));
  return next.flatMap((state) => changeOf(object, state.id, held.get(state.id) ?? null, state) ?? []);
}

const removals = (object: Change['object'], stored: readonly { id: string }[], removed: readonly string[]): Change[] =>
  stored.filter(({ id }) => removed.includes(id)).flatMap((state) => changeOf(object, state.id, state, null) ?? []);

function judgeAll(input: DecideInput, owned: boolean, resurrected: ReadonlySet<string>): Verdict[] {
  const { stored, seen, events, jitter } = input;
  const readable = events.flatMap(({ event }) => event ?? []) satisfies StripeEvent[];
  const heldIds = new Set([
    ...stored.subscriptions.map(({ id }) => id),
    ...stored.invoices.keys(),
    ...stored.sessions.map(({ id }) => id),
    ...stored.paymentMethods.map(({ id }) => id),
    ...(stored.customer?.accountId ? [stored.customer.id] : []),
  ]);
  const context = { seen, owned, resurrected, held: (id: string) => heldIds.has(id), now: input.wallNow, jitter };
  return events.map((pending) => judge(pending, readable, context));
}
