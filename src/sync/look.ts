import type Stripe from 'stripe';
import { In, IsNull } from 'typeorm';
import type { AccessPolicy } from '../access/access.js';
import { StripeCustomer } from '../accounts/stripe-customer.entity.js';
import { CheckoutSession } from '../checkout/checkout-session.entity.js';
import { CheckoutStatus } from '../checkout/checkout-session.js';
import { closeWaysIn } from '../checkout/close-ways-in.js';
import type { Database, Queries } from '../database/database.js';
import { findRows, type Fits } from '../database/find-rows.js';
import { Invoice } from '../invoices/invoice.entity.js';
import { InvoiceStatus } from '../invoices/invoice.js';
import { type Metrics, silentMetrics } from '../operations/figures.js';
import { isPaymentTold } from '../payments/invoice-payment.js';
import { fetchProduct } from '../plans/catalogue.fetch.js';
import type { MailKind } from '../notifications/decide-mails.js';
import { CATALOGUE_ID } from '../plans/catalogue.loader.js';
import { type CatalogueRules, NO_RULES } from '../plans/rules.js';
import { Price } from '../plans/price.entity.js';
import type { Hint, Ports } from '../ports.js';
import { isLiveAtStripe } from '../payments/live-subscriptions.js';
import { asJob } from '../stripe/patience.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { type Demand, demandsOf } from '../webhooks/handlers.js';
import type { StripeEvent } from '../webhooks/stripe-event.js';
import { apply, type RoundEnd } from './apply.js';
import { applyCatalogue } from './apply-catalogue.js';
import { applyCustomer } from './apply-customer.js';
import { fetchSeen, toFailure } from './fetch.js';
import { findOwner, forward } from './forward.js';
import { observeChanges, observeProduct, observeRound } from './observe.js';
import { finishedSince, type Round, type Wants } from './queue.js';
import { type CustomerDemand, nothingSeen, type Seen } from './seen.js';
import { parseSubject, subjectKey } from './subject.js';
import { denies, OLDEST_READ_MS } from './suspect.js';
import { needsFetch, wakesOf, type WakeState } from './wake.js';

/** One round: fetch what was asked, write what was seen, tell who watches. Throws FenceLost. */
export type Look = (round: Round, knock: (subject: string, wants: Wants) => void) => Promise<void>;

type Needs = Omit<Ports, 'hints' | 'mail' | 'redis'>;
interface LookOptions {
  policy: AccessPolicy;
  /** What the operator says of plans and prices beside Stripe. */
  catalogue?: CatalogueRules;
  announce: (hint: Hint) => void;
  mailKinds?: readonly MailKind[];
  mailQueued?: () => void;
  metrics?: Metrics;
}

export function createLook(needs: Needs, options: LookOptions): Look {
  return (round, knock) =>
    asJob(async () => {
      const { kind, id } = parseSubject(round.subject);
      if (kind === 'customer') await lookAtCustomer(needs, options, round, id, knock);
      else if (kind === 'catalogue') await lookAtProduct(needs, options, round, id, knock);
      else await lookForCustomer(needs, options, round, id, knock);
    });
}

/** The round of an object whose events do not name a customer. */
async function lookForCustomer(
  { database, stripe, wall, random }: Needs,
  { metrics = silentMetrics }: LookOptions,
  round: Round,
  id: string,
  knock: (subject: string, wants: Wants) => void,
): Promise<void> {
  const owner = await findOwner(stripe, round, id);
  const end = await forward(database, round, owner, random.fraction());
  observeRound(metrics, round, end, wall.now());
  if (owner.customer) knock(owner.customer, 'events');
}

