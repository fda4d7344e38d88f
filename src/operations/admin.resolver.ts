import { Authorized, Ctx, Field, FieldResolver, ObjectType, Query, Resolver } from 'type-graphql';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { CatalogueProblem } from '../plans/catalogue-problem.entity.js';

@ObjectType({ description: 'A product or price that the catalogue could not use, or could use only with a warning.' })
export class CatalogProblem {
  @Field(() => String, {
    description: "Stripe's id of the product or the price; `/v1/products` where Stripe's list of products ended early.",
  })
  objectId!: string;

  @Field(() => String, { nullable: true, description: 'Metadata field at fault; null when the object as a whole is.' })
  field!: string | null;

  @Field(() => String, { description: 'What was expected and what was found.' })
  reason!: string;

  @Field(() => String, { description: 'What to do about it.' })
  remedy!: string;

  @Field(() => Boolean, { description: 'True when it is sold all the same.' })
  warning!: boolean;
}

@ObjectType({ description: 'Everything for staff.' })
export class AdminQuery {}

@Resolver(() => AdminQuery)
export class AdminResolver {
  @Authorized(Role.SUPPORT)
  @Query(() => AdminQuery, { nullable: true, description: 'Everything for staff.' })
  admin(): AdminQuery {
    return new AdminQuery();
  }

  @FieldResolver(() => [CatalogProblem], {
    description: 'Products and prices that the catalogue could not use, and why; those that are not sold come first.',
  })
  catalogProblems(@Ctx() { parts }: Context): Promise<CatalogProblem[]> {
    return parts.database.read.manager.find(CatalogueProblem, { order: { warning: 'ASC', id: 'ASC' } });
  }
}
