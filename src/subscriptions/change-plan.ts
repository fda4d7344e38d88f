import type { Transaction } from '../database/database.js';
import type { Loaders } from '../graphql/loaders.js';
import type { Parts } from '../parts.js';
import { PaymentMethodKind } from '../payments/payment-method.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { cancelPendingChange } from './cancel-pending-change.js';
import { cancelSubscription } from './cancel-subscription.js';
import { type ChangeAsked, type ChangeDraft, draftChange, isNoOp, stripeChangeOf } from './change-draft.js';
import { type ChangePlanData, changePlanProcedure, type Expected } from './change-plan.procedure.js';
import { checkThrottle } from './change-throttle.js';
import { ChangeKind, ChangeTiming } from './classify-change.js';
import { ChangeNoticeCode } from './judge-change.js';
import { type PreviewClaims, readPreview } from './preview-token.js';
import { reactivateSubscription } from './reactivate-subscription.js';
import { CollectionMethod, cancellationAt } from './subscription.js';
import type { SubscriptionAsked, SubscriptionResult } from './subscription-payload.js';

export interface ChangePlan extends SubscriptionAsked {
  /** Of a preview; null when only the target is given. */
  previewToken: string | null;
  target: ChangeAsked;
}

/** What the log says when an invoice came out otherwise. */
export const MISMATCH = 'a change of plan was charged otherwise than it was shown';

/** Nothing is to be done; found under the account's lock, so that a repeated key still gets its first answer. */
class NothingToDo extends Error {}

/** What a preview's token asks for, as the target it was made from. */
export const targetOf = (claims: PreviewClaims, asked: ChangeAsked): ChangeAsked => ({
  ...asked,
  subscription: claims.subscriptionId,
  plan: claims.plan,
  interval: claims.interval,
  currency: claims.interval === null ? null : claims.currency,
  seats: claims.seats,
  timing: claims.timing,
});

/**
 * Changes plan, interval or seats: at once what costs more, at the end of the period what costs less. With a token it
 * charges exactly what was shown or refuses with PREVIEW_OUTDATED. Throws Refusal.
 */
export async function changePlan(parts: Parts, loaders: Loaders, asked: ChangePlan): Promise<SubscriptionResult> {
  const claims =
    asked.previewToken === null ? null : await readPreview(parts, asked.target.account.id, asked.previewToken);
  const target = claims ? targetOf(claims, asked.target) : asked.target;
  const draft = await draftChange(parts, loaders, target);
  const verb = { ...asked, subscription: draft.subscription.id };
  if (draft.kind === ChangeKind.REACTIVATION && draft.blockers.length === 0) return takeBack(parts, draft, verb);
  if (draft.toPrice === null) {
    checkFresh(draft, claims);
    return cancelSubscription(parts, { ...verb, now: false, operator: target.operator, feedback: null, comment: null });
  }
  return change(parts, draft, verb, claims);
}

/** The plan that is there is wanted after all: what was booked, waits or would end it is undone. */
function takeBack(parts: Parts, { subscription }: ChangeDraft, asked: SubscriptionAsked): Promise<SubscriptionResult> {
  return cancellationAt(subscription) === null
    ? cancelPendingChange(parts, { ...asked, operator: false })
    : reactivateSubscription(parts, asked);
}

async function change(
  parts: Parts,
  draft: ChangeDraft,
  asked: ChangePlan,
  claims: PreviewClaims | null,
): Promise<SubscriptionResult> {
  const { accountId, actor, idempotencyKey, expectedRevision, previewToken, target } = asked;
  const { account: _account, ...wanted } = target;
  const data = dataOf(draft, claims, target.operator);
  const guard = async (
    ...[transaction, now]: Parameters<NonNullable<Parameters<typeof parts.intents.run>[1]['guard']>>
  ) => {
    if (isNoOp(draft)) throw new NothingToDo();
    checkFresh(draft, claims);
    checkBlockers(draft);
    data.currentRevision = await checkUnmoved(transaction, draft);
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
      args: previewToken === null ? wanted : { previewToken },
      data,
    });
    return {
      subscriptionId: draft.subscription.id,
      outcome: outcomeOf(done, visible),
      invoiceId: done.invoiceId ?? null,
    };
  } catch (thrown) {
    const nothing = thrown instanceof NothingToDo || (isNoOp(draft) && isKeyReused(thrown));
    if (nothing) return { subscriptionId: draft.subscription.id, outcome: 'NO_OP' };
    throw thrown;
  }
}

