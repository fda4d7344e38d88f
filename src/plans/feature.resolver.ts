import {
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
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { Node } from '../graphql/node.js';
import { SafeIntScalar } from '../graphql/scalars.js';
import { AddOn } from './add-on.entity.js';
import { columnOf, featuresOf, type FeatureState, type GrantedFeature } from './feature.js';
import { Plan } from './plan.entity.js';
import { FeatureKind } from './plan.js';

registerEnumType(FeatureKind, {
  name: 'FeatureKind',
  description: 'What kind of thing a feature is.',
  valuesConfig: {
    SWITCH: { description: 'On or off.' },
    LIMIT: { description: 'So many at a time.' },
    METERED: { description: 'So much a month, or in the billing period where that is shorter.' },
    CONFIG: { description: 'A setting with a value.' },
  },
});

@ObjectType({ implements: Node, description: 'Something a plan can grant.' })
export class Feature implements FeatureState {
  @Field(() => ID, { description: 'Opaque and stable.' })
  id!: string;

  @Field(() => String, { description: 'Stable slug used in checks, such as members-per-team.' })
  key!: string;

  @Field(() => String, { description: 'Name to show.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'One sentence about it; null when none was written.' })
  description!: string | null;

  @Field(() => FeatureKind, { description: 'What kind of thing it is.' })
  kind!: FeatureKind;

  @Field(() => String, {
    nullable: true,
    description: 'Singular name of what is counted, such as call; null where nothing is.',
  })
  unit!: string | null;
}

@ObjectType({ description: 'A feature as granted by one plan or add-on.' })
export class PlanFeature implements GrantedFeature {
  @Field(() => Feature, { description: 'Which feature.' })
  feature!: Feature;

  @Field(() => Boolean, { description: 'Whether it is granted at all.' })
  included!: boolean;

  @Field(() => SafeIntScalar, { nullable: true, description: 'How many; null means unlimited when included.' })
  limit!: number | null;

  @Field(() => Boolean, { description: 'Use above the limit is counted instead of being refused.' })
  softLimit!: boolean;

  @Field(() => String, { description: 'Ready-to-show cell text, such as 20 members, or 10,000 calls a month.' })
  label!: string;
}

/** Every feature of the catalogue, in the order of the ladder. */
export async function allFeatures({ loaders, parts }: Context): Promise<Feature[]> {
  const { plans, addOns } = await loaders.catalogue();
  const features = featuresOf([...plans, ...addOns], parts.catalogueRules.features);
  return features.map((feature) => Object.assign(new Feature(), feature));
}

@Resolver()
export class FeatureResolver {
  @Authorized(Role.PUBLIC)
  @Query(() => [Feature], { description: 'Everything that plans and add-ons can grant. Works without a token.' })
  features(@Ctx() context: Context): Promise<Feature[]> {
    return allFeatures(context);
  }
}

@Resolver(() => Plan)
export class PlanFeaturesResolver {
  @FieldResolver(() => [PlanFeature], {
    description: 'Every feature of the catalogue and whether this plan grants it: one column of a table of plans.',
  })
  async features(@Root() plan: Plan, @Ctx() context: Context): Promise<PlanFeature[]> {
    return columnOf(plan, await allFeatures(context));
  }
}

@Resolver(() => AddOn)
export class AddOnFeaturesResolver {
  @FieldResolver(() => [PlanFeature], { description: 'What it grants on top.' })
  async features(@Root() addOn: AddOn, @Ctx() context: Context): Promise<PlanFeature[]> {
    return columnOf(addOn, await allFeatures(context)).filter(({ included }) => included);
  }
}
