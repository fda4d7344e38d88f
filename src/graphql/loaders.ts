import DataLoader from 'dataloader';
import { In } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import { TaxId } from '../accounts/tax-id.entity.js';
import type { Database } from '../database/database.js';
import { CheckoutSession } from '../checkout/checkout-session.entity.js';
import { type AuditEntry, type AuditPage, readAuditEntries, readAuditPages } from '../history/audit.js';
import { Invoice } from '../invoices/invoice.entity.js';
import { createInvoiceLoaders, type InvoiceLoaders } from '../invoices/invoice.loader.js';
import { PaymentMethod } from '../payments/payment-method.entity.js';
import { AddOn } from '../plans/add-on.entity.js';
import { Plan } from '../plans/plan.entity.js';
import { BUILT_IN_FREE_PLAN, inEachCurrency } from '../plans/plan.js';
import { Price } from '../plans/price.entity.js';
import { SubscriptionItem } from '../subscriptions/subscription-item.entity.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';

/** The catalogue as one read: small, and wanted whole by every pricing page. */
export interface Catalogue {
  plans: Plan[];
  addOns: AddOn[];
  /** Each once for every currency it can be paid in. */
  prices: Price[];
  planByKey: ReadonlyMap<string, Plan>;
  priceById: ReadonlyMap<string, Price>;
}

export type AuditPageKey = AuditPage & { accountId: string };

/** Batches and remembers reads for one request, or for one live snapshot that many sockets share. */
export interface Loaders extends InvoiceLoaders {
  catalogue(): Promise<Catalogue>;
  /** Forgets what was read: after a write, answers must not come from before it. */
  forget(): void;
  account: DataLoader<string, Account | null>;
  subscription: DataLoader<string, BillingSubscription | null>;
  subscriptionsOf: DataLoader<string, BillingSubscription[]>;
  itemsOf: DataLoader<string, SubscriptionItem[]>;
  invoice: DataLoader<string, Invoice | null>;
  /** Newest first; they are few, so a page is cut from all of them. */
  paymentMethodsOf: DataLoader<string, PaymentMethod[]>;
  taxId: DataLoader<string, TaxId | null>;
  taxIdsOf: DataLoader<string, TaxId[]>;
  auditPage: DataLoader<AuditPageKey, AuditEntry[], string>;
  auditEntry: DataLoader<string, AuditEntry | null>;
  subscriptionItem: DataLoader<string, SubscriptionItem | null>;
  /** Account of the subscription that an item belongs to. */
  accountOfItem: DataLoader<string, string | null>;
  checkoutSession: DataLoader<string, CheckoutSession | null>;
  paymentMethod: DataLoader<string, PaymentMethod | null>;
}

export function createLoaders({ read }: Pick<Database, 'read'>): Loaders {
  let catalogue: Promise<Catalogue> | undefined;
  const { manager } = read;
  const invoice = byId(async (ids) => manager.findBy(Invoice, { id: In(ids) }));
  const batched = {
    account: byId(async (ids) => manager.findBy(Account, { id: In(ids) })),
    subscription: byId(async (ids) => manager.findBy(BillingSubscription, { id: In(ids) })),
    invoice,
    subscriptionsOf: grouped(
      (ids) =>
        manager.find(BillingSubscription, { where: { accountId: In(ids) }, order: { createdAt: 'ASC', id: 'ASC' } }),
      ({ accountId }) => accountId ?? '',
    ),
    itemsOf: grouped(
      (ids) => manager.find(SubscriptionItem, { where: { subscriptionId: In(ids) }, order: { id: 'ASC' } }),
      ({ subscriptionId }) => subscriptionId,
    ),
    taxId: byId(async (ids) => manager.findBy(TaxId, { id: In(ids) })),
    taxIdsOf: grouped(
      (ids) => manager.find(TaxId, { where: { accountId: In(ids) }, order: { createdAt: 'ASC', id: 'ASC' } }),
      ({ accountId }) => accountId ?? '',
    ),
    paymentMethodsOf: grouped(
      (ids) => manager.find(PaymentMethod, { where: { accountId: In(ids) }, order: { createdAt: 'DESC', id: 'DESC' } }),
      ({ accountId }) => accountId ?? '',
    ),
    ...createInvoiceLoaders(read, invoice),
    auditPage: new DataLoader((keys: readonly AuditPageKey[]) => readAuditPages(read, keys), {
      cacheKeyFn: JSON.stringify,
    }),
    auditEntry: byId((ids) => readAuditEntries(read, ids)),
    subscriptionItem: byId(async (ids) => manager.findBy(SubscriptionItem, { id: In(ids) })),
    accountOfItem: new DataLoader((ids: readonly string[]) => readAccountsOfItems(read, ids)),
    checkoutSession: byId(async (ids) => manager.findBy(CheckoutSession, { id: In(ids) })),
    paymentMethod: byId(async (ids) => manager.findBy(PaymentMethod, { id: In(ids) })),
  };
  return {
    ...batched,
    catalogue: () => (catalogue ??= readCatalogue(read)),
    forget() {
      catalogue = undefined;
      Object.values(batched).forEach((loader) => (loader as DataLoader<unknown, unknown>).clearAll());
    },
  };
}

function byId<Row extends { id: string }>(find: (ids: string[]) => Promise<Row[]>): DataLoader<string, Row | null> {
  return new DataLoader(async (ids) => {
    const found = new Map((await find([...ids])).map((row) => [row.id, row]));
    return ids.map((id) => found.get(id) ?? null);
  });
}

function grouped<Row>(
  find: (ids: string[]) => Promise<Row[]>,
  ownerOf: (row: Row) => string,
): DataLoader<string, Row[]> {
  return new DataLoader(async (ids) => {
    const groups = new Map<string, Row[]>(ids.map((id) => [id, []]));
    for (const row of await find([...ids])) groups.get(ownerOf(row))?.push(row);
    return ids.map((id) => groups.get(id) ?? []);
  });
}

async function readCatalogue({ manager }: Database['read']): Promise<Catalogue> {
  const plans = await manager.find(Plan, { order: { rank: 'ASC', key: 'ASC' } });
  const addOns = await manager.find(AddOn, { order: { key: 'ASC' } });
  const prices = (await manager.find(Price, { order: { createdAt: 'ASC', id: 'ASC' } })).flatMap(inEachCurrency);
  if (!plans.some(({ free }) => free)) plans.unshift(Object.assign(new Plan(), BUILT_IN_FREE_PLAN));
  return {
    plans,
    addOns,
    prices,
    planByKey: new Map(plans.map((plan) => [plan.key, plan])),
    priceById: new Map(prices.map((price) => [price.id, price])),
  };
}

async function readAccountsOfItems({ rows }: Database['read'], ids: readonly string[]): Promise<(string | null)[]> {
  const found = await rows<{ id: string; account: string | null }>(
    `SELECT i.id AS id, s.account_id AS account FROM subscription_items i JOIN subscriptions s ON s.id = i.subscription_id
     WHERE i.id IN (${ids.map(() => '?').join(', ')})`,
    ids,
  );
  const accounts = new Map(found.map(({ id, account }) => [id, account]));
  return ids.map((id) => accounts.get(id) ?? null);
}
