import { type EntityManager, In, IsNull } from 'typeorm';
import type { AccessPolicy } from '../access/access.js';
import { StripeCustomer } from '../accounts/stripe-customer.entity.js';
import { CheckoutSession } from '../checkout/checkout-session.entity.js';
import { CheckoutStatus } from '../checkout/checkout-session.js';
import { Invoice } from '../invoices/invoice.entity.js';
import { InvoiceStatus } from '../invoices/invoice.js';
import { type Metrics, silentMetrics } from '../operations/figures.js';
import { fetchProduct } from '../plans/catalogue.fetch.js';
import { type CatalogueRules, NO_RULES } from '../plans/rules.js';
import { Price } from '../plans/price.entity.js';
import type { Hint, Ports } from '../ports.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { type Demand, demandsOf } from '../webhooks/handlers.js';
import { applyCatalogue, CATALOGUE_ID } from './apply-catalogue.js';
import { applyCustomer } from './apply-customer.js';
import { fetchSeen, toFailure } from './fetch.js';
import { findOwner, forward } from './forward.js';
import { observeChanges, observeProduct, observeRound } from './observe.js';
import type { Round, Wants } from './queue.js';
import { type CustomerDemand, nothingSeen, type Seen } from './seen.js';
import { parseSubject, subjectKey } from './subject.js';
import { OLDEST_READ_MS } from './suspect.js';
import { needsFetch, wakesOf, type WakeState } from './wake.js';

/** One round: fetch what was asked, write what was seen, tell who watches. Throws FenceLost. */
export type Look = (round: Round, knock: (subject: string, wants: Wants) => void) => Promise<void>;

type Needs = Omit<Ports, 'hints'>;
interface LookOptions {
  policy: AccessPolicy;
  /** What the operator says of plans and prices beside Stripe. */
  catalogue?: CatalogueRules;
  announce: (hint: Hint) => void;
  metrics?: Metrics;
}

export function createLook(needs: Needs, options: LookOptions): Look {
  return async (round, knock) => {
    const subject = parseSubject(round.subject);
    if (subject.kind === 'customer') await lookAtCustomer(needs, options, round, subject.id, knock);
    else if (subject.kind === 'catalogue') await lookAtProduct(needs, options, round, subject.id, knock);
    else {
      const owner = await findOwner(needs.stripe, round, subject.id);
      const wall = needs.wall.now();
      const end = await forward(needs.database, round, owner, { wall, jitter: needs.random.fraction() });
      observeRound(options.metrics ?? silentMetrics, round, end.verdicts, wall);
      if (owner.customer) knock(owner.customer, 'events');
    }
  };
}

async function lookAtCustomer(
  needs: Needs,
  { policy, announce, metrics = silentMetrics }: LookOptions,
  round: Round,
  customerId: string,
  knock: (subject: string, wants: Wants) => void,
): Promise<void> {
  const { database, random, wall, billing, log } = needs;
  const seen = await fetchCustomer(needs, policy, round, customerId);
  const { decision } = await applyCustomer(database, random, round, {
    customerId,
    seen,
    events: round.events,
    policy,
    now: billing.now(),
    wallNow: wall.now(),
  });
  observeRound(metrics, round, decision.verdicts, wall.now());
  observeChanges(metrics, decision.changes);
  if (decision.account && decision.changes.length > 0)
    announce({ topic: decision.account.id, revision: decision.account.revision });
  if (decision.secondCustomerOf)
    log.error({ customer: customerId, account: decision.secondCustomerOf }, 'a second live customer claims an account');
  for (const { id, state, error } of decision.verdicts)
    if (state === 'dead') log.error({ event: id, reason: error }, 'event is dead');
  for (const product of await productsOf(needs, seen, decision.unknownPrices))
    knock(subjectKey({ kind: 'catalogue', id: product }), 'look');
}

