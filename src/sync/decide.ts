import { CheckoutStatus, type CheckoutSessionState } from '../checkout/checkout-session.js';
import { type Change, changeOf } from '../history/change.js';
import { type InvoiceState, isSettled } from '../invoices/invoice.js';
import { isTerminal, type SubscriptionState } from '../subscriptions/subscription.js';
import type { StripeEvent } from '../webhooks/stripe-event.js';
import { accountChanges } from './account-changes.js';
import { decideAccount } from './decide-account.js';
import { decideMembers } from './decide-members.js';
import { paymentOf, withPayments } from './decide-payments.js';
import { besideMain, decideSubscriptions, isOldEnough, withAddOns, withHeld } from './decide-subscriptions.js';
import type { DecideInput, Decision, Trouble } from './decision.js';
import type { Look, Seen } from './seen.js';
import { judge, takesBackInvoice, type Verdict } from './verdict.js';
import { nextWakeAt, wakesOf } from './wake.js';

/** The next state, from what is stored and what was seen. Pure: no clock, no await, no chance. */
export function decide(input: DecideInput): Decision {
  const { stored, seen } = input;
  const ownership = decideOwner(input);
  const accountId = ownership.customer.accountId;
  const resurrected = new Set<string>();
  const failures = new Map(seen.failures);
  const trouble = { resurrected, failures };
  const invoices = decideInvoices(input, accountId, resurrected);
  const seenOrEnded = decideSubscriptions(input, accountId, ownership.customer.deletedAt, trouble);
  const removedInvoices = [...seen.invoice].flatMap(([id, { state }]) =>
    state === null && canBeGone(stored.invoices.get(id)) ? id : [],
  );
  const everyInvoice = new Map([...stored.invoices, ...invoices.map((invoice) => [invoice.id, invoice] as const)]);
  removedInvoices.forEach((id) => everyInvoice.delete(id));
  const subscriptions = withPayments(seenOrEnded, stored.subscriptions, invoices, everyInvoice);
  const items = new Map(
    subscriptions.flatMap(({ id }) => {
      const state = seen.subscription.get(id)?.state;
      return state ? [[id, state.items] as const] : [];
    }),
  );
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

  const everySubscription = merge(stored.subscriptions, subscriptions);
  const before = stored.accounts.find(({ id }) => id === accountId) ?? null;
  const account = before && decideAccount(input, before, everySubscription, everyInvoice, methods.removed);

  const changes = [
    ...withHeld(
      differences(
        'subscription',
        withAddOns(stored.subscriptions, stored.items),
        withAddOns(subscriptions, items, stored.items),
      ),
      items,
      stored.items,
    ),
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
    items,
    invoices: invoices.filter(({ id }) => touched.has(id)),
    removedInvoices,
    sessions: sessions.filter(({ id }) => touched.has(id)),
    paymentMethods: methods.kept.filter(({ id }) => touched.has(id)),
    removedPaymentMethods: methods.removed,
    taxIds: taxIds.kept.filter(({ id }) => touched.has(id)),
    removedTaxIds: taxIds.removed,
    confirmed: subscriptions.map(({ id }) => id).filter((id) => !touched.has(id)),
    changes,
    verdicts: judgeAll(input, accountId !== null, trouble),
    failures,
    wakeAt: nextWakeAt(wakesOf(wakeState, input.policy), input.now),
    unknownPrices: subscriptions
      .filter(({ unmapped, ...state }) => unmapped && !isTerminal(state))
      .map(({ priceId }) => priceId),
    unknownOf: subscriptions
      .filter((state) => seen.subscription.has(state.id) && isTold(state, stored.subscriptions))
      .filter((state) => !isTerminal(state) && !stored.planOfPrice.has(state.priceId))
      .map(({ id, priceId, planKey, unmapped }) => ({
        ...{ subscription: id, price: priceId, plan: planKey },
        claimed: !unmapped,
      })),
    secondSubscriptions: account ? besideMain(stored.subscriptions, everySubscription, stored.rankOfPlan) : [],
  };
}

/** Whether its price or what that sells is news; anything else that changes was told when its price came. */
const isTold = (state: SubscriptionState, stored: readonly SubscriptionState[]): boolean => {
  const held = stored.find(({ id }) => id === state.id);
  return held?.priceId !== state.priceId || held.unmapped !== state.unmapped || held.planKey !== state.planKey;
};

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

/** Stripe keeps what is paid or void for ever, so an answer without it is older than it. */
const canBeGone = (held: InvoiceState | undefined): boolean => held !== undefined && !isSettled(held);

function decideInvoices(
  { stored, seen, customerId }: DecideInput,
  accountId: string | null,
  resurrected: Set<string>,
): InvoiceState[] {
  const next: InvoiceState[] = [];
  for (const state of states(seen.invoice)) {
    const before = stored.invoices.get(state.id);
    if (takesBackInvoice(before, state)) resurrected.add(state.id);
    else next.push({ ...paymentOf(before), ...state, ...seen.invoicePayment.get(state.id), accountId });
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

function judgeAll(input: DecideInput, owned: boolean, { resurrected, failures }: Trouble): Verdict[] {
  const { stored, events, finished, jitter } = input;
  const seen = { ...input.seen, failures };
  const readable = events.flatMap(({ event }) => event ?? []) satisfies StripeEvent[];
  const heldIds = new Set([
    ...stored.subscriptions.map(({ id }) => id),
    ...stored.invoices.keys(),
    ...stored.sessions.map(({ id }) => id),
    ...stored.paymentMethods.map(({ id }) => id),
    ...(stored.customer?.accountId ? [stored.customer.id] : []),
  ]);
  const context = { seen, owned, resurrected, held: (id: string) => heldIds.has(id), finished, jitter };
  return events.map((pending) => judge(pending, readable, context));
}
