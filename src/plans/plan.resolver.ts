import { Arg, Authorized, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { CurrencyCodeScalar } from '../graphql/scalars.js';
import { readViewerAccountIfAny } from '../graphql/viewer-account.js';
import { AddOn } from './add-on.entity.js';
import { isRecommended, trialDaysOf } from './metadata.js';
import { Plan } from './plan.entity.js';
import { BillingInterval, goesWith, inTableOrder, isOffered, isReplaced, isSold, priceFor } from './plan.js';
import { Price } from './price.entity.js';

const CURRENCY = { nullable: true, description: 'Only in this currency.' } as const;
const INTERVAL = { nullable: true, description: 'Only for this interval.' } as const;

const onSale = (prices: readonly Price[], currency: string | null, interval: BillingInterval | null): Price[] =>
  inTableOrder(
    prices.filter(
      (price) =>
        (!currency || price.currency === currency) &&
        (!interval || price.interval === interval) &&
        !isReplaced(price, prices),
    ),
  );

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

  @FieldResolver(() => Boolean, { description: 'True for the plan to put a badge on.' })
  recommended(@Root() { metadata }: Plan): boolean {
    return isRecommended(metadata);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'Days of free trial for an account that has not had one; null for none.',
  })
  trialDays(@Root() { metadata }: Plan): number | null {
    return trialDaysOf(metadata);
  }

  @FieldResolver(() => [Price], {
    description: 'All prices on sale, without those that a later one has replaced; optionally narrowed.',
  })
  async prices(
    @Root() plan: Plan,
    @Arg('currency', () => CurrencyCodeScalar, CURRENCY) currency: string | null,
    @Arg('interval', () => BillingInterval, INTERVAL) interval: BillingInterval | null,
    @Ctx() { loaders }: Context,
  ): Promise<Price[]> {
    const { prices } = await loaders.catalogue();
    return onSale(
      prices.filter(({ planKey }) => planKey === plan.key),
      currency,
      interval,
    );
  }

  @FieldResolver(() => Price, {
    nullable: true,
    description: 'The one price for this interval and currency; null when it is not sold so.',
  })
  async price(
    @Root() plan: Plan,
    @Arg('interval', () => BillingInterval, { description: 'How often to pay.' }) interval: BillingInterval,
    @Arg('currency', () => CurrencyCodeScalar, {
      nullable: true,
      description:
        "The viewer's currency when not given; for one who has none yet the default, or else any it is sold in.",
    })
    currency: string | null,
    @Ctx() context: Context,
  ): Promise<Price | null> {
    const { prices } = await context.loaders.catalogue();
    const asked = currency ?? (await readViewerAccountIfAny(context))?.currency;
    if (asked) return priceFor(plan, interval, asked, prices);
    const { defaultCurrency } = context.parts.config;
    return priceFor(plan, interval, defaultCurrency, prices) ?? priceFor(plan, interval, null, prices);
  }

  @FieldResolver(() => [AddOn], { description: 'What can be added to it.' })
  async addOns(@Root() plan: Plan, @Ctx() { loaders }: Context): Promise<AddOn[]> {
    const { addOns, prices } = await loaders.catalogue();
    const isOnSale = ({ key }: AddOn) => prices.some((price) => isSold(price) && price.addOnKey === key);
    return addOns.filter((addOn) => !plan.free && goesWith(addOn, plan.key) && isOnSale(addOn));
  }
}

@Resolver(() => AddOn)
export class AddOnResolver {
  @FieldResolver(() => [Price], {
    description: 'All prices on sale, without those that a later one has replaced; optionally narrowed.',
  })
  async prices(
    @Root() addOn: AddOn,
    @Arg('currency', () => CurrencyCodeScalar, CURRENCY) currency: string | null,
    @Arg('interval', () => BillingInterval, INTERVAL) interval: BillingInterval | null,
    @Ctx() { loaders }: Context,
  ): Promise<Price[]> {
    const { prices } = await loaders.catalogue();
    return onSale(
      prices.filter(({ addOnKey }) => addOnKey === addOn.key),
      currency,
      interval,
    );
  }
}
