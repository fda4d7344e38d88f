import { Ctx, Field, FieldResolver, Int, ObjectType, Resolver, Root } from 'type-graphql';
import type { Context } from '../graphql/context.js';
import { Money } from '../graphql/money.js';
import { DecimalScalar, SafeIntScalar } from '../graphql/scalars.js';
import { AddOn } from './add-on.entity.js';
import { seatsOf } from './metadata.js';
import { Plan } from './plan.entity.js';
import { perMonth, savingPercent } from './plan.js';
import { Price } from './price.entity.js';

@ObjectType({ description: 'One step of a tiered price.' })
export class PriceTier {
  @Field(() => SafeIntScalar, { nullable: true, description: 'Last unit covered; null for no upper end.' })
  upTo!: number | null;

  @Field(() => Money, {
    nullable: true,
    description: 'Price of one unit; null when below one minor unit, see unitDecimal.',
  })
  unit!: Money | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Exact unit price in minor units; null when units cost nothing.',
  })
  unitDecimal!: string | null;

  @Field(() => Money, { nullable: true, description: 'Charged once when this step is reached; null for nothing.' })
  flat!: Money | null;
}

@ObjectType({ description: 'Seats that can be bought.' })
export class SeatRange {
  @Field(() => Int, { description: 'At least so many.' })
  min!: number;

  @Field(() => Int, { nullable: true, description: 'At most so many; null for no upper end.' })
  max!: number | null;

  @Field(() => Int, { description: 'In steps of so many, counted from the least.' })
  step!: number;
}

@Resolver(() => Price)
export class PriceResolver {
  @FieldResolver(() => Plan, {
    nullable: true,
    description: 'The plan it sells; null for an add-on, and when the plan is not in the catalogue.',
  })
  async plan(@Root() { planKey }: Price, @Ctx() { loaders }: Context): Promise<Plan | null> {
    return (await loaders.catalogue()).planByKey.get(planKey ?? '') ?? null;
  }

  @FieldResolver(() => AddOn, { nullable: true, description: 'The add-on it sells; null for a plan.' })
  async addOn(@Root() { addOnKey }: Price, @Ctx() { loaders }: Context): Promise<AddOn | null> {
    return (await loaders.catalogue()).addOns.find(({ key }) => key === addOnKey) ?? null;
  }

  @FieldResolver(() => Money, { nullable: true, description: 'Price of one unit; null for tiered prices.' })
  unit(@Root() { unitAmount, currency }: Price): Money | null {
    return unitAmount === null ? null : new Money(unitAmount, currency);
  }

  @FieldResolver(() => [PriceTier], {
    description: 'Steps of a tiered price, lowest first; empty for every other price.',
  })
  tiers(@Root() { tiers, currency }: Price): PriceTier[] {
    const money = (amount: number | null) => (amount === null ? null : new Money(amount, currency));
    return (tiers ?? []).map(({ upTo, unitAmount, unitDecimal, flatAmount }) => ({
      upTo,
      unit: money(unitAmount),
      unitDecimal,
      flat: money(flatAmount),
    }));
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

  @FieldResolver(() => SeatRange, { nullable: true, description: 'How many can be bought; null when any number can.' })
  async seats(@Root() { planKey, addOnKey }: Price, @Ctx() { loaders }: Context): Promise<SeatRange | null> {
    const { planByKey, addOns } = await loaders.catalogue();
    const seller = planByKey.get(planKey ?? '') ?? addOns.find(({ key }) => key === addOnKey);
    return seller ? seatsOf(seller.metadata) : null;
  }
}
