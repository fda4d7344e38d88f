import { usedNow } from '../access/entitlement.js';
import { readHolding } from '../access/standing.js';
import type { Account } from '../accounts/account.entity.js';
import type { Catalogue, Loaders } from '../graphql/loaders.js';
import { InvoiceStatus, isBeingCollected, isWaived } from '../invoices/invoice.js';
import type { Parts } from '../parts.js';
import type { PaymentMethod } from '../payments/payment-method.entity.js';
import type { DiscountDuration, PromotionCodeState } from '../checkout/promotion-code.js';
import { featureName } from '../plans/feature.js';
import type { Plan } from '../plans/plan.entity.js';
import { type BillingInterval, FeatureKind, isReplaced, isSamePeriod, stripePriceId } from '../plans/plan.js';
import type { Price } from '../plans/price.entity.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { addInterval } from './add-interval.js';
import type { StripeChange } from './change-at-stripe.js';
import { type AddOnAsked, itemChanges, targetExtras, type TargetItem } from './change-items.js';
import { requireTarget } from './change-target.js';
import { ChangeKind, ChangeTiming, type Classified, classifyChange, sideOf } from './classify-change.js';
import {
  blockersOf,
  type ChangeNotice,
  compareFeatures,
  type FeatureDiffState,
  noticesOf,
  type Overflow,
  overflowOf,
  type UnpaidPeriod,
} from './judge-change.js';
import { requireSubscription } from './main-subscription.js';
import { extrasAmount, grantedBy, priceIn } from './recurring-amount.js';
import type { SubscriptionItem } from './subscription-item.entity.js';
import type { BillingSubscription } from './subscription.entity.js';
import { cancellationAt, endsAtOnce, SubscriptionStatus } from './subscription.js';

/** What somebody wants to have instead. What is null stays as it is. */
export interface ChangeAsked {
  account: Account;
  /** Null for the main one. */
  subscription: string | null;
  plan: string | null;
  interval: BillingInterval | null;
  currency: string | null;
  seats: number | null;
  /** All add-ons as they are to be; null leaves them. */
  addOns: readonly AddOnAsked[] | null;
  timing: ChangeTiming | null;
  /** An operator may replace what was booked elsewhere. */
  operator: boolean;
}

/** A change as far as it can be known without asking Stripe. */
export interface ChangeDraft extends Classified {
  account: Account;
  subscription: BillingSubscription;
  /** The item that carries the plan. */
  item: SubscriptionItem;
  items: SubscriptionItem[];
  /** The items as they are to be, the plan's first; empty for the free plan. */
  targets: TargetItem[];
  /** A code that comes with the change, and how long it holds where it was looked at; null for none. */
  promotion: (Pick<PromotionCodeState, 'id' | 'code'> & { duration?: DiscountDuration }) | null;
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
  return draftChangeOf(await requireSubscription(parts, asked.account.id, asked.subscription), parts, loaders, asked);
}

