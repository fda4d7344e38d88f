import { isCounted } from '../plans/feature.js';
import { FeatureKind, type PlanFeatureState } from '../plans/plan.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { EntitlementDeniedReason, type EntitlementState, type Standing } from './entitlement.js';

export interface UsageAsked {
  feature: string;
  /** Below zero gives back what was used of a LIMIT. */
  quantity: number;
  /** False counts what has happened already, whatever the limit. */
  enforceLimit: boolean;
}

type Entitled = Pick<EntitlementState<{ key: string; name: string }>, Described>;
type Described = 'feature' | 'used' | 'limit' | 'remaining' | 'deniedReason' | 'resetsAt' | 'unlockedBy';

const refuse = (code: UserErrorCode, message: string, hint: string, field = 'quantity') =>
  new Refusal(code, message, { field: ['input', field], hint });

/** Why nothing of the kind can be counted, whatever was counted before; null when it can. */
export function formProblem(
  { features }: Pick<Standing<{ features: readonly PlanFeatureState[] }>, 'features'>,
  { feature: key, quantity }: UsageAsked,
): Refusal | null {
  const feature = features.find((one) => one.key === key);
  const { INVALID, FEATURE_UNKNOWN } = UserErrorCode;
  if (!feature) {
    const message = `No plan and no add-on grants a feature '${key}'.`;
    return refuse(FEATURE_UNKNOWN, message, 'Use a key that `features` lists.', 'feature');
  }
  if (!isCounted(feature.kind)) {
    const message = `'${key}' is on or off; nothing of it is counted.`;
    return refuse(
      INVALID,
      message,
      'Count features of the kinds LIMIT and METERED; ask checkAccess for others.',
      'feature',
    );
  }
  if (quantity === 0) return refuse(INVALID, 'A quantity of 0 counts nothing.', 'Send 1 or more.');
  if (quantity > 0 || feature.kind === FeatureKind.LIMIT) return null;
  return refuse(INVALID, `What is counted by the month is not given back, found ${quantity}.`, 'Send 1 or more.');
}

/** Why it is not counted; null when it is. `entitlement` was decided for the same quantity. Pure. */
export function usageProblem(entitlement: Entitled, asked: UsageAsked): Refusal | null {
  const { quantity, enforceLimit, feature: key } = asked;
  const used = entitlement.used ?? 0;
  if (used + quantity < 0) {
    const message = `Only ${used} of '${key}' are in use; ${-quantity} cannot be given back.`;
    return refuse(UserErrorCode.INVALID, message, `Give back ${used} at most.`);
  }
  if (!Number.isSafeInteger(used + quantity))
    return refuse(
      UserErrorCode.INVALID,
      `${used} of '${key}' are counted; ${quantity} more is too many to count exactly.`,
      'Count in a larger unit.',
    );
  if (quantity < 0 || !enforceLimit || entitlement.deniedReason === null) return null;
  if (entitlement.deniedReason === EntitlementDeniedReason.NO_ACCESS) {
    const hint = 'Read `account.access`: its remedy gives access back.';
    return refuse(UserErrorCode.NO_ACCESS, 'The account may not use the product now.', hint, 'account');
  }
  return overLimit(entitlement, asked);
}

function overLimit(entitlement: Entitled, { quantity, feature: key }: UsageAsked): Refusal {
  const { resetsAt, unlockedBy } = entitlement;
  const [limit, used, remaining] = [entitlement.limit ?? 0, entitlement.used ?? 0, entitlement.remaining ?? 0];
  const message =
    entitlement.deniedReason === EntitlementDeniedReason.NOT_IN_PLAN
      ? `The plan does not grant '${key}'.`
      : `${used} of ${limit} of '${key}' are used, so ${remaining} are left; ${quantity} were asked for.`;
  // Neither helps where even an empty counter has no room for so many.
  const makesRoom = entitlement.deniedReason === EntitlementDeniedReason.LIMIT_REACHED && quantity <= limit;
  const room = resetsAt === null ? 'give some back' : `wait until ${new Date(resetsAt).toISOString()}`;
  const ways = [
    ...(unlockedBy ? [`change to ${unlockedBy.name}`] : []),
    ...(makesRoom ? [room] : []),
    'count it all the same with enforceLimit: false',
  ];
  const hint = `${ways.join(', or ')}.`;
  return new Refusal(UserErrorCode.USAGE_OVER_LIMIT, message, {
    field: ['input', 'quantity'],
    hint: hint.charAt(0).toUpperCase() + hint.slice(1),
    usage: { limit, used, asked: quantity, unlockedBy: unlockedBy?.key ?? null },
  });
}
