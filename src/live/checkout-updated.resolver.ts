import { Arg, Authorized, Ctx, Field, ID, ObjectType, Resolver, Root, Subscription } from 'type-graphql';
import { Role } from '../auth/roles.js';
import { CheckoutSession } from '../checkout/checkout-session.entity.js';
import type { Context } from '../graphql/context.js';
import { type CheckoutPush, watchCheckout } from './checkout-stream.js';
import { StreamKind } from './hub.js';

@ObjectType({ description: 'One message of `checkoutUpdated`.' })
export class CheckoutUpdate {
  @Field(() => StreamKind, { description: 'Snapshot first, then changes.' })
  kind!: StreamKind;

  @Field(() => CheckoutSession, { description: 'The checkout as it stands now.' })
  session!: CheckoutSession;
}

interface WatchArguments {
  session: string;
}

@Resolver(() => CheckoutUpdate)
export class CheckoutUpdatedResolver {
  @Authorized(Role.PUBLIC)
  @Subscription(() => CheckoutUpdate, {
    description:
      'From open to complete, for the page shown after checkout. Ends by itself once the checkout has expired, or is complete and what was bought is applied. Without a token it tells id and status only.',
    subscribe: ({ context, args }) => watchCheckout(context as Context, (args as WatchArguments).session),
  })
  checkoutUpdated(
    @Root() push: CheckoutPush,
    @Arg('session', () => ID, { description: "Stripe's id (cs_…)." }) _session: string,
    @Ctx() _context: Context,
  ): CheckoutUpdate {
    return push;
  }
}
