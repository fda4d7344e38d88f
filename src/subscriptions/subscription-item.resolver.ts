import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../graphql/context.js';
import { Price } from '../plans/price.entity.js';
import { priceIn } from './recurring-amount.js';
import { SubscriptionItem } from './subscription-item.entity.js';

@Resolver(() => SubscriptionItem)
export class SubscriptionItemResolver {
  @FieldResolver(() => Price, {
    nullable: true,
    description:
      "Its price, in the subscription's currency; `plan` or `addOn` of it tells what it sells. Null while the catalogue does not know it.",
  })
  async price(
    @Root() { priceId, subscriptionId }: SubscriptionItem,
    @Ctx() { loaders }: Context,
  ): Promise<Price | null> {
    const subscription = await loaders.subscription.load(subscriptionId);
    return subscription && priceIn(await loaders.catalogue(), priceId, subscription.currency);
  }
}
