import { In } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import { putCustomer } from '../accounts/put-customer.js';
import { StripeCustomer } from '../accounts/stripe-customer.entity.js';
import { TaxId } from '../accounts/tax-id.entity.js';
import { CheckoutSession } from '../checkout/checkout-session.entity.js';
import { CheckoutStatus } from '../checkout/checkout-session.js';
import type { Database, Transaction } from '../database/database.js';
import type { Dialect } from '../database/dialect.js';
import { findRows, type Fits } from '../database/find-rows.js';
import { putRow } from '../database/put-row.js';
import { appendAudit, type Cause } from '../history/audit.js';
import type { Change } from '../history/change.js';
import { creditIntents, type CreditedIntent } from '../intents/credit-intents.js';
import { Invoice } from '../invoices/invoice.entity.js';
import { InvoiceStatus } from '../invoices/invoice.js';
import { decideMails, type DueMail, type MailKind } from '../notifications/decide-mails.js';
import { queueMails } from '../notifications/outbox.js';
import { PaymentMethod } from '../payments/payment-method.entity.js';
import { Plan } from '../plans/plan.entity.js';
import { Price } from '../plans/price.entity.js';
import type { Random } from '../ports.js';
import { SubscriptionItem } from '../subscriptions/subscription-item.entity.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import type { StripeEvent } from '../webhooks/stripe-event.js';
import { apply, type RoundEnd } from './apply.js';
import { readOverflow } from './overflow.js';
import { claimedAccounts, decide } from './decide.js';
import type { Decision, DecideInput, Stored } from './decision.js';
import { driftsOf } from './drift.js';
import { keepDrift } from './keep-drift.js';
import type { Round } from './queue.js';
import type { Seen } from './seen.js';
import { isShown, stillHolds } from './suspect.js';
import { retryAfter } from './verdict.js';

export interface CustomerEnd extends RoundEnd {
  decision: Decision;
  /** Queued with it. */
  mails: DueMail[];
}

type Asked = Omit<DecideInput, 'stored' | 'jitter'> & { mailKinds: readonly MailKind[] };

/** Writes what a round saw of a customer: decided inside the transaction, from the rows as they are now. */
export function applyCustomer(database: Database, random: Random, round: Round, asked: Asked): Promise<CustomerEnd> {
  const jitter = random.fraction();
  return apply(database, round, async (transaction, storeNow) => {
    const stored = await readStored(transaction, database.dialect.forUpdate, asked.customerId, asked.seen);
    const decision = decide({ ...asked, stored, jitter });
    await writeRows(transaction, database.dialect, stored, decision);
    const linked = !stored.customer?.accountId && decision.account !== null;
    const reopened = linked ? await reopenUnmatched(transaction, asked.customerId, storeNow) : 0;
    const overflow = await readOverflow(transaction, decision, asked.now);
    const told = { ...decision, changes: [...decision.changes, ...overflow] };
    if (decision.account) await writeHistory(transaction, random, round, { ...asked, linked }, told, storeNow);
    const mails = mailsOf(asked, stored, decision);
    await queueMails(transaction, database.dialect, mails, storeNow);
    const failures = [...decision.failures.values(), ...(asked.seen.incomplete ? [asked.seen.incomplete] : [])];
    const { customer, account, changes } = decision;
    await keepDrift(transaction, driftsOf(round, changes, account?.id ?? null, storeNow));
    const swept = customer.accountId !== null && customer.deletedAt === null;
    return {
      decision,
      mails,
      verdicts: decision.verdicts,
      wakeAt: decision.wakeAt,
      ...retryAfter(failures, round.attempts, jitter),
      ...(reopened > 0 && { retryDelayMs: 0 }),
      confirmed: isConfirmed(round, decision, asked.seen),
      wrote: changes.length > 0,
      whole: swept ? failures.length === 0 && (round.lookWanted || round.confirming) : null,
    };
  });
}

const mailsOf = ({ mailKinds: kinds, now }: Asked, { invoices: before }: Stored, decision: Decision): DueMail[] =>
  decision.account ? decideMails({ accountId: decision.account.id, before, after: decision.invoices, kinds, now }) : [];

/**
 * A replica's answer may be older than one that we had before, and no event tells; nor does one about an object that is
 * not looked at, as a schedule's. So what changed then is confirmed by a look at everything once no older answer can come
 * any more.
 */