/** What to ask Stripe: what the events name; everything when somebody asked for a look; nothing for a wake-up of our own. */
async function fetchCustomer(needs: Needs, policy: AccessPolicy, round: Round, customerId: string): Promise<Seen> {
  const { manager } = needs.database.read;
  const held = await readHeld(manager, customerId);
  const link = await manager.findOneBy(StripeCustomer, { id: customerId });
  const demands: Demand[] = round.events.flatMap(({ event }) => (event ? demandsOf(event) : []));
  const wokenOnly = round.woken && round.events.length === 0 && !round.lookWanted;
  if (wokenOnly && !needsFetch(wakesOf(held, policy), needs.billing.now())) return nothingSeen();
  // Whose she is can only be read from the customer herself.
  if (!link?.accountId) demands.push({ kind: 'customer', id: customerId });
  const open = [
    ...held.subscriptions.map(({ id }) => ({ kind: 'subscription' as const, id })),
    ...[...held.invoices.keys()].map((id) => ({ kind: 'invoice' as const, id })),
    ...held.sessions.map(({ id }) => ({ kind: 'checkoutSession' as const, id })),
  ];
  const everything = round.lookWanted || wokenOnly || round.confirming;
  const seen = await fetchSeen(needs.stripe, needs.timers, { customer: customerId, demands, everything, held: open });
  if (mayBeOlder(round)) doubtMissing(seen, round, open);
  return seen;
}

/** Far more than the oldest answer takes to be outlived. */
const DOUBTS = 6;

/** Whether Stripe's answers may be older than what we hold. */
const mayBeOlder = ({ sinceConfirmed, confirming, attempts }: Round): boolean =>
  attempts < DOUBTS && (sinceConfirmed === null ? !confirming : sinceConfirmed < OLDEST_READ_MS);

/** "There is no such object" in an old answer would end for good what has only just begun. */
function doubtMissing(seen: Seen, { events }: Round, held: readonly { kind: CustomerDemand; id: string }[]): void {
  for (const { kind, id } of held) {
    if (seen[kind].get(id)?.state !== null) continue;
    if (events.some(({ event }) => event?.object.id === id && event.type.endsWith('.deleted'))) continue;
    seen[kind].delete(id);
    seen.failures.set(id, { transient: true, message: `Stripe does not know ${id}, which it knew a moment ago.` });
  }
}

/** What is stored of a customer and not over. */
async function readHeld(manager: EntityManager, customerId: string): Promise<WakeState> {
  const invoices = await manager.findBy(Invoice, { customerId, status: In([InvoiceStatus.OPEN, InvoiceStatus.DRAFT]) });
  return {
    subscriptions: await manager.findBy(BillingSubscription, { customerId, endedAt: IsNull() }),
    invoices: new Map(invoices.map((invoice) => [invoice.id, invoice])),
    sessions: await manager.findBy(CheckoutSession, { customerId, status: CheckoutStatus.OPEN }),
  };
}

/** Products of prices that the catalogue does not know, so that it can learn them. */
async function productsOf({ database }: Needs, seen: Seen, priceIds: readonly string[]): Promise<string[]> {
  if (priceIds.length === 0) return [];
  const known = await database.read.manager.findBy(Price, { id: In([...priceIds]) });
  const unknown = priceIds.filter((id) => !known.some((price) => price.id === id));
  return [
    ...new Set(
      [...seen.subscription.values()].flatMap(({ state }) =>
        state && unknown.includes(state.priceId) ? state.productId : [],
      ),
    ),
  ];
}

async function lookAtProduct(
  { database, stripe, wall, random, log }: Needs,
  { announce, catalogue = NO_RULES, metrics = silentMetrics }: LookOptions,
  round: Round,
  productId: string,
  knock: (subject: string, wants: Wants) => void,
): Promise<void> {
  const times = { wallNow: wall.now(), jitter: random.fraction() };
  const seen = await fetchProduct(stripe, productId, catalogue).then(
    (product) => ({ product, failure: null, ...times }),
    (thrown: unknown) => ({ product: null, failure: toFailure(thrown), ...times }),
  );
  const end = await applyCatalogue(database, round, productId, seen);
  for (const { objectId, reason, warning } of seen.product?.problems ?? [])
    log.warn({ product: productId, object: objectId, reason }, warning ? 'a price is odd' : 'a product cannot be used');
  observeRound(metrics, round, end.verdicts, wall.now());
  observeProduct(metrics, seen.product, end.revision !== null);
  if (end.revision !== null) announce({ topic: CATALOGUE_ID, revision: end.revision });
  end.customers.forEach((customer) => knock(customer, 'look'));
}
