import { Arg, Ctx, Field, FieldResolver, ObjectType, registerEnumType, Resolver, Root } from 'type-graphql';
import type { Account } from '../accounts/account.entity.js';
import { holds, Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { CurrencyCodeScalar } from '../graphql/scalars.js';
import { readViewerAccountIfAny } from '../graphql/viewer-account.js';
import { Refusal } from '../refusal.js';
import { draftChangeOf } from '../subscriptions/change-draft.js';
import { ChangeKind } from '../subscriptions/classify-change.js';
import { mainSubscriptionOf } from '../subscriptions/main-subscription.js';
import type { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { cancellationAt } from '../subscriptions/subscription.js';
import { trialDaysOf } from './metadata.js';
import { Plan } from './plan.entity.js';
import { BillingInterval, isSold } from './plan.js';
import {
  afterDraft,
  decideViewerAction,
  type DraftedAction,
  type HeldSubscription,
  isChange,
  PlanAction,
  type ViewerAction,
} from './viewer-action.js';

registerEnumType(PlanAction, {
  name: 'PlanAction',
  description: 'What the button under a plan should do for the current viewer.',
  valuesConfig: {
    SUBSCRIBE: { description: 'Start a checkout.' },
    START_TRIAL: { description: 'Start a checkout that begins with a free trial.' },
    CURRENT: { description: 'The viewer has it.' },
    UPGRADE: { description: 'Change to it; it is higher on the ladder, or as high and no cheaper.' },
    DOWNGRADE: { description: 'Change to it; it is lower on the ladder, or as high and cheaper.' },
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
    const main = await mainSubscriptionOf(context.loaders, account);
    const found = decideViewerAction({
      plan: { ...plan, trialDays: trialDaysOf(plan.metadata) },
      offers: prices.filter((price) => isSold(price) && price.planKey === plan.key),
      interval: interval ?? null,
      currency: currency ?? null,
      maySpend: holds(context.caller?.roles ?? [], Role.BILLING_ADMIN),
      trialUsed: subscriptions.some(({ trialStart }) => trialStart !== null),
      lockedCurrency: account.currency,
      subscription: main && (await heldBy(context, account, main)),
    });
    if (!main || !isChange(found)) return found;
    return afterDraft(found, await draftedOf(context, account, main, plan, interval ?? null));
  }
}

async function draftedOf(
  { parts, loaders, caller }: Context,
  account: Account,
  main: BillingSubscription,
  { key: plan }: Plan,
  interval: BillingInterval | null,
): Promise<DraftedAction> {
  const unasked = { currency: null, seats: null, addOns: null, timing: null };
  try {
    const operator = isOperator(caller);
    const asked = { ...unasked, account, plan, interval, operator };
    const { kind, costsLess, fromPlan, blockers } = await draftChangeOf(main, parts, loaders, asked);
    const crossgrade = kind === ChangeKind.CROSSGRADE && fromPlan?.key !== plan;
    return { crossgrade, costsLess, blocker: blockers[0]?.message ?? null };
  } catch (thrown) {
    if (thrown instanceof Refusal) return { crossgrade: false, costsLess: false, blocker: thrown.message };
    throw thrown;
  }
}

const isOperator = (caller: Context['caller']) => holds(caller?.roles ?? [], Role.OPERATOR);

async function heldBy(
  { loaders, caller }: Context,
  account: Account,
  main: BillingSubscription,
): Promise<HeldSubscription> {
  const { planByKey, priceById } = await loaders.catalogue();
  const target = priceById.get(main.pendingChange?.items[0]?.priceId ?? '');
  return {
    planKey: main.planKey ?? account.planKey,
    rank: planByKey.get(main.planKey ?? '')?.rank ?? 0,
    interval: priceById.get(main.priceId)?.interval ?? null,
    unmapped: main.unmapped,
    bookedElsewhere: main.schedule?.ours === false && !isOperator(caller),
    ending: cancellationAt(main) !== null,
    pending: main.pendingChange && { planKey: target?.planKey ?? null, interval: target?.interval ?? null },
  };
}