const isConfirmed = (
  { confirming, fence, sinceConfirmed, events }: Round,
  { changes }: Decision,
  seen: Seen,
): boolean => {
  const isTold = events.every(({ event }) => event === null || isShown(event, seen));
  return changes.length === 0 && (confirming || (isTold && (fence === 1 || sinceConfirmed !== null)));
};

/** Everything the decision needs; locked until the end of the transaction when `forUpdate` says so. */
export async function readStored(
  transaction: Pick<Transaction, 'rows' | 'manager'>,
  forUpdate: string,
  customerId: string,
  seen: Seen,
): Promise<Stored> {
  const find = <Row extends object>(entity: new () => Row, ...where: Fits<Row>[]) =>
    findRows(transaction, entity, { where });
  const [customer = null] = await find(StripeCustomer, { id: [customerId] });
  const accountIds = [
    ...new Set([...claimedAccounts(seen, customerId), ...(customer?.accountId ? [customer.accountId] : [])]),
  ];
  // Locked, because a second customer of the same account is another subject and may write it at the same time.
  if (forUpdate && accountIds.length > 0) {
    await transaction.rows(
      `SELECT id FROM accounts WHERE id IN (${accountIds.map(() => '?').join(', ')}) ORDER BY id${forUpdate}`,
      accountIds,
    );
  }
  const accounts = await find(Account, { id: accountIds });
  const live = await find(StripeCustomer, { liveFor: accountIds });
  const ours = { customerId: [customerId] };
  const owned = customer?.accountId ? [{ accountId: [customer.accountId] }] : [];
  const subscriptions = await find(BillingSubscription, ours, ...owned);
  const invoiceIds = [...seen.invoice.keys(), ...subscriptions.flatMap(({ latestInvoiceId }) => latestInvoiceId ?? [])];
  const unowned = customer?.accountId ? [] : [ours];
  const invoices = await find(Invoice, { id: invoiceIds }, { ...ours, status: [InvoiceStatus.OPEN] }, ...unowned);
  const sessions = await find(
    CheckoutSession,
    { id: [...seen.checkoutSession.keys()] },
    { ...ours, status: [CheckoutStatus.OPEN] },
  );
  const seenIds = [...seen.subscription.keys()];
  const items = await find(SubscriptionItem, { subscriptionId: seenIds });
  return {
    customer,
    accounts,
    taken: new Set(live.flatMap(({ id, liveFor }) => (liveFor && id !== customerId ? [liveFor] : []))),
    subscriptions,
    items: new Map(seenIds.map((id) => [id, items.filter(({ subscriptionId }) => subscriptionId === id)])),
    invoices: new Map(invoices.map((invoice) => [invoice.id, invoice])),
    sessions,
    paymentMethods: await find(PaymentMethod, ours),
    taxIds: await find(TaxId, ours),
    ...(await readCatalogue(transaction, seen, invoices)),
  };
}

async function readCatalogue(
  transaction: Pick<Transaction, 'rows' | 'manager'>,
  seen: Seen,
  stored: readonly Invoice[],
): Promise<Pick<Stored, 'planOfPrice' | 'rankOfPlan'>> {
  const items = [...seen.subscription.values()].flatMap(({ state }) => state?.items ?? []);
  const invoices = [...stored, ...[...seen.invoice.values()].flatMap(({ state }) => state ?? [])];
  const prorated = invoices.flatMap(({ lines }) => lines.filter(({ proration }) => proration));
  const priceIds = [...new Set([...items, ...prorated].flatMap(({ priceId }) => priceId ?? []))];
  const prices = await findRows(transaction, Price, { where: [{ id: priceIds }] });
  const plans = await findRows(transaction, Plan, { select: ['key', 'rank'] });
  return {
    planOfPrice: new Map(prices.flatMap(({ id, planKey }) => (planKey ? [[id, planKey] as const] : []))),
    rankOfPlan: new Map(plans.map(({ key, rank }) => [key, rank])),
  };
}

