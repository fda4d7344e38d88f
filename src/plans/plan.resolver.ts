import { Arg, Authorized, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { CurrencyCodeScalar } from '../graphql/scalars.js';
import { readViewerAccountIfAny } from '../graphql/viewer-account.js';
import { AddOn } from './add-on.entity.js';
import { isRecommended, trialDaysOf } from './metadata.js';
import { Plan } from './plan.entity.js';
import { BillingInterval, goesWith, inTableOrder, isOffered, isSold, priceFor } from './plan.js';
import { Price } from './price.entity.js';

const CURRENCY = { nullable: true, description: 'Only in this currency.' } as const;
const INTERVAL = { nullable: true, description: 'Only for this interval.' } as const;

const fits = (price: Price, currency: string | null, interval: BillingInterval | null): boolean =>
  price.active && (!currency || price.currency === currency) && (!interval || price.interval === interval);

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

  @FieldResolver(() => [Price], { description: 'All prices on sale, optionally narrowed.' })
  async prices(
    @Root() plan: Plan,
    @Arg('currency', () => CurrencyCodeScalar, CURRENCY) currency: string | null,
    @Arg('interval', () => BillingInterval, INTERVAL) interval: BillingInterval | null,
    @Ctx() { loaders }: Context,
  ): Promise<Price[]> {
    const { prices } = await loaders.catalogue();
    return inTableOrder(prices.filter((price) => price.planKey === plan.key && fits(price, currency, interval)));
  }

  @FieldResolver(() => Price, {
    nullable: true,
    description: 'The one price for this interval and currency; null when it is not sold so.',
  })
  async price(
    @Root() plan: Plan,
    @Arg('interval', () => BillingInterval, { description: 'How often to pay.' }) interval: BillingInterval,
    @Arg('currency', () => CurrencyCodeScalar, { nullable: true, description: "The viewer's currency when not given." })
    currency: string | null,
    @Ctx() context: Context,
  ): Promise<Price | null> {
    const { prices } = await context.loaders.catalogue();
    if (currency) return priceFor(plan, interval, currency, prices);
    const own = await viewerCurrency(context);
    return priceFor(plan, interval, own, prices) ?? priceFor(plan, interval, null, prices);
  }

  @FieldResolver(() => [AddOn], { description: 'What can be added to it.' })
  async addOns(@Root() plan: Plan, @Ctx() { loaders }: Context): Promise<AddOn[]> {
    const { addOns, prices } = await loaders.catalogue();
    const onSale = ({ key }: AddOn) => prices.some((price) => isSold(price) && price.addOnKey === key);
    return addOns.filter((addOn) => !plan.free && goesWith(addOn, plan.key) && onSale(addOn));
  }
}

@Resolver(() => AddOn)
export class AddOnResolver {
  @FieldResolver(() => [Price], { description: 'All prices on sale, optionally narrowed.' })
  async prices(
    @Root() addOn: AddOn,
    @Arg('currency', () => CurrencyCodeScalar, CURRENCY) currency: string | null,
    @Arg('interval', () => BillingInterval, INTERVAL) interval: BillingInterval | null,
    @Ctx() { loaders }: Context,
  ): Promise<Price[]> {
    const { prices } = await loaders.catalogue();
    return inTableOrder(prices.filter((price) => price.addOnKey === addOn.key && fits(price, currency, interval)));
  }
}

/** The currency the viewer pays in, or else the one of the settings. */
async function viewerCurrency(context: Context): Promise<string> {
  const account = await readViewerAccountIfAny(context);
  return account?.currency ?? context.parts.config.defaultCurrency;
}
