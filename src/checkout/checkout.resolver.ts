import { Arg, Authorized, Ctx, Field, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Account } from '../accounts/account.entity.js';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { askedOf } from '../graphql/asked.js';
import { toUserErrors, UserError } from '../graphql/user-errors.js';
import { ensureViewerAccount } from '../graphql/viewer-account.js';
import { once, together } from '../intents/once.js';
import { answer, SubscriptionPayload } from '../subscriptions/subscription-payload.js';
import { applyPromotionCode } from './apply-promotion-code.js';
import { CheckoutSession } from './checkout-session.entity.js';
import { fetchCheckoutSession, toCheckoutSession } from './checkout-session.fetch.js';
import { CheckoutUi } from './checkout-session.js';
import { createCheckoutSession, sameClick } from './create-checkout-session.js';
import { findOpenCheckout } from './find-open-checkout.js';
import {
  ApplyPromotionCodeInput,
  CreateCheckoutSessionInput,
  StartSubscriptionInput,
  toPurchase,
} from './purchase-input.js';
import { startSubscription } from './start-subscription.js';
import { visitTill } from './visit-till.js';

@ObjectType({ description: 'The page to send the customer to, or what Stripe.js needs to show it.' })
export class CreateCheckoutSessionPayload {
  @Field(() => CheckoutSession, { nullable: true, description: 'Null when refused; see userErrors.' })
  session!: CheckoutSession | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was not.' })
  userErrors!: UserError[];
}

@Resolver()
export class CheckoutResolver {
  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => CreateCheckoutSessionPayload, {
    description:
      'Opens a checkout for a plan. The same choice gets the same open session back; another choice closes the old one.',
  })
  async createCheckoutSession(
    @Arg('input', () => CreateCheckoutSessionInput, { description: 'What to buy.' }) input: CreateCheckoutSessionInput,
    @Ctx() context: Context,
  ): Promise<CreateCheckoutSessionPayload> {
    let account: Account | null = null;
    try {
      const held = await ensureViewerAccount(context, input);
      account = held;
      const asked = {
        ...common(context, held, input),
        ui: input.ui ?? CheckoutUi.HOSTED,
        allowPromotionCodes: input.allowPromotionCodes ?? true,
        successUrl: input.successUrl ?? null,
        cancelUrl: input.cancelUrl ?? null,
        returnUrl: input.returnUrl ?? null,
      };
      const click = sameClick(asked);
      const open = () =>
        together(context.parts, `${held.id} click ${click}`, click, () =>
          visitTill(context, held, () => createCheckoutSession(context.parts, asked), {
            click,
            isFound: ({ found }) => found,
            standing: () => findOpenCheckout(context.parts, asked),
          }),
        );
      const { id } = await once(context.parts, askedOf(context, held.id, 'createCheckoutSession', input), open);
      return { session: await readSession(context, id, account), userErrors: [] };
    } catch (thrown) {
      return { session: null, userErrors: await toUserErrors(thrown, context, account) };
    }
  }

  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => SubscriptionPayload, {
    description: 'Starts a subscription with a stored payment method or a trial, without a checkout page.',
  })
  startSubscription(
    @Arg('input', () => StartSubscriptionInput, { description: 'What to start.' }) input: StartSubscriptionInput,
    @Ctx() context: Context,
  ): Promise<SubscriptionPayload> {
    return answer(context, 'startSubscription', input, (account) =>
      visitTill(context, account, () =>
        startSubscription(context.parts, {
          ...common(context, account, input),
          paymentMethod: input.paymentMethod ?? null,
        }),
      ),
    );
  }

  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => SubscriptionPayload, {
    description: "Takes a promotion code's discount off the next invoices of a subscription.",
  })
  applyPromotionCode(
    @Arg('input', () => ApplyPromotionCodeInput, { description: 'Which code.' }) input: ApplyPromotionCodeInput,
    @Ctx() context: Context,
  ): Promise<SubscriptionPayload> {
    return answer(context, 'applyPromotionCode', input, (account) =>
      applyPromotionCode(context.parts, {
        account,
        actor: context.caller?.subject ?? '',
        subscription: input.subscription ?? null,
        code: input.code,
        idempotencyKey: input.idempotencyKey ?? null,
      }),
    );
  }
}

const common = ({ caller }: Context, account: Account, input: CreateCheckoutSessionInput | StartSubscriptionInput) => ({
  ...toPurchase(input),
  account,
  actor: caller?.subject ?? '',
  promotionCode: input.promotionCode ?? null,
  idempotencyKey: input.idempotencyKey ?? null,
});

/** The stored session; as Stripe has it when it is not stored yet, and with the secret that is never stored. */
async function readSession({ parts, loaders }: Context, id: string, account: Account): Promise<CheckoutSession> {
  const stored = await loaders.checkoutSession.clear(id).load(id);
  if (stored?.ui === CheckoutUi.HOSTED) return stored;
  const raw = await fetchCheckoutSession(parts.stripe, id);
  const seen = { ...toCheckoutSession(raw), accountId: account.id };
  return Object.assign(stored ?? Object.assign(new CheckoutSession(), seen), { clientSecret: raw.client_secret });
}
