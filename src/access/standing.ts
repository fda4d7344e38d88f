import type { Account } from '../accounts/account.entity.js';
import type { Catalogue, Loaders } from '../graphql/loaders.js';
import type { Parts } from '../parts.js';
import { defaultMethodId } from '../payments/payment-method.js';
import { featuresOf } from '../plans/feature.js';
import type { Plan } from '../plans/plan.entity.js';
import { BUILT_IN_FREE_PLAN, FREE_PLAN_KEY, isOffered, perMonth } from '../plans/plan.js';
import { mainSubscriptionOf } from '../subscriptions/main-subscription.js';
import type { PendingItem } from '../subscriptions/pending-change.js';
import { grantedBy } from '../subscriptions/recurring-amount.js';
import type { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { SubscriptionStatus, type SubscriptionState } from '../subscriptions/subscription.js';
import { type AccessDecision, decideAccess, isOnFreePlan } from './access.js';
import { EntitlementSource, type Grant, type Standing } from './entitlement.js';
import { type BillingSpan, usageWindow } from './usage-window.js';

/** What an account holds, before it is decided whether it may use it. */
export type Holding = Pick<Standing<Plan>, 'grants' | 'window' | 'counters'>;

export async function readHolding(loaders: Loaders, account: Account, now: number): Promise<Holding> {
  const catalogue = await loaders.catalogue();
  const main = await mainSubscriptionOf(loaders, account);
  const [subscriptions, counters] = await Promise.all([
    loaders.subscriptionsOf.load(account.id),
    loaders.usageOf.load(account.id),
  ]);
  return {
    grants: await grantsOf(loaders, account, main, catalogue),
    window: usageWindow(spanOf(main, subscriptions, account.createdAt), now),
    counters: new Map(counters.map((counter) => [counter.feature, counter])),
  };
}

/** Everything that decides what an account may use now. */
export async function readStanding(
  { config, catalogueRules, billing }: Pick<Parts, 'config' | 'catalogueRules' | 'billing'>,
  loaders: Loaders,
  account: Account,
): Promise<Standing<Plan>> {
  const now = billing.now();
  const catalogue = await loaders.catalogue();
  return {
    ...(await readHolding(loaders, account, now)),
    access: await readAccess(loaders, account, config, now),
    features: featuresOf([...catalogue.plans, ...catalogue.addOns], catalogueRules.features),
    ladder: cheapestFirst(catalogue, account.currency ?? config.defaultCurrency),
  };
}

export async function readAccess(
  loaders: Loaders,
  account: Account,
  policy: { graceDays: number },
  now: number,
): Promise<AccessDecision> {
  const main = await mainSubscriptionOf(loaders, account);
  const latest = main?.latestInvoiceId ? await loaders.invoice.load(main.latestInvoiceId) : null;
  return decideAccess(main, latest, policy, now, defaultMethodId(account, main) !== null);
}

/** The plan of a key as the account has it; the free one while the catalogue does not know it. */
export const planInForce = ({ planByKey }: Catalogue, key: string): Plan | null =>
  planByKey.get(key) ?? planByKey.get(FREE_PLAN_KEY) ?? null;

async function grantsOf(
  loaders: Loaders,
  { planKey }: Account,
  main: BillingSubscription | null,
  catalogue: Catalogue,
): Promise<Map<string, Grant>> {
  const plan = planInForce(catalogue, planKey);
  // Who has paid once is past the first payment, whatever the newest invoice says.
  const first = main?.lastPaymentAt === null ? main.latestInvoiceId : null;
  const latest = first === null ? null : await loaders.invoice.load(first);
  const items = main && !isOnFreePlan(main, latest) ? await paidItems(loaders, main) : [];
  const own = new Set((plan ?? BUILT_IN_FREE_PLAN).features.map(({ key }) => key));
  const ofPlan = main?.status === SubscriptionStatus.TRIALING ? EntitlementSource.TRIAL : EntitlementSource.PLAN;
  return new Map(
    grantedBy(plan, items, catalogue).map((feature) => [
      feature.key,
      { ...feature, source: own.has(feature.key) ? ofPlan : EntitlementSource.ADD_ON },
    ]),
  );
}

/** What is bought; of a change that is not paid yet, what there was before. */
async function paidItems({ itemsOf, invoice }: Loaders, main: BillingSubscription): Promise<PendingItem[]> {
  const items = await itemsOf.load(main.id);
  const change = main.unpaidChangeId ? await invoice.load(main.unpaidChangeId) : null;
  if (!change) return items;
  const changed = change.lines.filter(({ proration, amount }) => proration && amount !== 0);
  const before = changed.flatMap(({ amount, priceId, quantity }) =>
    amount < 0 && priceId !== null ? [{ priceId, quantity }] : [],
  );
  return [...items.filter(({ priceId }) => changed.every((line) => line.priceId !== priceId)), ...before];
}

/** The period of the main subscription, or of the last one that has ended. */
function spanOf(main: SubscriptionState | null, held: readonly SubscriptionState[], createdAt: number): BillingSpan {
  const paid = main ? [main] : held.filter(({ status }) => status === SubscriptionStatus.CANCELED);
  return paid.reduce<BillingSpan>(
    (latest, { currentPeriodStart: start, currentPeriodEnd: end }) =>
      start !== null && (start > latest.start || latest.end === null) ? { start, end } : latest,
    { start: createdAt, end: null },
  );
}

/** By what a month costs in that currency, then by rank; a plan without such a price comes last. */
function cheapestFirst({ plans, prices }: Catalogue, currency: string): Plan[] {
  const costOf = ({ key, free }: Plan) =>
    free
      ? 0
      : Math.min(
          ...prices
            .filter((price) => price.active && price.planKey === key && price.currency === currency)
            .map((price) => perMonth(price) ?? Infinity),
        );
  const costs = new Map(plans.filter((plan) => isOffered(plan, prices)).map((plan) => [plan, costOf(plan)]));
  return [...costs.keys()].sort((left, right) => compare(costs.get(left), costs.get(right)) || left.rank - right.rank);
}

const compare = (left = Infinity, right = Infinity): number => (left === right ? 0 : left - right);
