import { isDeepStrictEqual } from 'node:util';
import { decideAccess } from '../../src/access/access.js';
import { Account } from '../../src/accounts/account.entity.js';
import { CheckoutSession } from '../../src/checkout/checkout-session.entity.js';
import { toCheckoutSession } from '../../src/checkout/checkout-session.fetch.js';
import type { Database } from '../../src/database/database.js';
import type { Change } from '../../src/history/change.js';
import { Invoice } from '../../src/invoices/invoice.entity.js';
import { toInvoice } from '../../src/invoices/invoice.fetch.js';
import { lastPayment, type LastPaymentState, NEVER_PAID, NEVER_TRIED } from '../../src/payments/invoice-payment.js';
import { PaymentMethod } from '../../src/payments/payment-method.entity.js';
import { toPaymentMethod } from '../../src/payments/payment-method.fetch.js';
import { BillingSubscription } from '../../src/subscriptions/subscription.entity.js';
import { toSubscription } from '../../src/subscriptions/subscription.fetch.js';
import { mainSubscription, type SubscriptionState } from '../../src/subscriptions/subscription.js';
import { verifyAudit } from '../support/audit-chain.js';
import { CONFIG } from './gateway-process.js';
import type { Raw, StripeModel } from './stripe-model.js';
import { PRICES } from './stripe-objects.js';
import { expanded } from './stripe-answers.js';

export interface Tenant {
  account: string;
  customer: string;
}

type Fail = (violation: string) => void;
type State = Record<string, unknown> & { id: string };

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

function compare(what: string, stored: readonly object[], truth: readonly object[], fail: Fail): void {
  const held = new Map(stored.map((row) => [(row as State).id, row as State]));
  for (const state of truth as State[]) {
    const row = held.get(state.id);
    held.delete(state.id);
    if (!row) fail(`${what} ${state.id} is at Stripe and not stored`);
    for (const [field, value] of row ? Object.entries(state) : []) {
      if (!isDeepStrictEqual(plain(row?.[field]), plain(value)))
        fail(`${what} ${state.id}: ${field} is ${JSON.stringify(row?.[field])}, at Stripe ${JSON.stringify(value)}`);
    }
  }
  for (const id of held.keys()) fail(`${what} ${id} is stored and not at Stripe`);
}

function subscriptionOf(
  raw: Raw,
): Omit<SubscriptionState, 'accountId' | 'planKey' | 'unmapped' | 'unpaidChangeId' | keyof LastPaymentState> {
  const {
    items: _items,
    claimedAccountId: _claim,
    claimedPlanKey: _plan,
    productId: _product,
    ...state
  } = toSubscription(raw as never);
  return state;
}

/** Stripe does not keep when collection stopped; what is stored is the time of our first look. */
const withoutFirstLook = <State extends Pick<SubscriptionState, 'pause'>>(state: State): State => ({
  ...state,
  pause: state.pause?.of === 'collection' ? { ...state.pause, since: null } : state.pause,
});