/** The same of a subscription that was read already. */
export async function draftChangeOf(
  subscription: BillingSubscription,
  parts: Parts,
  loaders: Loaders,
  asked: Omit<ChangeAsked, 'subscription'>,
): Promise<ChangeDraft> {
  const { account } = asked;
  const catalogue = await loaders.catalogue();
  const fromPrice = priceIn(catalogue, subscription.priceId, subscription.currency);
  const fromPlan = catalogue.planByKey.get(subscription.planKey ?? '') ?? null;
  const target = requireTarget(catalogue, asked, subscription, fromPrice);
  const items = await loaders.itemsOf.load(subscription.id);
  const item = items.find(({ priceId }) => priceId === subscription.priceId) ?? items[0];
  if (!item) throw new Refusal(UserErrorCode.OTHER, 'This subscription has no items, so there is nothing to change.');
  const held = items.filter((one) => one !== item);
  const extras = target.price ? extrasOf(catalogue, asked, held, { fromPrice, subscription, ...target }) : [];
  const trialing = subscription.status === SubscriptionStatus.TRIALING;
  const { currency } = subscription;
  const [from, to] = [
    sideOf(
      fromPlan,
      fromPrice,
      subscription.priceId,
      subscription.seats,
      held,
      extrasAmount(held, currency, catalogue),
    ),
    sideOf(
      target.plan,
      target.price,
      target.price && stripePriceId(target.price.id),
      target.seats,
      target.price ? extras : held,
      extrasAmount(extras, currency, catalogue),
    ),
  ];
  const pending = cancellationAt(subscription) !== null || subscription.pendingChange !== null;
  const kinds = classifyChange(from, to, { trialing, pending, timing: asked.timing });
  const leavesNow = target.price === null && endsAtOnce(subscription);
  const classified = leavesNow ? { ...kinds, timing: ChangeTiming.NOW } : kinds;
  const paymentMethod = await paymentMethodOf(loaders, account, subscription);
  const features = compareFeatures(grantedBy(fromPlan, held, catalogue), grantedBy(target.plan, extras, catalogue));
  const toFree = target.price === null;
  const begins = effectiveAt(parts, classified, subscription);
  const nameOf = (key: string) => featureName(key, parts.catalogueRules.features.get(key));
  const overflow = await readOverflow(parts, loaders, { account, features, ...classified });
  // Leaving is blocked by nothing that is used.
  const refused = !toFree && parts.config.downgradeOverLimit === 'refuse';
  return {
    ...classified,
    account,
    subscription,
    item,
    items,
    targets: target.price
      ? [{ id: item.id, priceId: stripePriceId(target.price.id), quantity: target.seats }, ...extras]
      : [],
    promotion: null,
    fromPlan,
    fromPrice,
    toPlan: target.plan,
    toPrice: target.price,
    fromSeats: subscription.seats,
    toSeats: target.seats,
    effectiveAt: begins,
    trialing,
    // What changes nothing cannot be in the way of anything.
    blockers:
      classified.kind === ChangeKind.NO_OP
        ? []
        : blockersOf({
            subscription,
            nameOf,
            currency: target.price?.currency ?? subscription.currency,
            toFree,
            timing: classified.timing,
            hasPaymentMethod: paymentMethod !== null,
            unpaid: await unpaidPeriod(loaders, subscription),
            operator: asked.operator,
            seatsProblem: target.seatsProblem,
            tooManySeats: target.tooManySeats,
            overflow: refused ? overflow : [],
          }),
    notices: noticesOf({
      ...{
        subscription,
        features,
        toFree,
        nameOf,
        hasPaymentMethod: paymentMethod !== null,
        pays: paysNow(classified, trialing, toFree),
      },
      leavesOldPlan: leavesOldPlan(catalogue, fromPlan, fromPrice, target.price),
      nextPeriodEnd: nextPeriodEnd(begins, classified, subscription, target.price),
      overflow: refused ? [] : overflow,
    }),
    features,
    paymentMethod,
  };
}

/** What is used above the new limits; what is counted by the month begins anew with a period, and counts no more then. */
async function readOverflow(
  { billing }: Parts,
  loaders: Loaders,
  change: Classified & { account: Account; features: readonly FeatureDiffState[] },
): Promise<Overflow[]> {
  const { account, features, timing, resetsAnchor } = change;
  const { counters, window } = await readHolding(loaders, account, billing.now());
  const beginsAnew = timing === ChangeTiming.PERIOD_END || resetsAnchor;
  return overflowOf(features, (key) => {
    const kind = features.find((feature) => feature.key === key)?.before?.kind ?? FeatureKind.LIMIT;
    return kind === FeatureKind.METERED && beginsAnew ? 0 : usedNow(counters.get(key), kind, window);
  });
}

