import DataLoader from 'dataloader';
import { UsageCounter } from '../access/usage-counter.entity.js';
import { Account } from '../accounts/account.entity.js';
import { TaxId } from '../accounts/tax-id.entity.js';
import type { Database } from '../database/database.js';
import { findRows, type FindOptions, type Fits } from '../database/find-rows.js';
import { CheckoutSession } from '../checkout/checkout-session.entity.js';
import { type AuditEntry, type AuditPage, readAuditEntries, readAuditPages } from '../history/audit.js';
import { readReasons } from '../intents/intent-reasons.js';
import { Invoice } from '../invoices/invoice.entity.js';
import { createInvoiceLoaders, type InvoiceLoaders } from '../invoices/invoice.loader.js';
import { PaymentMethod } from '../payments/payment-method.entity.js';
import { type Catalogue, readCatalogue } from '../plans/catalogue.loader.js';
import { SubscriptionItem } from '../subscriptions/subscription-item.entity.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';

export type { Catalogue };
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
  /** Why staff did it, by the intent that did. */
  reasonOfIntent: DataLoader<string, string | null>;
  subscriptionItem: DataLoader<string, SubscriptionItem | null>;
  /** Account of the subscription that an item belongs to. */
  accountOfItem: DataLoader<string, string | null>;
  checkoutSession: DataLoader<string, CheckoutSession | null>;
  paymentMethod: DataLoader<string, PaymentMethod | null>;
  /** What was counted of each feature. */
  usageOf: DataLoader<string, UsageCounter[]>;
}

export function createLoaders({ read }: Pick<Database, 'read'>): Loaders {
  let catalogue: Promise<Catalogue> | undefined;
  const byId = <Row extends { id: string }>(entity: new () => Row) =>
    rowsById((ids) => findRows<Row>(read, entity, { where: [{ id: ids } as Fits<Row>] }));
  const of = <Row extends object>(
    entity: new () => Row,
    owner: keyof Row & string,
    order: FindOptions<Row>['order'],
  ): DataLoader<string, Row[]> =>
    grouped(
      (ids) => findRows(read, entity, { where: [{ [owner]: ids } as unknown as Fits<Row>], order }),
      (row) => String(row[owner]),
    );
  const invoice = byId(Invoice);
  const batched = {
    account: byId(Account),
    subscription: byId(BillingSubscription),
    invoice,
    subscriptionsOf: of(BillingSubscription, 'accountId', { createdAt: 'ASC', id: 'ASC' }),
    itemsOf: of(SubscriptionItem, 'subscriptionId', { id: 'ASC' }),
    taxId: byId(TaxId),
    taxIdsOf: of(TaxId, 'accountId', { createdAt: 'ASC', id: 'ASC' }),
    paymentMethodsOf: of(PaymentMethod, 'accountId', { createdAt: 'DESC', id: 'DESC' }),
    ...createInvoiceLoaders(read, invoice),
    auditPage: new DataLoader((keys: readonly AuditPageKey[]) => readAuditPages(read, keys), {
      cacheKeyFn: JSON.stringify,
    }),
    auditEntry: rowsById((ids) => readAuditEntries(read, ids)),
    reasonOfIntent: new DataLoader((ids: readonly string[]) => readReasons(read, ids)),
    subscriptionItem: byId(SubscriptionItem),
    accountOfItem: new DataLoader((ids: readonly string[]) => readAccountsOfItems(read, ids)),
    checkoutSession: byId(CheckoutSession),
    paymentMethod: byId(PaymentMethod),
    usageOf: of(UsageCounter, 'accountId', { feature: 'ASC' }),
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

function rowsById<Row extends { id: string }>(find: (ids: string[]) => Promise<Row[]>): DataLoader<string, Row | null> {
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

async function readAccountsOfItems({ rows }: Database['read'], ids: readonly string[]): Promise<(string | null)[]> {
  const found = await rows<{ id: string; account: string | null }>(
    `SELECT i.id AS id, s.account_id AS account FROM subscription_items i JOIN subscriptions s ON s.id = i.subscription_id
     WHERE i.id IN (${ids.map(() => '?').join(', ')})`,
    ids,
  );
  const accounts = new Map(found.map(({ id, account }) => [id, account]));
  return ids.map((id) => accounts.get(id) ?? null);
}
