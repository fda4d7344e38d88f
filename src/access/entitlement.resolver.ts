import {
  Arg,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  Float,
  ID,
  ObjectType,
  Query,
  registerEnumType,
  Resolver,
  Root,
} from 'type-graphql';
import { Account } from '../accounts/account.entity.js';
import { Role } from '../auth/roles.js';
import { badUserInput } from '../errors.js';
import type { Context } from '../graphql/context.js';
import { DateTimeScalar, SafeIntScalar } from '../graphql/scalars.js';
import { ACCOUNT, readViewerAccount } from '../graphql/viewer-account.js';
import { Feature } from '../plans/feature.resolver.js';
import { Plan } from '../plans/plan.entity.js';
import { FeatureKind } from '../plans/plan.js';
import { Remedy } from './access.js';
import { AccessDecision } from './access-decision.js';
import { decideEntitlement, EntitlementDeniedReason, EntitlementSource, type EntitlementState } from './entitlement.js';
import { readStanding } from './standing.js';

registerEnumType(EntitlementSource, {
  name: 'EntitlementSource',
  description: 'What grants a feature. Values may be added.',
  valuesConfig: {
    PLAN: { description: 'The plan in force.' },
    ADD_ON: { description: 'Something bought on top of it.' },
    TRIAL: { description: 'The plan in force, in its free trial.' },
    DEFAULT: { description: 'Nothing grants it.' },
  },
});
registerEnumType(EntitlementDeniedReason, {
  name: 'EntitlementDeniedReason',
  description: 'Why no more of a feature may be used. Values may be added.',
  valuesConfig: {
    FEATURE_UNKNOWN: { description: 'Nothing in the catalogue grants such a feature.' },
    NO_ACCESS: { description: 'The product may not be used now; see access.' },
    NOT_IN_PLAN: { description: 'Neither the plan nor an add-on grants it.' },
    LIMIT_REACHED: { description: 'So many more would pass the limit.' },
  },
});

@ObjectType({
  description: 'What an account may use of one feature, and what it has used. Use is never cut to a limit.',
})
export class Entitlement implements EntitlementState<Plan> {
  @Field(() => Feature, { description: 'Which feature.' })
  feature!: Feature;

  @Field(() => Boolean, { description: 'Whether it may be used at all, now.' })
  granted!: boolean;

  @Field(() => Boolean, { description: 'Whether it may be used without a limit.' })
  unlimited!: boolean;

  @Field(() => SafeIntScalar, {
    nullable: true,
    description: 'How many are granted: 0 when it is not, null without a limit and for what is not counted.',
  })
  limit!: number | null;

  @Field(() => SafeIntScalar, { nullable: true, description: 'How many are used; null for what is not counted.' })
  used!: number | null;

  @Field(() => SafeIntScalar, { nullable: true, description: 'How many are left; null without a limit.' })
  remaining!: number | null;

  @Field(() => SafeIntScalar, {
    nullable: true,
    description: 'How far above the limit, such as after a downgrade; null without a limit.',
  })
  overBy!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Share used, 0 to 100 and above; null without a limit, or with one of 0.',
  })
  usedPercent!: number | null;

  @Field(() => Boolean, { description: 'Use above the limit is counted instead of being refused.' })
  softLimit!: boolean;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it begins anew; null for what is not counted by the month.',
  })
  resetsAt!: number | null;

  @Field(() => EntitlementSource, { description: 'What grants it.' })
  source!: EntitlementSource;

  @Field(() => EntitlementDeniedReason, {
    nullable: true,
    description: 'Why no more may be used (one more, unless a quantity was asked for); null when it may.',
  })
  deniedReason!: EntitlementDeniedReason | null;

  @Field(() => Remedy, { description: 'What would help; NONE when nothing has to.' })
  remedy!: Remedy;

  @Field(() => Plan, {
    nullable: true,
    description: 'The cheapest plan that would grant it; null when none does, or when a plan is not what is missing.',
  })
  unlockedBy!: Plan | null;
}

@ObjectType({ description: 'The answer to: may they do this now?' })
export class AccessCheck {
  @Field(() => AccessDecision, { description: 'May they use the product at all?' })
  access!: AccessDecision;

  @Field(() => Entitlement, { nullable: true, description: 'Of the feature; null when none was asked for.' })
  entitlement!: Entitlement | null;

  @Field(() => Boolean, { description: 'The one answer, for the product or for that many of the feature.' })
  allowed!: boolean;
}

export const toEntitlement = ({ feature, ...state }: EntitlementState<Plan>): Entitlement =>
  Object.assign(new Entitlement(), state, { feature: Object.assign(new Feature(), feature) });

@Resolver(() => Account)
export class EntitlementResolver {
  @FieldResolver(() => [Entitlement], {
    description: 'Every feature of the catalogue, and what the account has of it.',
  })
  async entitlements(
    @Root() account: Account,
    @Arg('kinds', () => [FeatureKind], { nullable: true, description: 'Only these kinds; all when not given.' })
    kinds: FeatureKind[] | null,
    @Ctx() { loaders, parts }: Context,
  ): Promise<Entitlement[]> {
    const standing = await readStanding(parts, loaders, account);
    return standing.features
      .filter(({ kind }) => !kinds || kinds.includes(kind))
      .map(({ key }) => toEntitlement(decideEntitlement(standing, key)));
  }

  @FieldResolver(() => Entitlement, { description: 'What the account has of one feature.' })
  async entitlement(
    @Root() account: Account,
    @Arg('feature', () => String, { description: 'Its key, such as members-per-team.' }) feature: string,
    @Ctx() { loaders, parts }: Context,
  ): Promise<Entitlement> {
    return toEntitlement(decideEntitlement(await readStanding(parts, loaders, account), feature));
  }

  @Authorized(Role.MEMBER)
  @Query(() => AccessCheck, {
    nullable: true,
    description: 'Whether something may be used now, in one question; it counts nothing. Safe to ask on every click.',
  })
  async checkAccess(
    @Arg('account', () => ID, ACCOUNT) account: string | null,
    @Arg('feature', () => String, {
      nullable: true,
      description: 'Key of a feature; only whether the product may be used when not given.',
    })
    feature: string | null,
    @Arg('quantity', () => SafeIntScalar, { nullable: true, defaultValue: 1, description: 'How many more, from 1.' })
    asked: number | null,
    @Ctx() context: Context,
  ): Promise<AccessCheck> {
    const quantity = asked ?? 1;
    if (quantity < 1) throw badUserInput(`quantity must be 1 or more, found ${quantity}.`);
    const { parts, loaders } = context;
    const standing = await readStanding(parts, loaders, await readViewerAccount(context, { account }));
    const entitlement =
      typeof feature === 'string' ? toEntitlement(decideEntitlement(standing, feature, quantity)) : null;
    return {
      access: { ...standing.access, decidedAt: parts.billing.now() },
      entitlement,
      allowed: standing.access.allowed && (entitlement?.deniedReason ?? null) === null,
    };
  }
}
