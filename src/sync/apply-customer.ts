import { In } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import { putCustomer } from '../accounts/put-customer.js';
import { StripeCustomer } from '../accounts/stripe-customer.entity.js';
import { TaxId } from '../accounts/tax-id.entity.js';
import { CheckoutSession } from '../checkout/checkout-session.entity.js';
import { CheckoutStatus } from '../checkout/checkout-session.js';
import type { Database, Transaction } from '../database/database.js';
import { appendAudit, type Cause } from '../history/audit.js';
import { creditIntents, type CreditedIntent } from '../intents/intent-store.js';
import { Invoice } from '../invoices/invoice.entity.js';
import { InvoiceStatus } from '../invoices/invoice.js';
import { PaymentMethod } from '../payments/payment-method.entity.js';
import { Plan } from '../plans/plan.entity.js';
import { Price } from '../plans/price.entity.js';
import type { Random } from '../ports.js';
import { SubscriptionItem } from '../subscriptions/subscription-item.entity.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { apply, type RoundEnd } from './apply.js';
import { claimedAccounts, decide, type Decision, type DecideInput, type Stored } from './decide.js';
import type { Round } from './queue.js';
import type { Seen } from './seen.js';
import { backOff } from './verdict.js';

export interface CustomerEnd extends RoundEnd {
  decision: Decision;
}

type Asked = Omit<DecideInput, 'stored' | 'jitter'>;

/** Writes what a round saw of a customer: decided inside the transaction, from the rows as they are now. */
export function applyCustomer(database: Database, random: Random, round: Round, asked: Asked): Promise<CustomerEnd> {
  const jitter = random.fraction();
  return apply(database, round, async (transaction, storeNow) => {
    const stored = await readStored(transaction, database, asked.customerId, asked.seen);
    const decision = decide({ ...asked, stored, jitter });
    await writeRows(transaction, decision);
    if (decision.account) await writeHistory(transaction, random, round, asked, decision, storeNow);
    const failed = asked.seen.incomplete !== null || asked.seen.failures.size > 0;
    return {
      decision,
      verdicts: decision.verdicts,
      wakeAt: decision.wakeAt,
      failed,
      retryDelayMs: failed ? backOff(round.attempts + 1, jitter) : null,
      confirmed: isConfirmed(round, decision),
    };
  });
}

/**
 * A replica's answer may be older than one that we had before, and no event tells. So what changed is confirmed by a
 * look at everything once no older answer can come any more.
 */
const isConfirmed = ({ confirming, fence, sinceConfirmed }: Round, { changes }: Decision): boolean =>
  changes.length === 0 && (confirming || fence === 1 || sinceConfirmed !== null);

async function readStored(
  transaction: Transaction,
  { dialect }: Database,
  customerId: string,
  seen: Seen,
): Promise<Stored> {
  const { manager } = transaction;
  const customer = await manager.findOneBy(StripeCustomer, { id: customerId });
  const accountIds = [
    ...new Set([...claimedAccounts(seen, customerId), ...(customer?.accountId ? [customer.accountId] : [])]),
  ];
  // Locked, because a second customer of the same account is another subject and may write it at the same time.
  if (accountIds.length > 0) {
    await transaction.rows(
      `SELECT id FROM accounts WHERE id IN (${accountIds.map(() => '?').join(', ')}) ORDER BY id${dialect.forUpdate}`,
      accountIds,
    );
  }
  const accounts = accountIds.length > 0 ? await manager.findBy(Account, { id: In(accountIds) }) : [];
  const live = accountIds.length > 0 ? await manager.findBy(StripeCustomer, { liveFor: In(accountIds) }) : [];
  const owned = customer?.accountId ? [{ accountId: customer.accountId }] : [];
  const subscriptions = await manager.find(BillingSubscription, { where: [{ customerId }, ...owned] });
  const invoiceIds = [...seen.invoice.keys(), ...subscriptions.flatMap(({ latestInvoiceId }) => latestInvoiceId ?? [])];
  const unowned = customer?.accountId ? [] : [{ customerId }];
  const invoices = await manager.find(Invoice, {
    where: [{ id: In(invoiceIds) }, { customerId, status: InvoiceStatus.OPEN }, ...unowned],
  });
  const sessions = await manager.find(CheckoutSession, {
    where: [{ id: In([...seen.checkoutSession.keys()]) }, { customerId, status: CheckoutStatus.OPEN }],
  });
  return {
    customer,
    accounts,
    taken: new Set(live.flatMap(({ id, liveFor }) => (liveFor && id !== customerId ? [liveFor] : []))),
    subscriptions,
    invoices: new Map(invoices.map((invoice) => [invoice.id, invoice])),
    sessions,
    paymentMethods: await manager.findBy(PaymentMethod, { customerId }),
    taxIds: await manager.findBy(TaxId, { customerId }),
    ...(await readCatalogue(transaction, seen)),
  };
}

