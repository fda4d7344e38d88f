import {
  Arg,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  ID,
  ObjectType,
  Query,
  registerEnumType,
  Resolver,
  Root,
} from 'type-graphql';
import { AccessDecision } from '../access/access-decision.js';
import { planInForce, readAccess } from '../access/standing.js';
import { Role } from '../auth/roles.js';
import { badUserInput } from '../errors.js';
import type { Context } from '../graphql/context.js';
import { readOwnAccount, readViewerAccountIfAny } from '../graphql/viewer-account.js';
import { Plan } from '../plans/plan.entity.js';
import { BUILT_IN_FREE_PLAN } from '../plans/plan.js';
import { mainSubscriptionOf } from '../subscriptions/main-subscription.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { Account } from './account.entity.js';
import { accountIdOf } from './account.js';

registerEnumType(Role, {
  name: 'Role',
  description: 'What the caller may do. A token holds one or more.',
  valuesConfig: {
    PUBLIC: { description: 'Anyone, also without a token.' },
    MEMBER: { description: 'A signed-in person of the account.' },
    BILLING_ADMIN: { description: 'A person of the account who may spend money.' },
    SERVICE: { description: 'Your own backend, with a service token.' },
    SUPPORT: { description: 'Support and finance staff, read only.' },
    OPERATOR: {
      description:
        'Staff who may replay, reconcile and override. With BILLING_ADMIN in the same token also for what an account spends, on any account that they name.',
    },
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
    description:
      "The token's first account, or the one that the X-Billing-Account header chooses; null for a token of none.",
  })
  async account(@Ctx() context: Context): Promise<Account | null> {
    return readViewerAccountIfAny(context);
  }

  @FieldResolver(() => [Account], { description: 'All accounts that the token belongs to, in its order.' })
  accounts(@Ctx() context: Context): Promise<Account[]> {
    return Promise.all((context.caller?.accounts ?? []).map((externalId) => readOwnAccount(context, externalId)));
  }
}

@Resolver(() => Account)
export class AccountResolver {
  @Authorized(Role.SERVICE, Role.SUPPORT)
  @Query(() => Account, {
    nullable: true,
    description: 'Any account, for your backend or staff; null when there is none. Give exactly one argument.',
  })
  account(
    @Arg('id', () => ID, { nullable: true, description: 'Its id (acc_…).' }) id: string | null,
    @Arg('externalId', () => String, { nullable: true, description: 'Your own id for it.' }) externalId: string | null,
    @Ctx() { loaders }: Context,
  ): Promise<Account | null> {
    if (typeof id === typeof externalId) throw badUserInput('account takes exactly one of id and externalId.');
    return loaders.account.load(id ?? accountIdOf(String(externalId)));
  }

  @FieldResolver(() => Plan, {
    description:
      'The plan in force: of the main subscription, or the free one; the old one until a start or a change by bank debit is paid.',
  })
  async plan(@Root() account: Account, @Ctx() { loaders }: Context): Promise<Plan> {
    return planInForce(await loaders.catalogue(), account.planKey) ?? Object.assign(new Plan(), BUILT_IN_FREE_PLAN);
  }

  @FieldResolver(() => BillingSubscription, {
    nullable: true,
    description:
      'The main subscription; null when there is none. Of several live ones that of the highest rank, then the oldest; one that is paused or unpaid for good only where no other is left.',
  })
  subscription(@Root() account: Account, @Ctx() { loaders }: Context): Promise<BillingSubscription | null> {
    return mainSubscriptionOf(loaders, account);
  }

  @FieldResolver(() => AccessDecision, { description: 'The one answer to: may they use the product now?' })
  async access(@Root() account: Account, @Ctx() { loaders, parts }: Context): Promise<AccessDecision> {
    const decidedAt = parts.billing.now();
    return { ...(await readAccess(loaders, account, parts.config, decidedAt)), decidedAt };
  }
}
