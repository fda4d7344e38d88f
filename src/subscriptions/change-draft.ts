import type { Account } from '../accounts/account.entity.js';
import type { Catalogue, Loaders } from '../graphql/loaders.js';
import type { Parts } from '../parts.js';
import type { PaymentMethod } from '../payments/payment-method.entity.js';
import { seatsOf } from '../plans/metadata.js';
import type { Plan } from '../plans/plan.entity.js';
import { type BillingInterval, priceFor, seatsProblem, stripePriceId } from '../plans/plan.js';
import type { Price } from '../plans/price.entity.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import type { StripeChange } from './change-at-stripe.js';
import { ChangeKind, ChangeTiming, type Classified, classifyChange, sideOf } from './classify-change.js';
import { blockersOf, type ChangeNotice, compareFeatures, type FeatureDiffState, noticesOf } from './judge-change.js';
import { requireSubscription } from './main-subscription.js';
import { priceIn } from './recurring-amount.js';
import type { SubscriptionItem } from './subscription-item.entity.js';
import type { BillingSubscription } from './subscription.entity.js';
import { cancellationAt, SubscriptionStatus } from './subscription.js';

/** What somebody wants to have instead. What is null stays as it is. */
export interface ChangeAsked {
  account: Account;
  /** Null for the main one. */
  subscription: string | null;
  plan: string | null;
  interval: BillingInterval | null;
  currency: string | null;
  seats: number | null;
  timing: ChangeTiming | null;
  /** An operator may replace what was booked elsewhere. */
  operator: boolean;
}

/** A change as far as it can be known without asking Stripe. */
export interface ChangeDraft extends Classified {
  account: Account;
  subscription: BillingSubscription;
  /** The item that carries the plan; the others stay as they are. */
  item: SubscriptionItem;
  items: SubscriptionItem[];
  fromPlan: Plan | null;
  fromPrice: Price | null;
  toPlan: Plan;
  /** Null for the free plan. */
  toPrice: Price | null;
  fromSeats: number;
  toSeats: number;
  effectiveAt: number;
  trialing: boolean;
  blockers: ChangeNotice[];
  notices: ChangeNotice[];
  features: FeatureDiffState[];
  paymentMethod: PaymentMethod | null;
}

/** Works out what a change is, from stored rows. Throws Refusal when it names what cannot be bought. */
export async function draftChange(parts: Parts, loaders: Loaders, asked: ChangeAsked): Promise<ChangeDraft> {
  const { account } = asked;
  const subscription = await requireSubscription(parts, account.id, asked.subscription);
  const catalogue = await loaders.catalogue();
  const fromPrice = priceIn(catalogue, subscription.priceId, subscription.currency);
  const fromPlan = catalogue.planByKey.get(subscription.planKey ?? '') ?? null;
  const target = requireTarget(catalogue, asked, subscription, fromPrice);
  const trialing = subscription.status === SubscriptionStatus.TRIALING;
  const [from, to] = [
    sideOf(fromPlan, fromPrice, subscription.priceId, subscription.seats),
    sideOf(target.plan, target.price, target.price && stripePriceId(target.price.id), target.seats),
  ];
  const pending = cancellationAt(subscription) !== null || subscription.pendingChange !== null;
  const classified = classifyChange(from, to, { trialing, pending, timing: asked.timing });
  const items = await loaders.itemsOf.load(subscription.id);
  const item = items.find(({ priceId }) => priceId === subscription.priceId) ?? items[0];
  if (!item) throw new Refusal(UserErrorCode.OTHER, 'This subscription has no items, so there is nothing to change.');
  const paymentMethod = await paymentMethodOf(loaders, account, subscription);
  const features = compareFeatures(fromPlan?.features ?? [], target.plan.features);
  const toFree = target.price === null;
  return {
    ...classified,
    account,
    subscription,
    item,
    items,
    fromPlan,
    fromPrice,
    toPlan: target.plan,
    toPrice: target.price,
    fromSeats: subscription.seats,
    toSeats: target.seats,
    effectiveAt: effectiveAt(parts, classified, subscription),
    trialing,
    blockers: blockersOf({
      subscription,
      currency: target.price?.currency ?? subscription.currency,
      toFree,
      timing: classified.timing,
      hasPaymentMethod: paymentMethod !== null,
      operator: asked.operator,
    }),
    notices: noticesOf(subscription, features, toFree),
    features,
    paymentMethod,
  };
}

function effectiveAt({ billing }: Parts, { timing }: Classified, subscription: BillingSubscription): number {
  if (timing === ChangeTiming.NOW) return billing.now();
  return (
    cancellationAt(subscription) ??
    (subscription.status === SubscriptionStatus.TRIALING ? subscription.trialEnd : null) ??
    subscription.currentPeriodEnd ??
    billing.now()
  );
}

function requireTarget(
  { planByKey, prices }: Catalogue,
  asked: ChangeAsked,
  subscription: BillingSubscription,
  fromPrice: Price | null,
): { plan: Plan; price: Price | null; seats: number } {
  const refused = (field: string, message: string, code = UserErrorCode.PLAN_NOT_AVAILABLE) =>
    new Refusal(code, message, { field: ['input', field], hint: 'Offer what `plans` lists.' });
  const key = asked.plan ?? subscription.planKey ?? '';
  const plan = planByKey.get(key);
  if (!plan) throw refused('plan', `There is no plan '${key}' on sale.`);
  const seats = asked.seats ?? subscription.seats;
  if (plan.free) return { plan, price: null, seats };
  const interval = asked.interval ?? fromPrice?.interval;
  // Who keeps a plan or a price that is sold no more may still change seats, or take back what is pending.
  const keeps = fromPrice?.planKey === key && fromPrice.interval === interval && !asked.currency;
  const price = interval ? priceFor(plan, interval, asked.currency ?? subscription.currency, prices) : null;
  const kept = keeps && (plan.archived || price === null) ? fromPrice : null;
  if (plan.archived && !kept) throw refused('plan', `There is no plan '${key}' on sale.`);
  const found = kept ?? price;
  if (!found)
    throw refused(
      'interval',
      `'${key}' is not sold by the ${String(interval).toLowerCase()} in ${asked.currency ?? subscription.currency}.`,
    );
  const problem = seatsProblem(seats, seatsOf(plan.metadata));
  if (problem) throw refused('seats', `seats ${problem}.`, UserErrorCode.QUANTITY_OUT_OF_RANGE);
  return { plan, price: found, seats };
}

async function paymentMethodOf(
  loaders: Loaders,
  account: Account,
  subscription: BillingSubscription,
): Promise<PaymentMethod | null> {
  const methods = await loaders.paymentMethodsOf.load(account.id);
  const byId = (id: string | null) => methods.find((method) => method.id === id) ?? null;
  return byId(subscription.defaultPaymentMethodId) ?? byId(account.defaultPaymentMethodId);
}

/** Whether nothing has to be done at all. */
export const isNoOp = ({ kind, subscription, toPrice }: ChangeDraft): boolean =>
  kind === ChangeKind.NO_OP || (toPrice === null && cancellationAt(subscription) !== null);

/** The change in Stripe's words; null where nothing that has a price changes. */
export function stripeChangeOf(draft: ChangeDraft): StripeChange | null {
  const { toPrice, kind, item, toSeats, subscription, trialing, resetsAnchor } = draft;
  if (toPrice === null || kind === ChangeKind.REACTIVATION || kind === ChangeKind.NO_OP) return null;
  const items = [{ id: item.id, price: stripePriceId(toPrice.id), quantity: toSeats }];
  return { subscriptionId: subscription.id, items, trialing, resetsAnchor };
}