async function readCatalogue(
  { manager }: Transaction,
  seen: Seen,
): Promise<Pick<Stored, 'planOfPrice' | 'rankOfPlan'>> {
  const items = [...seen.subscription.values()].flatMap(({ state }) => state?.items ?? []);
  const priceIds = [...new Set(items.map(({ priceId }) => priceId))];
  const prices = priceIds.length > 0 ? await manager.findBy(Price, { id: In(priceIds) }) : [];
  const plans = await manager.find(Plan, { select: { id: true, key: true, rank: true } });
  return {
    planOfPrice: new Map(prices.flatMap(({ id, planKey }) => (planKey ? [[id, planKey] as const] : []))),
    rankOfPlan: new Map(plans.map(({ key, rank }) => [key, rank])),
  };
}

/** Rows exist before they are changed, so an upsert by primary key is all there is to it. */
async function writeRows({ manager, run }: Transaction, decision: Decision): Promise<void> {
  const revision = decision.account?.revision ?? 0;
  const syncedAt = decision.account?.syncedAt ?? 0;
  await putCustomer(manager, decision.customer);
  if (decision.account) await manager.update(Account, { id: decision.account.id }, { ...decision.account });
  for (const state of decision.subscriptions) {
    await manager.upsert(BillingSubscription, { ...state, syncedAt, revision }, ['id']);
  }
  if (decision.confirmed.length > 0)
    await manager.update(BillingSubscription, { id: In(decision.confirmed) }, { syncedAt });
  for (const [subscriptionId, items] of decision.items) {
    const kept = items.map(({ id }) => id);
    await run(
      `DELETE FROM subscription_items WHERE subscription_id = ? AND id NOT IN (${kept.map(() => '?').join(', ')})`,
      [subscriptionId, ...kept],
    );
    await manager.upsert(SubscriptionItem, items, ['id']);
  }
  for (const state of decision.invoices) await manager.upsert(Invoice, { ...state, revision }, ['id']);
  if (decision.removedInvoices.length > 0) await manager.delete(Invoice, { id: In(decision.removedInvoices) });
  for (const state of decision.paymentMethods) await manager.upsert(PaymentMethod, { ...state }, ['id']);
  if (decision.removedPaymentMethods.length > 0)
    await manager.delete(PaymentMethod, { id: In(decision.removedPaymentMethods) });
  for (const state of decision.taxIds) await manager.upsert(TaxId, { ...state }, ['id']);
  if (decision.removedTaxIds.length > 0) await manager.delete(TaxId, { id: In(decision.removedTaxIds) });
  for (const state of decision.sessions) await manager.upsert(CheckoutSession, { ...state }, ['id']);
}

/** Exactly one entry for each new revision, with every cause of the round. */
async function writeHistory(
  transaction: Transaction,
  random: Random,
  round: Round,
  { now }: Asked,
  { account, changes }: Decision,
  storeNow: number,
): Promise<void> {
  if (!account || changes.length === 0) return;
  const id = random.ulid();
  const keys = round.events.flatMap(({ event }) => event?.requestKey ?? []);
  const intents = await creditIntents(transaction, account.id, keys, id, storeNow);
  await appendAudit(transaction, {
    id,
    accountId: account.id,
    revision: account.revision,
    at: now,
    actor: actorOf(intents, round),
    causes: causesOf(intents, round),
    changes,
  });
}

const actorOf = (intents: readonly CreditedIntent[], round: Round): string =>
  intents[0]?.actor ?? (round.events.length > 0 || !round.woken ? 'stripe' : 'clock');

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
