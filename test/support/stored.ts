import { Account } from '../../src/accounts/account.entity.js';
import { newAccount } from '../../src/accounts/account.js';
import { CheckoutSession } from '../../src/checkout/checkout-session.entity.js';
import { appendAudit } from '../../src/history/audit.js';
import { Invoice } from '../../src/invoices/invoice.entity.js';
import type { InvoiceState } from '../../src/invoices/invoice.js';
import { PaymentMethod } from '../../src/payments/payment-method.entity.js';
import { PaymentMethodKind } from '../../src/payments/payment-method.js';
import { SubscriptionItem } from '../../src/subscriptions/subscription-item.entity.js';
import { BillingSubscription } from '../../src/subscriptions/subscription.entity.js';
import { anInvoice, aSession, aSubscription, DAY, NOW } from './states.js';
import type { World } from './world.js';

/** Ids of what `storeTenant` has put there. */
export interface StoredTenant {
  account: string;
  subscription: string;
  item: string;
  invoice: string;
  session: string;
  method: string;
  entry: string;
}

const database = (world: World) => world.gateway.parts.database;

/** Puts invoices into the database as the sync would have; each a day older than the one before. */
export async function storeInvoices(world: World, accountId: string, states: Partial<InvoiceState>[]): Promise<void> {
  const rows = states.map((state, at) => ({
    ...anInvoice({ id: `in_${at}`, accountId, createdAt: NOW - at * DAY, ...state }),
    revision: 1,
  }));
  await database(world).transaction(({ manager }) => manager.insert(Invoice, rows));
}

/** An account that owns one of everything, its ids ending in `name`. */
export async function storeTenant(world: World, externalId: string, name: string): Promise<StoredTenant> {
  const { random } = world.gateway.parts;
  const account = { ...newAccount(externalId, NOW), announcedAccess: null, name: `Secret of ${name}`, revision: 1 };
  const ids: StoredTenant = {
    account: account.id,
    subscription: `sub_${name}`,
    item: `si_${name}`,
    invoice: `in_${name}`,
    session: `cs_test_${name}`,
    method: `pm_${name}`,
    entry: random.ulid(),
  };
  const owner = { accountId: account.id, customerId: `cus_${name}` };
  await database(world).transaction(async (transaction) => {
    const { manager } = transaction;
    await manager.upsert(Account, { ...account }, ['id']);
    const subscription = aSubscription({ id: ids.subscription, latestInvoiceId: ids.invoice, ...owner });
    await manager.insert(BillingSubscription, { ...subscription, syncedAt: NOW, revision: 1 });
    await manager.insert(SubscriptionItem, {
      id: ids.item,
      subscriptionId: ids.subscription,
      priceId: 'price_team',
      quantity: 1,
    });
    await manager.insert(Invoice, {
      ...anInvoice({ id: ids.invoice, number: `SECRET-${name}`, ...owner }),
      revision: 1,
    });
    const { claimedAccountId: __, ...session } = aSession({ id: ids.session, customerId: owner.customerId });
    await manager.insert(CheckoutSession, { ...session, accountId: account.id });
    await manager.insert(PaymentMethod, {
      ...{ id: ids.method, ...owner, kind: PaymentMethodKind.CARD, kindRaw: 'card', brand: 'visa', last4: '4242' },
      ...{ expMonth: 12, expYear: 2030, createdAt: NOW },
    });
    await appendAudit(transaction, {
      id: ids.entry,
      accountId: account.id,
      revision: 1,
      at: NOW,
      actor: `secret-actor-of-${name}`,
      causes: [],
      changes: [],
    });
  });
  return ids;
}
