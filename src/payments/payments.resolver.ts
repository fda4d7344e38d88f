import {
  Arg,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Resolver,
} from 'type-graphql';
import type { Account } from '../accounts/account.entity.js';
import { AccountPayload, answerWithAccount } from '../accounts/account-payload.js';
import { Role } from '../auth/roles.js';
import { askedOf } from '../graphql/asked.js';
import type { Context } from '../graphql/context.js';
import { RemoveByIdInput } from '../graphql/remove-by-id.js';
import { IDEMPOTENCY_KEY, toUserErrors, UserError } from '../graphql/user-errors.js';
import { ensureViewerAccount, type Named, OfAccount } from '../graphql/viewer-account.js';
import { once } from '../intents/once.js';
import { createSetupIntent } from './create-setup-intent.js';
import { PaymentAction } from './payment-action.js';
import { removePaymentMethod } from './remove-payment-method.js';
import { setDefaultPaymentMethod } from './set-default-payment-method.js';
import { confirmAction } from './try-invoice.js';

@InputType({ description: 'For whom, and a key, if wanted.' })
export class CreateSetupIntentInput extends OfAccount {
  @Field(() => ID, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'What Stripe.js needs to collect a payment method.' })
export class CreateSetupIntentPayload {
  @Field(() => String, { nullable: true, description: 'For Stripe.js; null when refused. Never stored.' })
  clientSecret!: string | null;

  @Field(() => String, { nullable: true, description: 'For Stripe.js; null when the gateway was given none.' })
  publishableKey!: string | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was not.' })
  userErrors!: UserError[];
}

@InputType({ description: 'What to charge from now on.' })
export class SetDefaultPaymentMethodInput extends OfAccount {
  @Field(() => ID, { nullable: true, description: 'Only this subscription.' })
  subscription?: string | null;

  @Field(() => ID, { description: 'A stored payment method of the account.' })
  paymentMethod!: string;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description:
      'Also try open invoices at once, and of a subscription that is UNPAID the newest invoice, which Stripe leaves as a draft.',
  })
  retryOpenInvoices?: boolean | null;

  @Field(() => ID, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}

@Resolver()
export class PaymentsResolver {
  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => CreateSetupIntentPayload, {
    description:
      'Begins to collect a payment method in the browser. It appears in `paymentMethods` once Stripe has it.',
  })
  async createSetupIntent(
    @Arg('input', () => CreateSetupIntentInput, { description: 'For whom, and a key, if wanted.' })
    input: CreateSetupIntentInput,
    @Ctx() context: Context,
  ): Promise<CreateSetupIntentPayload> {
    const publishableKey = context.parts.config.publishableKey ?? null;
    let account: Account | null = null;
    try {
      account = await ensureViewerAccount(context, input);
      const clientSecret = await createSetupIntent(context.parts, {
        account,
        actor: context.caller?.subject ?? '',
        idempotencyKey: input.idempotencyKey ?? null,
      });
      return { clientSecret, publishableKey, userErrors: [] };
    } catch (thrown) {
      return { clientSecret: null, publishableKey, userErrors: await toUserErrors(thrown, context, account) };
    }
  }

  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => AccountPayload, {
    description:
      'Charges this method from now on: for the account and for every live subscription that has its own, or for one subscription. When only the payment of an open invoice fails, the change holds and userErrors says CARD_DECLINED.',
  })
  setDefaultPaymentMethod(
    @Arg('input', () => SetDefaultPaymentMethodInput, { description: 'Which one, and for what.' })
    input: SetDefaultPaymentMethodInput,
    @Ctx() context: Context,
  ): Promise<AccountPayload> {
    const { parts } = context;
    return answerWithAccount(context, named(context, input, input.paymentMethod), async ({ id }) => {
      const asked = askedOf(context, id, 'setDefaultPaymentMethod', input);
      const { confirm } = await once(parts, asked, () =>
        setDefaultPaymentMethod(parts, {
          accountId: id,
          actor: asked.actor,
          paymentMethod: input.paymentMethod,
          subscription: input.subscription ?? null,
          retryOpenInvoices: input.retryOpenInvoices ?? true,
          idempotencyKey: asked.clientKey,
        }),
      );
      return confirm === null ? null : confirmAction(parts, confirm);
    });
  }

  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => AccountPayload, {
    description:
      'Forgets a payment method. Refused with PAYMENT_METHOD_IN_USE while a live subscription is charged to it.',
  })
  removePaymentMethod(
    @Arg('input', () => RemoveByIdInput, { description: 'Which one.' }) input: RemoveByIdInput,
    @Ctx() context: Context,
  ): Promise<AccountPayload> {
    const actor = context.caller?.subject ?? '';
    return answerWithAccount(context, named(context, input, input.id), ({ id }) =>
      removePaymentMethod(context.parts, { accountId: id, actor, id: input.id }),
    );
  }
}

const named = ({ loaders }: Context, { account }: OfAccount, paymentMethod: string): Named => ({
  account,
  owner: async () => (await loaders.paymentMethod.load(paymentMethod))?.accountId ?? null,
});

@Resolver(() => PaymentAction)
export class PaymentActionResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: 'For Stripe.js; null when the gateway was given none.',
  })
  publishableKey(@Ctx() { parts }: Context): string | null {
    return parts.config.publishableKey ?? null;
  }
}
