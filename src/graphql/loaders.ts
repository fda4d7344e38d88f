import DataLoader from 'dataloader';
import { In } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import type { Database } from '../database/database.js';
import { type AuditEntry, readAudit } from '../history/audit.js';
import { Invoice } from '../invoices/invoice.entity.js';
import { PaymentMethod } from '../payments/payment-method.entity.js';
import { Plan } from '../plans/plan.entity.js';
import { BUILT_IN_FREE_PLAN } from '../plans/plan.js';
import { Price } from '../plans/price.entity.js';
import { SubscriptionItem } from '../subscriptions/subscription-item.entity.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';

/** The catalogue as one read: small, and wanted whole by every pricing page. */
export interface Catalogue {
  plans: Plan[];
  prices: Price[];
  planByKey: ReadonlyMap<string, Plan>;
  priceById: ReadonlyMap<string, Price>;
}

export interface AuditPageKey {
  accountId: string;
  before?: number;
  after?: number;
  limit: number;
}

export interface InvoicePageKey {
  accountId: string;
  /** Position behind which the page begins. */
  after?: { createdAt: number; id: string };
  limit: number;
}

/** Batches and remembers reads for one request, or for one live snapshot that many sockets share. */
export interface Loaders {
  catalogue(): Promise<Catalogue>;
  account: DataLoader<string, Account | null>;
  subscription: DataLoader<string, BillingSubscription | null>;
  subscriptionsOf: DataLoader<string, BillingSubscription[]>;
  itemsOf: DataLoader<string, SubscriptionItem[]>;
  invoice: DataLoader<string, Invoice | null>;
  /** Newest first; they are few, so a page is cut from all of them. */
  paymentMethodsOf: DataLoader<string, PaymentMethod[]>;
  invoicePage: DataLoader<InvoicePageKey, Invoice[], string>;
  auditPage: DataLoader<AuditPageKey, AuditEntry[], string>;
}

export function createLoaders({ read }: Pick<Database, 'read'>): Loaders {
  let catalogue: Promise<Catalogue> | undefined;
  const { manager } = read;
  return {
    catalogue: () => (catalogue ??= readCatalogue(read)),
    account: byId(async (ids) => manager.findBy(Account, { id: In(ids) })),
    subscription: byId(async (ids) => manager.findBy(BillingSubscription, { id: In(ids) })),
    invoice: byId(async (ids) => manager.findBy(Invoice, { id: In(ids) })),
    subscriptionsOf: grouped(
      (ids) =>
        manager.find(BillingSubscription, { where: { accountId: In(ids) }, order: { createdAt: 'ASC', id: 'ASC' } }),
      ({ accountId }) => accountId ?? '',
    ),
    itemsOf: grouped(
      (ids) => manager.find(SubscriptionItem, { where: { subscriptionId: In(ids) }, order: { id: 'ASC' } }),
      ({ subscriptionId }) => subscriptionId,
    ),
    paymentMethodsOf: grouped(
      (ids) => manager.find(PaymentMethod, { where: { accountId: In(ids) }, order: { createdAt: 'DESC', id: 'DESC' } }),
      ({ accountId }) => accountId ?? '',
    ),
    invoicePage: new DataLoader((keys) => Promise.all(keys.map((key) => readInvoicePage(read, key))), {
      cacheKeyFn: JSON.stringify,
    }),
    auditPage: new DataLoader((keys) => Promise.all(keys.map((key) => readAudit(read, key.accountId, key))), {
      cacheKeyFn: JSON.stringify,
    }),
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
  const prices = await manager.find(Price, { order: { createdAt: 'ASC', id: 'ASC' } });
  if (!plans.some(({ free }) => free)) plans.unshift(Object.assign(new Plan(), BUILT_IN_FREE_PLAN));
  return {
    plans,
    prices,
    planByKey: new Map(plans.map((plan) => [plan.key, plan])),
    priceById: new Map(prices.map((price) => [price.id, price])),
  };
}

/** Newest first; the id decides between invoices of one second. */
async function readInvoicePage(
  { manager }: Database['read'],
  { accountId, after, limit }: InvoicePageKey,
): Promise<Invoice[]> {
  const query = manager
    .createQueryBuilder(Invoice, 'invoice')
    .where('invoice.accountId = :accountId', { accountId })
    .orderBy('invoice.createdAt', 'DESC')
    .addOrderBy('invoice.id', 'DESC')
    .limit(limit);
  if (after) {
    query.andWhere('(invoice.createdAt < :createdAt OR (invoice.createdAt = :createdAt AND invoice.id < :id))', after);
  }
  return query.getMany();
}
