import { Arg, Authorized, Ctx, Field, ID, InputType, Mutation, Resolver } from 'type-graphql';
import { Role } from '../auth/roles.js';
import { askedOf } from '../graphql/asked.js';
import type { Context } from '../graphql/context.js';
import { checkReason, REASON } from '../graphql/reason.js';
import { CurrencyCodeScalar, SafeIntScalar } from '../graphql/scalars.js';
import { readAnyAccount } from '../graphql/viewer-account.js';
import { once } from '../intents/once.js';
import { AccountPayload, answerWithAccount } from './account-payload.js';
import { grantCredit } from './grant-credit.js';

@InputType({ description: 'How much credit to give, to whom, and why.' })
export class AdminGrantCreditInput {
  @Field(() => ID, { description: 'Id of the account, or your own id for it.' })
  account!: string;

  @Field(() => SafeIntScalar, { description: 'In the smallest unit of the currency, 1 to 99,999,999.' })
  amountMinor!: number;

  @Field(() => CurrencyCodeScalar, { description: 'The one that the account pays in.' })
  currency!: string;

  @Field(() => String, REASON)
  reason!: string;

  @Field(() => ID, { description: 'The same key with the same input gives the credit once, for 24 hours.' })
  idempotencyKey!: string;
}

@Resolver()
export class GrantCreditResolver {
  @Authorized(Role.OPERATOR)
  @Mutation(() => AccountPayload, {
    description: "Gives an account credit, which Stripe takes off its next invoices; see the account's `credit`.",
  })
  adminGrantCredit(
    @Arg('input', () => AdminGrantCreditInput, { description: 'How much, to whom, and why.' })
    input: AdminGrantCreditInput,
    @Ctx() context: Context,
  ): Promise<AccountPayload> {
    const { amountMinor: amount, currency, reason, idempotencyKey } = input;
    return answerWithAccount(
      context,
      async () => {
        checkReason(reason);
        return readAnyAccount(context, input.account);
      },
      async (account) => {
        const asked = askedOf(context, account.id, 'adminGrantCredit', input);
        await once(context.parts, asked, async () => {
          const { actor } = asked;
          await grantCredit(context.parts, { account, actor, amount, currency, reason, idempotencyKey });
          return {};
        });
      },
    );
  }
}