async function lookAtCustomer(
  needs: Needs,
  { policy, announce, mailKinds = [], mailQueued, metrics = silentMetrics }: LookOptions,
  round: Round,
  customerId: string,
  knock: (subject: string, wants: Wants) => void,
): Promise<void> {
  const { database, random, wall, billing, log } = needs;
  if (isAnswered(round)) return void (await apply(database, round, async () => nothingNew(round)));
  const seen = await fetchCustomer(needs, policy, round, customerId);
  const end = await applyCustomer(database, random, round, {
    customerId,
    seen,
    events: round.events,
    policy,
    mailKinds,
    now: billing.now(),
    finished: await explanations(database.read, round, seen),
  });
  const { decision, mails } = end;
  observeRound(metrics, round, end, wall.now());
  observeChanges(metrics, decision.changes);
  if (decision.account && decision.changes.length > 0)
    announce({ topic: decision.account.id, revision: decision.account.revision });
  if (mails.length > 0) mailQueued?.();
  for (const { claimed, ...unknown } of decision.unknownOf)
    if (claimed) log.warn(unknown, 'a subscription has its plan from its metadata alone; give its price a lookup key');
    else {
      metrics.count('billing_unmapped_subscription_total');
      log.error(unknown, 'a live subscription is on a price that the catalogue does not know; it keeps what it had');
    }
  if (decision.secondSubscriptions.length > 0) {
    metrics.count('billing_second_subscription_total');
    const rest = { account: decision.account?.id, subscriptions: decision.secondSubscriptions };
    log.error(rest, 'an account has live subscriptions beside its main one; all are kept and charged');
  }
  if (decision.secondCustomerOf) {
    metrics.count('billing_second_customer_total');
    log.error({ customer: customerId, account: decision.secondCustomerOf }, 'a second live customer claims an account');
  }
  for (const { id, state, error } of decision.verdicts)
    if (state === 'dead') log.error({ event: id, reason: error }, 'event is dead');
  for (const product of await productsOf(needs, seen, decision.unknownPrices))
    knock(subjectKey({ kind: 'catalogue', id: product }), 'look');
  const isNews = decision.changes.length > 0 || round.confirming;
  if (decision.account && isNews && hasOneFromElsewhere(seen)) await closeWaysIn(needs, decision.account.id);
}

/** Whether there is a live subscription that no intent of ours began. */
const hasOneFromElsewhere = (seen: Seen): boolean =>
  [...seen.subscription.values()].some(({ raw }) => {
    const subscription = raw as (Pick<Stripe.Subscription, 'status'> & { metadata?: Stripe.Metadata }) | null;
    return subscription !== null && isLiveAtStripe(subscription) && subscription.metadata?.intent === undefined;
  });

/** Whether a round before this one has already looked at all that was asked for. */
const isAnswered = ({ events, lookWanted, woken, confirming }: Round): boolean =>
  events.length === 0 && !lookWanted && !woken && !confirming;

const nothingNew = ({ fence, sinceConfirmed }: Round): RoundEnd => ({
  ...{ verdicts: [], failed: false, retryDelayMs: null },
  confirmed: fence === 1 || sinceConfirmed !== null,
});

/** Finished events that may explain an answer which listed ones deny; only asked for when there are such. */
async function explanations(read: Queries, { subject, events }: Round, seen: Seen): Promise<StripeEvent[]> {
  const listed = events.flatMap(({ event }) => event ?? []);
  const denied = listed.filter((event) => denies(event, seen, listed));
  if (denied.length === 0) return [];
  return finishedSince(read, subject, Math.min(...denied.map(({ created }) => created)));
}

/** What to ask Stripe: what the events name; everything when somebody asked for a look; nothing for a wake-up of our own. */
export async function fetchCustomer(
  needs: Needs,
  policy: AccessPolicy,
  round: Round,
  customerId: string,
): Promise<Seen> {
  const { read } = needs.database;
  const [link] = await findRows(read, StripeCustomer, { where: [{ id: [customerId] }] });
  const demands: Demand[] = round.events.flatMap(({ event }) => (event ? demandsOf(event) : []));
  const { told, ...held } = await readHeld(read, customerId, demands);
  const wokenOnly = round.woken && round.events.length === 0 && !round.lookWanted;
  if (wokenOnly && !needsFetch(wakesOf(held, policy), needs.billing.now())) return nothingSeen();
  // Whose she is can only be read from the customer herself.
  if (!link?.accountId) demands.push({ kind: 'customer', id: customerId });
  const open = [
    ...held.subscriptions.map(({ id }) => ({ kind: 'subscription' as const, id })),
    ...[...held.invoices.keys()].map((id) => ({ kind: 'invoice' as const, id })),
    ...held.sessions.map(({ id }) => ({ kind: 'checkoutSession' as const, id })),
  ];
  const paid = new Set(held.subscriptions.flatMap(({ id, lastPaymentAt }) => (lastPaymentAt === null ? [] : id)));
  const everything = round.lookWanted || wokenOnly || round.confirming;
  const asked = { customer: customerId, demands, everything, held: open, told, paid };
  const seen = await fetchSeen(needs.stripe, needs.timers, asked);
  if (mayBeOlder(round)) doubtMissing(seen, round, open);
  return seen;
}

