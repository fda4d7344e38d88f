import { Arg, Authorized, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { Role } from '../auth/roles.js';
import { BillingError } from '../errors.js';
import type { Context } from '../graphql/context.js';
import { DateTimeScalar, UrlScalar } from '../graphql/scalars.js';
import { maySeeAccount } from '../graphql/viewer-account.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { SubscriptionStatus } from '../subscriptions/subscription.js';
import { CheckoutSession } from './checkout-session.entity.js';
import { CheckoutStatus, CheckoutUi } from './checkout-session.js';

/** Her own account's, or anybody's for your backend and staff. */
export function maySeeSession({ caller }: Context, { accountId }: Pick<CheckoutSession, 'accountId'>): boolean {
  return maySeeAccount(caller, accountId);
}

/** Without a token anybody who knows the id may learn where it stands; with one of another account there is nothing. */
export const mayKnowSession = (context: Context, session: Pick<CheckoutSession, 'accountId'>): boolean =>
  context.caller === null || maySeeSession(context, session);

/** What it brought, once that is stored; a subscription that still waits for its first payment has not come yet. */
export async function appliedSubscription(
  { loaders }: Pick<Context, 'loaders'>,
  { status, subscriptionId }: Pick<CheckoutSession, 'status' | 'subscriptionId'>,
): Promise<BillingSubscription | null> {
  if (status !== CheckoutStatus.COMPLETE || subscriptionId === null) return null;
  const subscription = await loaders.subscription.load(subscriptionId);
  return subscription?.status === SubscriptionStatus.INCOMPLETE ? null : subscription;
}

@Resolver(() => CheckoutSession)
export class CheckoutSessionResolver {
  @Authorized(Role.PUBLIC)
  @Query(() => CheckoutSession, {
    nullable: true,
    description:
      'To show the right page after coming back from checkout; null when there is none. Without a token it tells id and status only, so that an expired login is no dead end.',
  })
  async checkoutSession(
    @Arg('id', () => ID, { description: "Stripe's id (cs_…), as the return address carries it." }) id: string,
    @Ctx() context: Context,
  ): Promise<CheckoutSession | null> {
    const session = await context.loaders.checkoutSession.load(id);
    return session && mayKnowSession(context, session) ? session : null;
  }

  @FieldResolver(() => CheckoutUi, { description: 'Where the customer pays. Needs a token.' })
  ui(@Root() session: CheckoutSession, @Ctx() context: Context): CheckoutUi {
    requireSight(context, session);
    return session.ui ?? CheckoutUi.HOSTED;
  }

  @FieldResolver(() => UrlScalar, {
    nullable: true,
    description: 'For HOSTED: the page to send the browser to; null once it is no longer open, and without a token.',
  })
  url(@Root() session: CheckoutSession, @Ctx() context: Context): string | null {
    return maySeeSession(context, session) ? session.url : null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'For EMBEDDED and ELEMENTS. Only in the answer of createCheckoutSession, which hands the same session back when asked again.',
  })
  clientSecret(@Root() session: CheckoutSession, @Ctx() context: Context): string | null {
    return maySeeSession(context, session) ? (session.clientSecret ?? null) : null;
  }

  @FieldResolver(() => String, { nullable: true, description: 'Key for Stripe.js; null when none is set.' })
  publishableKey(@Root() session: CheckoutSession, @Ctx() context: Context): string | null {
    return maySeeSession(context, session) ? (context.parts.config.publishableKey ?? null) : null;
  }

  @FieldResolver(() => DateTimeScalar, { description: 'When it closes by itself. Needs a token.' })
  expiresAt(@Root() session: CheckoutSession, @Ctx() context: Context): number {
    requireSight(context, session);
    return session.expiresAt;
  }

  @FieldResolver(() => BillingSubscription, {
    nullable: true,
    description: 'Set once what was bought is applied, not merely when the browser came back; null without a token.',
  })
  subscription(@Root() session: CheckoutSession, @Ctx() context: Context): Promise<BillingSubscription | null> | null {
    return maySeeSession(context, session) ? appliedSubscription(context, session) : null;
  }
}

function requireSight(context: Context, session: CheckoutSession): void {
  if (maySeeSession(context, session)) return;
  throw new BillingError('UNAUTHENTICATED', 'Without a token only `id` and `status` of a checkout are told.', {
    hint: 'Ask for these two fields alone until the customer is signed in again.',
  });
}