/** Between the reading of the rows and the lock another tab may have come first. Answers the account's revision. */
async function checkUnmoved(transaction: Transaction, { subscription, account }: ChangeDraft): Promise<number> {
  const [row] = await transaction.rows<{ account: number | string; own: number | string }>(
    'SELECT a.revision AS account, s.revision AS own FROM accounts a JOIN subscriptions s ON s.account_id = a.id WHERE a.id = ? AND s.id = ?',
    [account.id, subscription.id],
  );
  const currentRevision = Number(row?.account ?? 0);
  if (row && Number(row.own) === subscription.revision) return currentRevision;
  throw new Refusal(UserErrorCode.CONFLICT, 'The subscription has just been changed by somebody else.', {
    currentRevision,
    hint: 'Read the subscription again and repeat the change if it still makes sense.',
  });
}

/** The same key took back what stood; the plan it left is the one that is asked for now. */
const isKeyReused = (thrown: unknown) =>
  thrown instanceof Refusal && thrown.code === UserErrorCode.IDEMPOTENCY_KEY_REUSED;

/** What is stored is older than what Stripe has, or newer than what was shown. */
function checkFresh({ subscription }: ChangeDraft, claims: PreviewClaims | null): void {
  if (!claims || claims.subscriptionRevision === subscription.revision) return;
  throw new Refusal(UserErrorCode.PREVIEW_OUTDATED, 'The subscription has changed since the preview.', {
    hint: 'Show the fresh preview and ask again.',
  });
}

const codes: Partial<Record<ChangeNoticeCode, UserErrorCode>> = {
  [ChangeNoticeCode.PAYMENT_OVERDUE]: UserErrorCode.PAYMENT_OVERDUE,
  [ChangeNoticeCode.PAYMENT_METHOD_REQUIRED]: UserErrorCode.PAYMENT_METHOD_REQUIRED,
  [ChangeNoticeCode.CURRENCY_LOCKED]: UserErrorCode.PRICE_CURRENCY_MISMATCH,
};

function checkBlockers({ blockers, subscription }: ChangeDraft): void {
  const [blocker] = blockers;
  if (!blocker) return;
  const foreign = blocker.code === ChangeNoticeCode.OTHER && subscription.schedule?.ours === false;
  const code = foreign ? UserErrorCode.CHANGE_ALREADY_PENDING : (codes[blocker.code] ?? UserErrorCode.OTHER);
  throw new Refusal(code, blocker.message, { hint: 'Ask for a preview; its blockers say what would help.' });
}

function dataOf(draft: ChangeDraft, claims: PreviewClaims | null, operator: boolean): ChangePlanData {
  const { subscription, toPrice, timing, paymentMethod, trialing, resetsAnchor } = draft;
  const none = { subscriptionId: subscription.id, items: [], trialing, resetsAnchor };
  return {
    subscriptionId: subscription.id,
    customerId: subscription.customerId,
    operator,
    change: stripeChangeOf(draft) ?? none,
    held: draft.items.map(({ id, priceId, quantity }) => [id, priceId, quantity]),
    currentRevision: draft.account.revision,
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

function outcomeOf({ way, waits, unsettled }: ChangePlanData, visible: boolean): SubscriptionResult['outcome'] {
  if (waits) return 'ACTION_REQUIRED';
  if (!visible || unsettled) return 'PROCESSING';
  return way === 'later' ? 'SCHEDULED' : 'APPLIED';
}
