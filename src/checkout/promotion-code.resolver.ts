import { Arg, Authorized, Ctx, Field, ObjectType, Query, registerEnumType, Resolver } from 'type-graphql';
import { Role } from '../auth/roles.js';
import { askStripe } from '../graphql/ask-stripe.js';
import type { Context } from '../graphql/context.js';
import { Money } from '../graphql/money.js';
import { DateTimeScalar, DecimalScalar } from '../graphql/scalars.js';
import { readViewerAccount } from '../graphql/viewer-account.js';
import { seatsOf } from '../plans/metadata.js';
import { BillingInterval, isOffered, perInterval, priceFor } from '../plans/plan.js';
import { DiscountDuration, type DiscountState } from './promotion-code.js';
import { checkPromotionCode } from './promotion-code.fetch.js';
import { amountOf } from './purchase.js';

registerEnumType(DiscountDuration, {
  name: 'DiscountDuration',
  description: 'How long a discount lasts.',
  valuesConfig: {
    ONCE: { description: 'For one invoice.' },
    REPEATING: { description: 'For some months.' },
    FOREVER: { description: 'As long as the subscription.' },
    UNRECOGNIZED: { description: 'A word the gateway does not know yet.' },
  },
});

@ObjectType({ description: 'What is taken off.' })
export class Discount {
  @Field(() => String, { description: 'Promotion code or coupon name.' })
  label!: string;

  @Field(() => String, { nullable: true, description: 'The code it came with; null when there was none.' })
  promotionCode!: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'Percentage; null for a fixed amount.' })
  percentOff!: string | null;

  @Field(() => Money, { nullable: true, description: 'Fixed amount; null for a percentage.' })
  amountOff!: Money | null;

  @Field(() => DiscountDuration, { description: 'How long it lasts.' })
  duration!: DiscountDuration;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ends; null when it does not by itself.' })
  endsAt!: number | null;
}

export const toDiscountType = ({
  amountOff,
  currency,
  label,
  promotionCode,
  percentOff,
  duration,
  endsAt,
}: DiscountState): Discount => ({
  ...{ label, promotionCode, percentOff, duration, endsAt },
  amountOff: amountOff === null || currency === null ? null : new Money(amountOff, currency),
});

@ObjectType({ description: 'Answer to: is this code good for me?' })
export class PromotionCodeCheck {
  @Field(() => String, { description: 'The code as Stripe writes it, or as it was asked for.' })
  code!: string;

  @Field(() => Boolean, { description: 'Whether it can be applied.' })
  valid!: boolean;

  @Field(() => Discount, { nullable: true, description: 'What it takes off; null when it is not valid.' })
  discount!: Discount | null;

  @Field(() => String, { nullable: true, description: 'Why it is not valid, fit to show; null when it is.' })
  reason!: string | null;
}

@Resolver()
export class PromotionCodeResolver {
  @Authorized(Role.MEMBER)
  @Query(() => PromotionCodeCheck, {
    nullable: true,
    description: 'Whether a promotion code is good for the account, and why not. Asks Stripe once; changes nothing.',
  })
  async checkPromotionCode(
    @Arg('code', () => String, { description: 'The code as the customer typed it.' }) code: string,
    @Arg('plan', () => String, {
      nullable: true,
      description: 'The plan it is for, with the fewest seats it is sold with; any when not given.',
    })
    plan: string | null,
    @Arg('interval', () => BillingInterval, { nullable: true, description: 'Monthly when not given.' })
    interval: BillingInterval | null,
    @Ctx() context: Context,
  ): Promise<PromotionCodeCheck> {
    const account = await readViewerAccount(context);
    const refused = plan ? await notSold(context, plan, interval ?? null) : null;
    if (refused !== null) return { code, valid: false, discount: null, reason: refused };
    const worth = plan ? await worthOf(context, plan, interval ?? BillingInterval.MONTH, account.currency) : null;
    const { promotion, reason } = await askStripe(context, `checkPromotionCode ${JSON.stringify([code, worth])}`, () =>
      checkPromotionCode(context.parts, account, code, worth),
    );
    const valid = promotion !== null && reason === null;
    return {
      code: promotion?.code ?? code,
      valid,
      discount: valid ? toDiscountType(promotion.discount) : null,
      reason,
    };
  }
}

/** Why nothing could be bought with it, whatever the code; null when something can. */
async function notSold({ loaders }: Context, key: string, interval: BillingInterval | null): Promise<string | null> {
  const { planByKey, prices } = await loaders.catalogue();
  const plan = planByKey.get(key);
  if (!plan || plan.free || !isOffered(plan, prices)) return `There is no plan '${key}' to buy.`;
  const sold = interval === null || priceFor(plan, interval, null, prices) !== null;
  return sold ? null : `${plan.name} is not sold ${perInterval(interval)}.`;
}

async function worthOf({ loaders, parts }: Context, key: string, interval: BillingInterval, currency: string | null) {
  const { planByKey, prices } = await loaders.catalogue();
  const wanted = currency ?? parts.config.defaultCurrency;
  const price = priceFor({ key }, interval, wanted, prices) ?? priceFor({ key }, interval, null, prices);
  const quantity = seatsOf(planByKey.get(key)?.metadata ?? {})?.min ?? 1;
  return price && { amount: amountOf([{ price, quantity }]), paidIn: price.currency, productIds: [price.productId] };
}
