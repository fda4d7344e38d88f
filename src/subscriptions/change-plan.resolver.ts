import { Arg, Authorized, Ctx, Field, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Account } from '../accounts/account.entity.js';
import { holds, Role } from '../auth/roles.js';
import { AddOnInput, toAddOns } from '../checkout/purchase-input.js';
import type { Context } from '../graphql/context.js';
import { commonFieldsOf, toUserErrors, UserError } from '../graphql/user-errors.js';
import { readViewerAccount } from '../graphql/viewer-account.js';
import { BillingInterval } from '../plans/plan.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { ask } from '../sync/queue.js';
import type { ChangeAsked } from './change-draft.js';
import { changePlan, targetOf } from './change-plan.js';
import { ChangePreview } from './change-preview.js';
import { ChangeTiming } from './classify-change.js';
import { requireSubscription } from './main-subscription.js';
import { previewChange } from './preview-change.js';
import { type PreviewClaims, readPreview } from './preview-token.js';
import { toChangePreview } from './show-change.js';
import { answer, reference, SubscriptionPayload, SubscriptionRefInput } from './subscription-payload.js';

@ObjectType({
  implements: UserError,
  description: 'The preview no longer matches; a fresh one is attached so the screen can be redrawn at once.',
})
export class PreviewOutdatedError extends UserError {
  @Field(() => ChangePreview, {
    nullable: true,
    description: 'As it would be now; null when it cannot be done any more, or cannot be told from the token.',
  })
  freshPreview!: ChangePreview | null;
}

@InputType({ description: 'Give the token of a preview (best), or the target itself.' })
export class ChangePlanInput extends SubscriptionRefInput {
  @Field(() => String, {
    nullable: true,
    description: 'Of a preview, at most ten minutes old: charges what it showed. What else is given must say the same.',
  })
  previewToken?: string | null;

  @Field(() => String, { nullable: true, description: 'Plan key; the present plan when not given.' })
  plan?: string | null;

  @Field(() => BillingInterval, {
    nullable: true,
    description: 'How often to pay; as now when not given, or when it is the interval of the present price.',
  })
  interval?: BillingInterval | null;

  @Field(() => Int, { nullable: true, description: 'As many as now when not given.' })
  seats?: number | null;

  @Field(() => [AddOnInput], {
    nullable: true,
    description: 'All add-ons as they are to be, an empty list for none; as now when not given.',
  })
  addOns?: AddOnInput[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'A code to take off from this change on; it is checked first.',
  })
  promotionCode?: string | null;

  @Field(() => ChangeTiming, {
    nullable: true,
    description: 'Let the rules decide when not given: what costs more now, what costs less at period end.',
  })
  timing?: ChangeTiming | null;
}

@Resolver()
export class ChangePlanResolver {
  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => SubscriptionPayload, {
    description:
      'Changes plan, interval, seats or add-ons. What costs more happens now and is charged now; if the payment fails or must be confirmed, the old plan stays until it is paid. What costs less is booked for the end of the period. The free plan is a cancellation at the end of the period.',
  })
  changePlan(
    @Arg('input', () => ChangePlanInput, { description: 'A preview that was accepted, or a target.' })
    input: ChangePlanInput,
    @Ctx() context: Context,
  ): Promise<SubscriptionPayload> {
    return answer(
      context,
      'changePlan',
      input,
      (account) =>
        changePlan(context.parts, context.loaders, {
          ...reference(input, account.id, context),
          previewToken: input.previewToken ?? null,
          promotionCode: input.promotionCode ?? null,
          target: targetAsked(input, account, context),
        }),
      (thrown, _context, account) => explain(thrown, input, context, account),
    );
  }
}

const targetAsked = (input: ChangePlanInput, account: Account, { caller }: Context): ChangeAsked => ({
  account,
  subscription: input.subscription ?? null,
  plan: input.plan ?? null,
  interval: input.interval ?? null,
  currency: null,
  seats: input.seats ?? null,
  addOns: toAddOns(input.addOns),
  timing: input.timing ?? null,
  operator: holds(caller?.roles ?? [], Role.OPERATOR),
});

/** An outdated preview comes with a fresh one, made after another look at Stripe so that it is not outdated as well. */
async function explain(
  thrown: unknown,
  input: ChangePlanInput,
  context: Context,
  account: Pick<Account, 'id'> | null,
): Promise<UserError[]> {
  if (!account || !(thrown instanceof Refusal) || thrown.code !== UserErrorCode.PREVIEW_OUTDATED)
    return toUserErrors(thrown, context, account);
  const freshPreview = await previewAfresh(input, context, account).catch((failure: unknown) => {
    if (failure instanceof Refusal) return null;
    throw failure;
  });
  return [Object.assign(new PreviewOutdatedError(), commonFieldsOf(thrown, context), { freshPreview })];
}

async function previewAfresh(
  input: ChangePlanInput,
  context: Context,
  { id }: Pick<Account, 'id'>,
): Promise<ChangePreview> {
  const { parts, loaders } = context;
  const account = await readViewerAccount(context, { account: id });
  const claims = input.previewToken ? await readPreview(parts, account.id, input.previewToken) : null;
  const asked = targetAsked(input, account, context);
  const target = claims ? askedAgain(claims, asked) : asked;
  const { customerId } = await requireSubscription(parts, account.id, target.subscription);
  const { database, sync } = parts;
  const now = await database.now();
  const question = await database.transaction((transaction) => ask(transaction, database.dialect, customerId, now));
  await sync.refreshNow(customerId, question);
  loaders.forget();
  const code = claims ? (claims.promotion?.code ?? null) : (input.promotionCode ?? null);
  return toChangePreview(await previewChange(parts, loaders, target, code), context);
}

/** What the outdated preview was asked for; what it left to the rules, or as it was, is found anew. */
const askedAgain = (claims: PreviewClaims, asked: ChangeAsked): ChangeAsked => ({
  ...targetOf(claims, asked),
  seats: asked.seats ?? claims.asked.seats,
  timing: asked.timing ?? claims.asked.timing,
});
