import { usedNow } from '../access/entitlement.js';
import { readHolding } from '../access/standing.js';
import { Account } from '../accounts/account.entity.js';
import type { Transaction } from '../database/database.js';
import { createLoaders } from '../graphql/loaders.js';
import type { Change } from '../history/change.js';
import { isCounted } from '../plans/feature.js';
import { FeatureKind } from '../plans/plan.js';
import type { Decision } from './decision.js';

/** What a change of plan leaves above its new limit, for the history; read in the transaction that has written the plan. */
export async function readOverflow(
  transaction: Transaction,
  { account, changes }: Pick<Decision, 'account' | 'changes'>,
  now: number,
): Promise<Change[]> {
  if (!account || !changes.some(({ object }) => object === 'plan')) return [];
  const loaders = createLoaders({ read: transaction });
  const { grants, counters, window } = await readHolding(loaders, Object.assign(new Account(), account), now);
  return [...counters.values()].flatMap((counter) => {
    const grant = grants.get(counter.feature);
    // Only what is counted by the month was counted in a window.
    const counted = counter.windowStart > 0 ? FeatureKind.METERED : FeatureKind.LIMIT;
    const [kind, limit] = grant ? [grant.kind, grant.limit] : [counted, 0];
    const used = usedNow(counter, kind, window);
    const over = isCounted(kind) && limit !== null && !grant?.soft && used > limit;
    return over
      ? [
          {
            object: 'usage' as const,
            id: counter.feature,
            before: null,
            after: { used, limit, ...(kind === FeatureKind.METERED && { metered: true }) },
          },
        ]
      : [];
  });
}