/** Whether Stripe's answers may be older than what we hold; how often it was asked meanwhile proves nothing. */
const mayBeOlder = ({ sinceWritten }: Round): boolean => sinceWritten !== null && sinceWritten < OLDEST_READ_MS;

/** "There is no such object" in an old answer would end for good what has only just begun. */
function doubtMissing(seen: Seen, { events }: Round, held: readonly { kind: CustomerDemand; id: string }[]): void {
  for (const { kind, id } of held) {
    if (seen[kind].get(id)?.state !== null) continue;
    if (events.some(({ event }) => event?.object.id === id && event.type === 'invoice.deleted')) continue;
    seen[kind].delete(id);
    seen.failures.set(id, { transient: true, message: `Stripe does not know ${id}, which it knew a moment ago.` });
  }
}

/** What is stored of a customer and not over, and which of the invoices that may be looked at are told to the end. */
async function readHeld(
  read: Database['read'],
  customer: string,
  demands: readonly Demand[],
): Promise<WakeState & { told: Set<string> }> {
  const customerId = [customer];
  const find = <Row extends object>(entity: new () => Row, ...where: Fits<Row>[]) => findRows(read, entity, { where });
  const subscriptions = (await find(BillingSubscription, { customerId })).filter(({ endedAt }) => endedAt === null);
  const named = demands.flatMap(({ kind, id }) => (kind === 'invoice' ? id : []));
  const latest = subscriptions.flatMap(({ latestInvoiceId }) => latestInvoiceId ?? []);
  const found = await find(
    Invoice,
    { customerId, status: [InvoiceStatus.OPEN, InvoiceStatus.DRAFT] },
    { id: [...named, ...latest], status: [InvoiceStatus.PAID] },
  );
  const open = found.filter(({ status }) => status !== InvoiceStatus.PAID);
  return {
    subscriptions,
    invoices: new Map(open.map((invoice) => [invoice.id, invoice])),
    told: new Set(found.filter(isPaymentTold).map(({ id }) => id)),
    sessions: await find(CheckoutSession, { customerId, status: [CheckoutStatus.OPEN] }),
  };
}

/** Products of prices whose plan was not known, so that the catalogue can learn it; one that sells no plan is left alone. */
async function productsOf({ database }: Needs, seen: Seen, priceIds: readonly string[]): Promise<string[]> {
  if (priceIds.length === 0) return [];
  const others = await database.read.manager.findBy(Price, { id: In([...priceIds]), planKey: IsNull() });
  const unknown = priceIds.filter((id) => !others.some((price) => price.id === id));
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
  const jitter = random.fraction();
  const seen = await fetchProduct(stripe, productId, catalogue).then(
    (product) => ({ product, failure: null, jitter }),
    (thrown: unknown) => ({ product: null, failure: toFailure(thrown), jitter }),
  );
  const end = await applyCatalogue(database, round, productId, seen);
  for (const { objectId, reason, warning } of seen.product?.problems ?? [])
    log.warn({ product: productId, object: objectId, reason }, warning ? 'a price is odd' : 'a product cannot be used');
  observeRound(metrics, round, end, wall.now());
  observeProduct(metrics, seen.product, end.revision !== null);
  if (end.revision !== null) announce({ topic: CATALOGUE_ID, revision: end.revision });
  end.customers.forEach((customer) => knock(customer, 'look'));
  end.products.forEach((product) => knock(subjectKey({ kind: 'catalogue', id: product }), 'look'));
}
