import { Arg, Authorized, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { CurrencyCodeScalar, UrlScalar } from '../graphql/scalars.js';
import { toUserErrors, UserError } from '../graphql/user-errors.js';
import { ensureViewerAccount } from '../graphql/viewer-account.js';
import { BillingInterval } from '../plans/plan.js';
import { CheckoutSession } from './checkout-session.entity.js';
import { fetchCheckoutSession, toCheckoutSession } from './checkout-session.fetch.js';
import { createCheckoutSession } from './create-checkout-session.js';

@InputType({ description: 'What to buy, and where to come back to.' })
export class CreateCheckoutSessionInput {
  @Field(() => String, { description: 'Plan key, such as team.' })
  plan!: string;

  @Field(() => BillingInterval, { description: 'How often to pay.' })
  interval!: BillingInterval;

  @Field(() => CurrencyCodeScalar, { nullable: true, description: "The price's own currency when not given." })
  currency?: string | null;

  @Field(() => Int, { nullable: true, description: 'One when not given.' })
  seats?: number | null;

  @Field(() => UrlScalar, {
    nullable: true,
    description:
      'Where to go after paying; must be on the allow-list. {CHECKOUT_SESSION_ID} is replaced. A page of the gateway when not given.',
  })
  successUrl?: string | null;

  @Field(() => UrlScalar, { nullable: true, description: 'Where to go when giving up; must be on the allow-list.' })
  cancelUrl?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The same key with the same input returns the first answer, for 24 hours.',
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'The page to send the customer to.' })
export class CreateCheckoutSessionPayload {
  @Field(() => CheckoutSession, { nullable: true, description: 'Null when refused; see userErrors.' })
  session!: CheckoutSession | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was not.' })
  userErrors!: UserError[];
}

@Resolver()
export class CheckoutResolver {
  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => CreateCheckoutSessionPayload, { description: "Opens Stripe's payment page for a plan." })
  async createCheckoutSession(
    @Arg('input', () => CreateCheckoutSessionInput, { description: 'What to buy.' }) input: CreateCheckoutSessionInput,
    @Ctx() context: Context,
  ): Promise<CreateCheckoutSessionPayload> {
    try {
      const id = await createCheckoutSession(context.parts, {
        account: await ensureViewerAccount(context),
        actor: context.caller?.subject ?? '',
        plan: input.plan,
        interval: input.interval,
        currency: input.currency ?? null,
        seats: input.seats ?? 1,
        successUrl: input.successUrl ?? null,
        cancelUrl: input.cancelUrl ?? null,
        idempotencyKey: input.idempotencyKey ?? null,
      });
      return { session: await readSession(context, id), userErrors: [] };
    } catch (thrown) {
      return { session: null, userErrors: await toUserErrors(thrown, context) };
    }
  }
}

/** The stored session; as Stripe has it when the sync has not stored it yet. */
async function readSession({ parts }: Context, id: string): Promise<CheckoutSession> {
  const stored = await parts.database.read.manager.findOneBy(CheckoutSession, { id });
  return (
    stored ?? Object.assign(new CheckoutSession(), toCheckoutSession(await fetchCheckoutSession(parts.stripe, id)))
  );
}
