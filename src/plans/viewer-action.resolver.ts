import { Arg, Ctx, Field, FieldResolver, ObjectType, registerEnumType, Resolver, Root } from 'type-graphql';
import type { Account } from '../accounts/account.entity.js';
import { holds, Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { CurrencyCodeScalar } from '../graphql/scalars.js';
import { readViewerAccountIfAny } from '../graphql/viewer-account.js';
import { cancellationAt, mainSubscription, type SubscriptionState } from '../subscriptions/subscription.js';
import { trialDaysOf } from './metadata.js';
import { Plan } from './plan.entity.js';
import { BillingInterval, isSold } from './plan.js';
import { decideViewerAction, type HeldSubscription, PlanAction, type ViewerAction } from './viewer-action.js';

registerEnumType(PlanAction, {
  name: 'PlanAction',
  description: 'What the button under a plan should do for the current viewer.',
  valuesConfig: {
    SUBSCRIBE: { description: 'Start a checkout.' },
    START_TRIAL: { description: 'Start a checkout that begins with a free trial.' },
    CURRENT: { description: 'The viewer has it.' },
    UPGRADE: { description: 'Change to it; it is higher on the ladder.' },
    DOWNGRADE: { description: 'Change to it; it is lower on the ladder.' },
    SWITCH_INTERVAL: { description: 'Change how often the same plan is paid.' },
    REACTIVATE: { description: 'Take back the cancellation.' },
    CANCEL_PENDING_CHANGE: { description: 'Take back the change that is booked.' },
    UNAVAILABLE: { description: 'It cannot be had; see the reason.' },
  },
});

@ObjectType({ description: 'Button state for a plan table.' })
export class PlanViewerAction implements ViewerAction {
  @Field(() => PlanAction, { description: 'What the button does.' })
  action!: PlanAction;

  @Field(() => Boolean, { description: 'False for a button that cannot be pressed.' })
  enabled!: boolean;

  @Field(() => String, { nullable: true, description: 'Why it is disabled, fit to show; null when it is not.' })
  reason!: string | null;
}

@Resolver(() => Plan)
export class PlanViewerActionResolver {
  @FieldResolver(() => PlanViewerAction, {
    nullable: true,
    description: 'What the viewer can do with this plan now; null when nobody is signed in for an account.',
  })
  async viewerAction(
    @Root() plan: Plan,
    @Arg('interval', () => BillingInterval, { nullable: true, description: 'The interval that the table shows.' })
    interval: BillingInterval | null,
    @Arg('currency', () => CurrencyCodeScalar, { nullable: true, description: 'The currency that the table shows.' })
    currency: string | null,
    @Ctx() context: Context,
  ): Promise<PlanViewerAction | null> {
    const account = await readViewerAccountIfAny(context);
    if (!account) return null;
    const { prices } = await context.loaders.catalogue();
    const subscriptions = await context.loaders.subscriptionsOf.load(account.id);
    return decideViewerAction({
      plan: { ...plan, trialDays: trialDaysOf(plan.metadata) },
      offers: prices.filter((price) => isSold(price) && price.planKey === plan.key),
      interval: interval ?? null,
      currency: currency ?? null,
      maySpend: holds(context.caller?.roles ?? [], Role.BILLING_ADMIN),
      trialUsed: subscriptions.some(({ trialStart }) => trialStart !== null),
      lockedCurrency: account.currency,
      subscription: await heldBy(context, account, subscriptions),
    });
  }
}

async function heldBy(
  { loaders }: Context,
  account: Account,
  subscriptions: readonly SubscriptionState[],
): Promise<HeldSubscription | null> {
  const { planByKey, priceById } = await loaders.catalogue();
  const rankOf = (key: string | null) => planByKey.get(key ?? '')?.rank ?? 0;
  const main = mainSubscription(subscriptions, rankOf);
  if (!main) return null;
  const target = priceById.get(main.pendingChange?.items[0]?.priceId ?? '');
  return {
    planKey: main.planKey ?? account.planKey,
    rank: rankOf(main.planKey),
    interval: priceById.get(main.priceId)?.interval ?? null,
    unmapped: main.unmapped,
    status: main.status,
    ending: cancellationAt(main) !== null,
    pending: main.pendingChange && { planKey: target?.planKey ?? null, interval: target?.interval ?? null },
  };
}