/** The add-ons as they are to be; who changes neither plan nor interval keeps what is sold no more. */
function extrasOf(
  catalogue: Catalogue,
  { addOns }: Pick<ChangeAsked, 'addOns'>,
  held: readonly SubscriptionItem[],
  to: { fromPrice: Price | null; subscription: BillingSubscription; plan: Plan; price: Price | null },
): TargetItem[] {
  const { fromPrice, subscription, plan, price } = to;
  if (!price) return [];
  const moves = plan.key !== subscription.planKey || !fromPrice || !isSamePeriod(price, fromPrice);
  return targetExtras(held, addOns, { plan, price, catalogue, currency: subscription.currency, moves });
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

/** Whether a payment is tried at once, as far as can be known before Stripe is asked. */
const paysNow = ({ kind, timing }: Classified, trialing: boolean, toFree: boolean): boolean =>
  timing === ChangeTiming.NOW && !trialing && !toFree && kind !== ChangeKind.REACTIVATION && kind !== ChangeKind.NO_OP;

/** Name of a plan that nobody can come back to, because it or its price is sold no more; null where nothing is left for good. */
const leavesOldPlan = (
  { prices }: Catalogue,
  plan: Plan | null,
  price: Price | null,
  to: Price | null,
): string | null =>
  plan && (plan.archived || (price && isReplaced(price, prices))) && price?.id !== to?.id ? plan.name : null;

/** When the first whole period after the change ends. */
function nextPeriodEnd(
  effectiveAt: number,
  { timing, resetsAnchor }: Classified,
  { currentPeriodEnd }: BillingSubscription,
  price: Price | null,
): number {
  const begins = timing === ChangeTiming.NOW && !resetsAnchor ? (currentPeriodEnd ?? effectiveAt) : effectiveAt;
  return price ? addInterval(begins, price.interval, price.intervalCount) : begins;
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

/** Why nothing may be given back of the period that runs; null where it was paid, or costs nothing. */
export async function unpaidPeriod(
  loaders: Pick<Loaders, 'invoice'>,
  subscription: BillingSubscription,
): Promise<UnpaidPeriod | null> {
  if (await isPaymentUnderWay(loaders, subscription)) return 'UNDER_WAY';
  const { latestInvoiceId } = subscription;
  const latest = latestInvoiceId === null ? null : await loaders.invoice.load(latestInvoiceId);
  return latest !== null && isWaived(latest) ? 'WAIVED' : null;
}

/** Whether money for it is being collected that has not come; a change that waits for its own is given up for another one. */
async function isPaymentUnderWay(
  { invoice }: Pick<Loaders, 'invoice'>,
  { latestInvoiceId, unpaidChangeId, pendingChange, lastPaymentAt, lastPaymentAttemptAt }: BillingSubscription,
): Promise<boolean> {
  if (unpaidChangeId !== null) return unpaidChangeId !== pendingChange?.invoiceId;
  const succeeded = (lastPaymentAttemptAt ?? 0) <= (lastPaymentAt ?? 0);
  if (succeeded || latestInvoiceId === null || latestInvoiceId === pendingChange?.invoiceId) return false;
  const latest = await invoice.load(latestInvoiceId);
  return latest !== null && (latest.status === InvoiceStatus.DRAFT || isBeingCollected(latest));
}

/** Whether nothing has to be done at all. */
export const isNoOp = ({ kind, subscription, toPrice }: ChangeDraft): boolean =>
  kind === ChangeKind.NO_OP || (toPrice === null && cancellationAt(subscription) !== null);

/** The change in Stripe's words; null where nothing that has a price changes. */
export function stripeChangeOf(draft: ChangeDraft): StripeChange | null {
  const { kind, item, items, targets, subscription, trialing, resetsAnchor, promotion } = draft;
  if (targets.length === 0 || kind === ChangeKind.REACTIVATION || kind === ChangeKind.NO_OP) return null;
  return {
    subscriptionId: subscription.id,
    items: itemChanges(items, targets, item.id),
    promotionCodeId: promotion?.id ?? null,
    keptDiscountIds: (subscription.discounts ?? []).map(({ id }) => id),
    keeps: keepsOf(subscription),
    trialing,
    resetsAnchor,
  };
}

export const keepsOf = ({ cancelAtPeriodEnd, cancelAt, schedule }: BillingSubscription): StripeChange['keeps'] => {
  if (schedule) return {};
  if (cancelAtPeriodEnd) return { cancel_at_period_end: false };
  return cancelAt === null ? {} : { cancel_at: '' };
};
