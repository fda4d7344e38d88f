import {
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  ObjectType,
  Query,
  registerEnumType,
  Resolver,
  Root,
} from 'type-graphql';
import { decideAccess } from '../access/access.js';
import { AccessDecision } from '../access/access-decision.js';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { readViewerAccount } from '../graphql/viewer-account.js';
import { Plan } from '../plans/plan.entity.js';
import { BUILT_IN_FREE_PLAN, FREE_PLAN_KEY } from '../plans/plan.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { mainSubscription } from '../subscriptions/subscription.js';
import { Account } from './account.entity.js';

registerEnumType(Role, {
  name: 'Role',
  description: 'What the caller may do. A token holds one or more.',
  valuesConfig: {
    PUBLIC: { description: 'Anyone, also without a token.' },
    MEMBER: { description: 'A signed-in person of the account.' },
    BILLING_ADMIN: { description: 'A person of the account who may spend money.' },
    SERVICE: { description: 'Your own backend, with a service token.' },
    SUPPORT: { description: 'Support and finance staff, read only.' },
    OPERATOR: { description: 'Staff who may replay, reconcile and override.' },
  },
});

@ObjectType({ description: 'The signed-in caller.' })
export class Viewer {
  @Field(() => String, { description: 'Subject of the token.' })
  subject!: string;

  @Field(() => [Role], { description: 'Roles of the token.' })
  roles!: Role[];
}

@Resolver(() => Viewer)
export class ViewerResolver {
  @Authorized(Role.PUBLIC)
  @Query(() => Viewer, { nullable: true, description: 'Who is asking; null without a token.' })
  viewer(@Ctx() { caller }: Context): Viewer | null {
    return caller && { subject: caller.subject, roles: caller.roles };
  }

  @FieldResolver(() => Account, {
    nullable: true,
    description: 'The account that the token names; null when it names none.',
  })
  async account(@Ctx() context: Context): Promise<Account | null> {
    return context.caller?.account === undefined ? null : readViewerAccount(context);
  }
}

/** The subscription that decides what the account has, as the API shows it everywhere. */
export async function mainSubscriptionOf({ loaders }: Context, account: Account): Promise<BillingSubscription | null> {
  const { planByKey } = await loaders.catalogue();
  return mainSubscription(await loaders.subscriptionsOf.load(account.id), (key) => planByKey.get(key ?? '')?.rank ?? 0);
}

@Resolver(() => Account)
export class AccountResolver {
  @FieldResolver(() => Plan, { description: 'The plan in force: of the main subscription, or the free one.' })
  async plan(@Root() account: Account, @Ctx() { loaders }: Context): Promise<Plan> {
    const { planByKey } = await loaders.catalogue();
    return (
      planByKey.get(account.planKey) ?? planByKey.get(FREE_PLAN_KEY) ?? Object.assign(new Plan(), BUILT_IN_FREE_PLAN)
    );
  }

  @FieldResolver(() => BillingSubscription, {
    nullable: true,
    description: 'The main subscription (the live one of the highest rank, then the oldest); null when there is none.',
  })
  subscription(@Root() account: Account, @Ctx() context: Context): Promise<BillingSubscription | null> {
    return mainSubscriptionOf(context, account);
  }

  @FieldResolver(() => AccessDecision, { description: 'The one answer to: may they use the product now?' })
  async access(@Root() account: Account, @Ctx() context: Context): Promise<AccessDecision> {
    const main = await mainSubscriptionOf(context, account);
    const latest = main?.latestInvoiceId ? await context.loaders.invoice.load(main.latestInvoiceId) : null;
    const decidedAt = context.parts.billing.now();
    return { ...decideAccess(main, latest, context.parts.config, decidedAt), decidedAt };
  }
}