/** Only what differs from what is stored. */
async function writeRows(
  transaction: Transaction,
  dialect: Dialect,
  stored: Stored,
  decision: Decision,
): Promise<void> {
  const { manager } = transaction;
  const { customer, account } = decision;
  const syncedAt = account?.syncedAt ?? 0;
  const stamp = { revision: account?.revision ?? 0 };
  const put = async <Row extends { id: string }>(
    entity: new () => Row,
    rows: readonly (Partial<Row> & { id: string })[],
    held: Iterable<{ id: string }>,
  ) => {
    const before = new Map([...held].map((row) => [row.id, row]));
    for (const row of rows) await putRow(transaction, dialect, entity, row, before.get(row.id));
  };
  const stamped = (states: Decision['subscriptions']) => states.map((state) => ({ ...state, ...stamp, syncedAt }));
  if (stored.customer) await put(StripeCustomer, [customer], [stored.customer]);
  else await putCustomer(manager, customer);
  if (account) await put(Account, [account], stored.accounts);
  await put(BillingSubscription, stamped(decision.subscriptions), stored.subscriptions);
  if (decision.confirmed.length > 0)
    await manager.update(BillingSubscription, { id: In(decision.confirmed) }, { syncedAt });
  await writeItems(transaction, put, stored, decision);
  const invoices = decision.invoices.map((state) => ({ ...state, ...stamp }));
  await put(Invoice, invoices, stored.invoices.values());
  if (decision.removedInvoices.length > 0) await manager.delete(Invoice, { id: In(decision.removedInvoices) });
  await put(PaymentMethod, decision.paymentMethods, stored.paymentMethods);
  if (decision.removedPaymentMethods.length > 0)
    await manager.delete(PaymentMethod, { id: In(decision.removedPaymentMethods) });
  await put(TaxId, decision.taxIds, stored.taxIds);
  if (decision.removedTaxIds.length > 0) await manager.delete(TaxId, { id: In(decision.removedTaxIds) });
  await put(CheckoutSession, decision.sessions, stored.sessions);
}

type Put = <Row extends { id: string }>(
  entity: new () => Row,
  rows: readonly (Partial<Row> & { id: string })[],
  held: Iterable<{ id: string }>,
) => Promise<void>;

async function writeItems(transaction: Transaction, put: Put, stored: Stored, { items }: Decision): Promise<void> {
  const held = [...items.keys()].flatMap((id) => stored.items.get(id) ?? []);
  const kept = [...items.values()].flat();
  const gone = held.filter(({ id }) => !kept.some((item) => item.id === id));
  if (gone.length > 0) await transaction.manager.delete(SubscriptionItem, { id: In(gone.map(({ id }) => id)) });
  await put(SubscriptionItem, kept, held);
}

/** What nobody owned until now is looked at once more, so that it ends well. */
async function reopenUnmatched({ run }: Transaction, subject: string, storeNow: number): Promise<number> {
  return run(
    `UPDATE stripe_events SET state = 'pending', attempts = 0, tries = NULL, pending_at = ?, finished_at = NULL, error = NULL
     WHERE subject = ? AND pending_at IS NULL AND state = 'unmatched'`,
    [storeNow, subject],
  );
}

/** Exactly one entry for each new revision, with every cause of the round. */
async function writeHistory(
  transaction: Transaction,
  random: Random,
  round: Round,
  { now, customerId, seen, linked }: Asked & { linked: boolean },
  { account, changes }: Decision,
  storeNow: number,
): Promise<void> {
  if (!account) return;
  const id = random.ulid();
  const { events, claimedAt, lookWanted: looks } = round;
  const holds = (event: StripeEvent) => stillHolds(event, seen);
  const traces = { events, holds, changes, looks, claimedAt, linked: linked ? customerId : null };
  const intents = await creditIntents(transaction, account.id, traces, id, storeNow);
  if (changes.length === 0) return;
  await appendAudit(transaction, {
    id,
    accountId: account.id,
    revision: account.revision,
    at: now,
    actor: actorOf(intents, round, changes),
    causes: causesOf(intents, round),
    changes,
  });
}

/** What can change by time alone; of the rest Stripe is the author, whether its event or our own clock came first. */
const BY_TIME: readonly Change['object'][] = ['account', 'access', 'usage'];

function actorOf(intents: readonly CreditedIntent[], round: Round, changes: readonly Change[]): string {
  if (intents[0]) return intents[0].actor;
  const byTime = round.woken && round.events.length === 0 && changes.every(({ object }) => BY_TIME.includes(object));
  return byTime ? 'clock' : 'stripe';
}

function causesOf(intents: readonly CreditedIntent[], round: Round): Cause[] {
  const causes: Cause[] = [
    ...intents.map(({ id, verb }) => ({ kind: 'intent' as const, id, name: verb })),
    ...round.events.map(({ id, type }) => ({ kind: 'event' as const, id, name: type })),
  ];
  if (causes.length > 0) return causes;
  return [
    round.woken
      ? { kind: 'wake', id: round.subject, name: 'wake-up' }
      : { kind: 'look', id: round.subject, name: 'look' },
  ];
}
