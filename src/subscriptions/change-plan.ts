import type { Transaction } from '../database/database.js';
import type { Loaders } from '../graphql/loaders.js';
import { toBillingError } from '../errors.js';
import type { Parts } from '../parts.js';
import { PaymentMethodKind } from '../payments/payment-method.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { cancelPendingChange } from './cancel-pending-change.js';
import { cancelSubscription } from './cancel-subscription.js';
import type { StripeChange } from './change-at-stripe.js';
import { withPromotion } from './change-promotion.js';
import { type ChangeAsked, type ChangeDraft, draftChange, isNoOp, stripeChangeOf } from './change-draft.js';
import { type ChangePlanData, changePlanProcedure, type Expected, resultOf } from './change-plan.procedure.js';
import { checkThrottle } from './change-throttle.js';
import { ChangeKind, ChangeTiming } from './classify-change.js';
import { ChangeNoticeCode } from './judge-change.js';
import { checkAgrees, PREVIEW_LIFE_MS, type PreviewClaims, readPreview } from './preview-token.js';
import { type ReactivateSubscription, reactivateSubscription } from './reactivate-subscription.js';
import { CollectionMethod, cancellationAt } from './subscription.js';
import type { SubscriptionAsked, SubscriptionResult } from './subscription-payload.js';

export interface ChangePlan extends SubscriptionAsked {
  /** Of a preview; null when only the target is given. */
  previewToken: string | null;
  target: ChangeAsked;
  /** As the customer typed it; null for none. */
  promotionCode: string | null;
}

/** What the log says when an invoice came out otherwise. */
export const MISMATCH = 'a change of plan was charged otherwise than it was shown';

/** Nothing is to be done; found under the account's lock, so that a repeated key still gets its first answer. */
class NothingToDo extends Error {}

/** What a preview's token asks for, as the target it was made from: what was left as it is may not become a choice. */
export const targetOf = (claims: PreviewClaims, asked: ChangeAsked): ChangeAsked => ({
  ...asked,
  subscription: claims.subscriptionId,
  plan: claims.plan,
  interval: claims.asked.interval,
  currency: claims.asked.currency,
  seats: claims.seats,
  addOns: claims.addOns,
  timing: claims.timing,
});

/**
 * Changes plan, interval or seats: at once what costs more, at the end of the period what costs less. With a token it
 * charges exactly what was shown or refuses with PREVIEW_OUTDATED. Throws Refusal.
 */
export async function changePlan(parts: Parts, loaders: Loaders, asked: ChangePlan): Promise<SubscriptionResult> {
  try {
    const [kind, result] = await carryOut(parts, loaders, asked);
    parts.metrics.count('billing_change_total', { kind, outcome: result.outcome });
    return result;
  } catch (thrown) {
    const { code } = thrown instanceof Refusal ? thrown : toBillingError(thrown);
    parts.metrics.count('billing_change_error_total', { code });
    throw thrown;
  }
}

async function carryOut(
  parts: Parts,
  loaders: Loaders,
  asked: ChangePlan,
): Promise<[kind: ChangeKind, SubscriptionResult]> {
  const claims =
    asked.previewToken === null ? null : await readPreview(parts, asked.target.account.id, asked.previewToken);
  if (claims) checkAgrees(claims, { ...asked.target, promotionCode: asked.promotionCode });
  const target = claims ? targetOf(claims, asked.target) : asked.target;
  const plain = await draftChange(parts, loaders, target);
  const draft = claims
    ? { ...plain, promotion: claims.promotion }
    : await withPromotion(parts, loaders, plain, asked.promotionCode);
  const verb = { ...asked, subscription: draft.subscription.id };
  const { kind } = draft;
  if (kind === ChangeKind.REACTIVATION && draft.blockers.length === 0)
    return [kind, await takeBack(parts, draft, { ...verb, operator: target.operator })];
  if (draft.toPrice === null) {
    checkFresh(parts, draft, claims);
    const leaving = { ...verb, now: false, operator: target.operator, feedback: null, comment: null };
    return [kind, await cancelSubscription(parts, leaving)];
  }
  return [kind, await change(parts, draft, verb, claims)];
}

/** The plan that is there is wanted after all: what was booked, waits or would end it is undone. */
function takeBack(
  parts: Parts,
  { subscription }: ChangeDraft,
  asked: ReactivateSubscription,
): Promise<SubscriptionResult> {
  return cancellationAt(subscription) === null
    ? cancelPendingChange(parts, asked)
    : reactivateSubscription(parts, asked);
}

async function change(
  parts: Parts,
  draft: ChangeDraft,
  asked: ChangePlan,
  claims: PreviewClaims | null,
): Promise<SubscriptionResult> {
  const { accountId, actor, idempotencyKey, expectedRevision, previewToken, promotionCode, target } = asked;
  const { account: _account, ...wanted } = target;
  const data = dataOf(draft, claims, target.operator);
  const guard = async (
    ...[transaction, now]: Parameters<NonNullable<Parameters<typeof parts.intents.run>[1]['guard']>>
  ) => {
    if (isNoOp(draft)) throw new NothingToDo();
    checkFresh(parts, draft, claims);
    checkBlockers(draft, claims !== null);
    await checkUnmoved(transaction, draft);
    await checkThrottle(transaction, accountId, now);
  };
  const mismatch = (fields: object) => parts.log.error(fields, MISMATCH);
  try {
    const { data: done, visible } = await parts.intents.run(changePlanProcedure(parts.stripe, mismatch), {
      accountId,
      actor,
      clientKey: idempotencyKey,
      expectedRevision,
      guard,
      args: previewToken === null ? { ...wanted, promotionCode } : { previewToken },
      data,
    });
    return resultOf(done, visible);
  } catch (thrown) {
    if (thrown instanceof NothingToDo) return { subscriptionId: draft.subscription.id, outcome: 'NO_OP' };
    throw thrown;
  }
}