async function checkTenant(
  { read }: Database,
  stripe: StripeModel,
  { account, customer }: Tenant,
  now: number,
  fail: Fail,
): Promise<void> {
  const { manager } = read;
  const of = (object: string) => stripe.of(object, customer);
  const live = stripe.get(customer)?.deleted !== true;
  const subscriptions = of('subscription').map((raw) => subscriptionOf(expanded(stripe, raw)));
  const storedSubscriptions = await manager.findBy(BillingSubscription, { accountId: account });
  compare('subscription', storedSubscriptions.map(withoutFirstLook), subscriptions, fail);
  const invoices = of('invoice').map((raw) => toInvoice(raw as never));
  compare('invoice', await manager.findBy(Invoice, { accountId: account }), invoices, fail);
  const sessions = of('checkout.session').map((raw) => {
    const { claimedAccountId: _claim, ...state } = toCheckoutSession(raw as never);
    return state;
  });
  compare('checkout session', await manager.findBy(CheckoutSession, { accountId: account }), sessions, fail);
  const cards = live ? of('payment_method').map((raw) => toPaymentMethod(raw as never)) : [];
  compare('payment method', await manager.findBy(PaymentMethod, { customerId: customer }), cards, fail);

  const row = await manager.findOneByOrFail(Account, { id: account });
  if (live && row.name !== stripe.get(customer)?.name && row.revision > 0)
    fail(`the name of ${account} is ${row.name}`);
  const ranks = Object.values(PRICES);
  const paidOf = (id: string) =>
    invoices
      .filter(({ subscriptionId }) => subscriptionId === id)
      .map((invoice) => ({ ...invoice, ...NEVER_TRIED, accountId: account }));
  const owned = subscriptions.map((state) => ({
    ...state,
    accountId: account,
    planKey: PRICES[state.priceId as keyof typeof PRICES],
    unmapped: false,
    unpaidChangeId: null,
    ...lastPayment({ ...NEVER_PAID, latestInvoiceId: null }, paidOf(state.id)),
  }));
  const main = mainSubscription(owned, (key) => ranks.indexOf(key as never));
  const latest = invoices.find(({ id }) => id === main?.latestInvoiceId);
  const access = decideAccess(main, latest ?? null, CONFIG, now);
  const answer = row.announcedAccess;
  for (const field of ['allowed', 'level', 'reason', 'until'] as const) {
    if ((answer?.[field] ?? null) !== (access[field] ?? null))
      fail(`access of ${account}: ${field} is ${answer?.[field]}, from Stripe ${access[field]}`);
  }
  await checkAudit({ read }, account, row.revision, fail);
}

const FINAL = ['CANCELED', 'INCOMPLETE_EXPIRED', 'PAID', 'VOID'];

async function checkAudit(
  { read }: Pick<Database, 'read'>,
  account: string,
  revision: number,
  fail: Fail,
): Promise<void> {
  try {
    const revisions = await verifyAudit({ read }, account);
    if (revisions.length !== revision) fail(`${account} is at revision ${revision}, its audit at ${revisions.length}`);
  } catch (thrown) {
    fail(`the audit of ${account}: ${(thrown as Error).message}`);
  }
  const rows = await read.rows<{ changes: string }>(
    'SELECT changes FROM audit WHERE account_id = ? ORDER BY revision',
    [account],
  );
  const ended = new Map<string, unknown>();
  for (const { id, object, after } of rows.flatMap(({ changes }) => JSON.parse(changes) as Change[])) {
    if ((object !== 'subscription' && object !== 'invoice') || typeof after?.status !== 'string') continue;
    if (ended.has(id) && ended.get(id) !== after.status) fail(`${id} left its final state for ${after.status}`);
    if (FINAL.includes(after.status)) ended.set(id, after.status);
  }
}

async function checkEvents({ read }: Database, stripe: StripeModel, fail: Fail): Promise<void> {
  const rows = await read.rows<{ id: string; type: string; state: string; body: Buffer }>(
    'SELECT id, type, state, body FROM stripe_events',
  );
  const told = stripe.listed().length;
  if (rows.length !== told) fail(`${rows.length} of ${told} events are stored`);
  for (const { id, type, state, body } of rows) {
    const event = JSON.parse(Buffer.from(body).toString('utf8')) as { data: { object: Raw } };
    const gone = stripe.get(event.data.object.id) === null;
    if (state !== 'done' && !(state === 'unmatched' && gone)) fail(`${type} ${id} ended as ${state}`);
  }
}

/** What must hold once everything was delivered and nothing is left to do. */
export async function checkAll(
  database: Database,
  stripe: StripeModel,
  tenants: readonly Tenant[],
  billingNow: number,
  fail: Fail,
): Promise<void> {
  for (const tenant of tenants) await checkTenant(database, stripe, tenant, billingNow, fail);
  await checkEvents(database, stripe, fail);
}
