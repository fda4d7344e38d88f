import {
  Arg,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  Int,
  ObjectType,
  Query,
  registerEnumType,
  Resolver,
  Root,
} from 'type-graphql';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { Money } from '../graphql/money.js';
import { CurrencyCodeScalar, SafeIntScalar } from '../graphql/scalars.js';
import { Plan } from './plan.entity.js';
import {
  BillingInterval,
  FeatureKind,
  inTableOrder,
  isOffered,
  perMonth,
  type PlanFeatureState,
  priceFor,
  savingPercent,
} from './plan.js';
import { Price } from './price.entity.js';

registerEnumType(FeatureKind, {
  name: 'FeatureKind',
  description: 'What kind of thing a feature is.',
  valuesConfig: {
    SWITCH: { description: 'On or off.' },
    LIMIT: { description: 'So many at a time.' },
    METERED: { description: 'So much in a period.' },
    CONFIG: { description: 'A setting with a value.' },
  },
});

@ObjectType({ description: 'A feature as granted by one plan.' })
export class PlanFeature implements PlanFeatureState {
  @Field(() => String, { description: 'Stable slug used in checks, such as members-per-team.' })
  key!: string;

  @Field(() => FeatureKind, { description: 'What kind of thing it is.' })
  kind!: FeatureKind;

  @Field(() => SafeIntScalar, { nullable: true, description: 'Null means unlimited.' })
  limit!: number | null;
}

@Resolver(() => Plan)
export class PlanResolver {
  @Authorized(Role.PUBLIC)
  @Query(() => [Plan], { description: 'Plan table, lowest rank first. Works without a token.' })
  async plans(
    @Arg('includeArchived', () => Boolean, { defaultValue: false, description: 'Also plans that are sold no more.' })
    includeArchived: boolean,
    @Ctx() { loaders }: Context,
  ): Promise<Plan[]> {
    const { plans, prices } = await loaders.catalogue();
    return plans.filter((plan) => includeArchived || isOffered(plan, prices));
  }

  @Authorized(Role.PUBLIC)
  @Query(() => Plan, {
    nullable: true,
    description: 'One plan by its key; null when there is none. Works without a token.',
  })
  async plan(
    @Arg('key', () => String, { description: 'Stable slug, such as team.' }) key: string,
    @Ctx() { loaders }: Context,
  ): Promise<Plan | null> {
    return (await loaders.catalogue()).planByKey.get(key) ?? null;
  }

  @FieldResolver(() => [Price], { description: 'All prices on sale, optionally narrowed.' })
  async prices(
    @Root() plan: Plan,
    @Arg('currency', () => CurrencyCodeScalar, { nullable: true, description: 'Only in this currency.' })
    currency: string | null,
    @Arg('interval', () => BillingInterval, { nullable: true, description: 'Only for this interval.' })
    interval: BillingInterval | null,
    @Ctx() { loaders }: Context,
  ): Promise<Price[]> {
    const { prices } = await loaders.catalogue();
    const fits = (price: Price) =>
      price.active &&
      price.planKey === plan.key &&
      (!currency || price.currency === currency) &&
      (!interval || price.interval === interval);
    return inTableOrder(prices.filter(fits));
  }

  @FieldResolver(() => Price, {
    nullable: true,
    description: 'The one price for this interval and currency; null when it is not sold so.',
  })
  async price(
    @Root() plan: Plan,
    @Arg('interval', () => BillingInterval, { description: 'How often to pay.' }) interval: BillingInterval,
    @Arg('currency', () => CurrencyCodeScalar, { nullable: true, description: 'Any currency when not given.' })
    currency: string | null,
    @Ctx() { loaders }: Context,
  ): Promise<Price | null> {
    const { prices, priceById } = await loaders.catalogue();
    return priceById.get(priceFor(plan, interval, currency, prices)?.id ?? '') ?? null;
  }

  @FieldResolver(() => [PlanFeature], { description: 'What it grants.' })
  features(@Root() plan: Plan): PlanFeatureState[] {
    return plan.features;
  }
}

@Resolver(() => Price)
export class PriceResolver {
  @FieldResolver(() => Plan, {
    nullable: true,
    description: 'The plan it sells; null when that is not in the catalogue.',
  })
  async plan(@Root() { planKey }: Price, @Ctx() { loaders }: Context): Promise<Plan | null> {
    return (await loaders.catalogue()).planByKey.get(planKey ?? '') ?? null;
  }

  @FieldResolver(() => Money, { nullable: true, description: 'Price of one unit; null for tiered prices.' })
  unit(@Root() { unitAmount, currency }: Price): Money | null {
    return unitAmount === null ? null : new Money(unitAmount, currency);
  }

  @FieldResolver(() => Money, {
    nullable: true,
    description: 'The same price per month, for comparing intervals; null where that means nothing.',
  })
  perMonth(@Root() price: Price): Money | null {
    const amount = perMonth(price);
    return amount === null ? null : new Money(amount, price.currency);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'Saving against the monthly price of the same plan, in percent; null when not lower.',
  })
  async savingPercent(@Root() price: Price, @Ctx() { loaders }: Context): Promise<number | null> {
    return savingPercent(price, (await loaders.catalogue()).prices);
  }
}