/** Between the reading of the rows and the lock another tab may have come first. */
async function checkUnmoved(transaction: Transaction, { subscription, account }: ChangeDraft): Promise<void> {
  const [row] = await transaction.rows<{ account: number | string; own: number | string }>(
    'SELECT a.revision AS account, s.revision AS own FROM accounts a JOIN subscriptions s ON s.account_id = a.id WHERE a.id = ? AND s.id = ?',
    [account.id, subscription.id],
  );
  if (row && Number(row.own) === subscription.revision) return;
  throw new Refusal(UserErrorCode.CONFLICT, 'The subscription has just been changed by somebody else.', {
    currentRevision: Number(row?.account ?? 0),
    hint: 'Read the subscription again and repeat the change if it still makes sense.',
  });
}

/** What is stored or sold is newer than what was shown, or the moment of what was shown is past though no wall clock says so. */
function checkFresh({ billing }: Parts, { subscription, targets }: ChangeDraft, claims: PreviewClaims | null): void {
  if (!claims) return;
  const shown = JSON.stringify(claims.targets);
  const reasons: [boolean, string][] = [
    [claims.subscriptionRevision !== subscription.revision, 'The subscription has changed since the preview.'],
    [
      shown !== JSON.stringify(targets.map(({ priceId, quantity }) => [priceId, quantity])),
      'The prices have changed since the preview.',
    ],
    [
      billing.now() - claims.shownAt >= PREVIEW_LIFE_MS,
      'The billing clock was moved by more than ten minutes since the preview.',
    ],
  ];
  const [, message] = reasons.find(([outdated]) => outdated) ?? [];
  if (message === undefined) return;
  throw new Refusal(UserErrorCode.PREVIEW_OUTDATED, message, { hint: 'Show the fresh preview and ask again.' });
}

const codes: Partial<Record<ChangeNoticeCode, UserErrorCode>> = {
  [ChangeNoticeCode.PAYMENT_OVERDUE]: UserErrorCode.PAYMENT_OVERDUE,
  [ChangeNoticeCode.SUBSCRIPTION_PAUSED]: UserErrorCode.SUBSCRIPTION_PAUSED,
  [ChangeNoticeCode.PAYMENT_METHOD_REQUIRED]: UserErrorCode.PAYMENT_METHOD_REQUIRED,
  [ChangeNoticeCode.USAGE_ABOVE_NEW_LIMIT]: UserErrorCode.USAGE_OVER_LIMIT,
  [ChangeNoticeCode.SEATS_ABOVE_NEW_LIMIT]: UserErrorCode.QUANTITY_OUT_OF_RANGE,
  [ChangeNoticeCode.SEATS_DO_NOT_FIT]: UserErrorCode.QUANTITY_OUT_OF_RANGE,
  [ChangeNoticeCode.CURRENCY_LOCKED]: UserErrorCode.PRICE_CURRENCY_MISMATCH,
};

function checkBlockers({ blockers, subscription, ...draft }: ChangeDraft, byToken: boolean): void {
  const [blocker] = blockers;
  if (!blocker) return;
  const foreign = blocker.code === ChangeNoticeCode.OTHER && subscription.schedule?.ours === false;
  const code = foreign ? UserErrorCode.CHANGE_ALREADY_PENDING : (codes[blocker.code] ?? UserErrorCode.OTHER);
  const unmapped = blocker.code === ChangeNoticeCode.UNMAPPED_PRICE;
  if (code === UserErrorCode.USAGE_OVER_LIMIT) {
    const cause = draft.fromPlan?.key === draft.toPlan?.key ? 'addOns' : 'plan';
    throw new Refusal(code, blocker.message, {
      field: ['input', byToken ? 'previewToken' : cause],
      hint: TOO_MUCH_USED,
    });
  }
  throw new Refusal(code, blocker.message, unmapped ? { hint: 'Ask support to add the price to the catalogue.' } : {});
}

const TOO_MUCH_USED =
  'Ask again once no more is used than the new plan grants; `blockers` of `previewChange` lists each feature.';

function dataOf(draft: ChangeDraft, claims: PreviewClaims | null, operator: boolean): ChangePlanData {
  const { subscription, toPrice, timing, paymentMethod, trialing, resetsAnchor } = draft;
  const none: StripeChange = {
    ...{ subscriptionId: subscription.id, items: [], trialing, resetsAnchor },
    ...{ promotionCodeId: null, keptDiscountIds: [], keeps: {} },
  };
  return {
    subscriptionId: subscription.id,
    customerId: subscription.customerId,
    operator,
    change: stripeChangeOf(draft) ?? none,
    held: draft.items.map(({ id, priceId, quantity }) => [id, priceId, quantity]),
    way: timing === ChangeTiming.NOW ? 'now' : 'later',
    duration: {
      interval: (toPrice?.interval ?? 'MONTH').toLowerCase() as ChangePlanData['duration']['interval'],
      interval_count: toPrice?.intervalCount ?? 1,
    },
    cardLike: paymentMethod !== null && paymentMethod.kind !== PaymentMethodKind.BANK_DEBIT,
    automatic: subscription.collection === CollectionMethod.AUTOMATIC,
    expected: claims && expectedOf(claims),
  };
}

const expectedOf = ({ amountDue, linesHash, prorationDate }: PreviewClaims): Expected => ({
  amountDue,
  linesHash,
  prorationDate,
});
