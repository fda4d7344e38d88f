import type { Loaders } from '../graphql/loaders.js';
import type { Parts } from '../parts.js';
import { Plan } from '../plans/plan.entity.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { BillingSubscription } from './subscription.entity.js';
import { isTerminal, mainSubscription } from './subscription.js';

/** The subscription that decides what the account has, as the API shows it everywhere. */
export async function mainSubscriptionOf(
  { catalogue, subscriptionsOf }: Pick<Loaders, 'catalogue' | 'subscriptionsOf'>,
  { id }: { id: string },
): Promise<BillingSubscription | null> {
  const { planByKey } = await catalogue();
  return mainSubscription(await subscriptionsOf.load(id), (key) => planByKey.get(key ?? '')?.rank ?? 0);
}

/**
 * The subscription a verb works on: the named one of this account, or the main one. Throws Refusal: NO_SUBSCRIPTION,
 * NOT_FOUND (also for another account's), SUBSCRIPTION_ENDED.
 */
export async function requireSubscription(
  { database }: Pick<Parts, 'database'>,
  accountId: string,
  id: string | null,
): Promise<BillingSubscription> {
  const { manager } = database.read;
  const held = await manager.find(BillingSubscription, { where: { accountId } });
  if (id === null) {
    const plans = await manager.find(Plan, { select: { id: true, key: true, rank: true } });
    const ranks = new Map(plans.map(({ key, rank }) => [key, rank]));
    const main = mainSubscription(held, (key) => ranks.get(key ?? '') ?? 0);
    if (main) return main;
    throw new Refusal(UserErrorCode.NO_SUBSCRIPTION, 'There is no subscription on this account.', {
      hint: 'Start one with createCheckoutSession.',
    });
  }
  const named = held.find((subscription) => subscription.id === id);
  if (!named) {
    throw new Refusal(UserErrorCode.NOT_FOUND, `This account has no subscription '${id}'.`, {
      field: ['input', 'subscription'],
    });
  }
  if (isTerminal(named)) throw subscriptionEnded();
  return named;
}

export const subscriptionEnded = () =>
  new Refusal(UserErrorCode.SUBSCRIPTION_ENDED, 'This subscription has ended.', {
    hint: 'Start a new one with createCheckoutSession.',
  });
