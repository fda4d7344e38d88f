import { Field, ObjectType } from 'type-graphql';
import type { Context } from '../graphql/context.js';
import { toUserErrors, UserError } from '../graphql/user-errors.js';
import { ensureViewerAccount } from '../graphql/viewer-account.js';
import { PaymentAction } from '../payments/payment-action.js';
import { Account } from './account.entity.js';

@ObjectType({ description: 'The account as it stands after the mutation.' })
export class AccountPayload {
  @Field(() => Account, { nullable: true, description: 'The account as stored now.' })
  account!: Account | null;

  @Field(() => PaymentAction, {
    nullable: true,
    description: 'What the customer must do so that an open invoice gets paid; null when nothing.',
  })
  paymentAction!: PaymentAction | null;

  @Field(() => [UserError], { description: 'Why it was refused, or what of it failed; empty when nothing did.' })
  userErrors!: UserError[];
}

/** Runs a verb on the caller's account and answers with the rows as they are stored afterwards, also when it refuses. */
export async function answerWithAccount(
  context: Context,
  verb: (account: Account) => Promise<PaymentAction | null | void>,
): Promise<AccountPayload> {
  const account = await ensureViewerAccount(context);
  let paymentAction: PaymentAction | null = null;
  let userErrors: UserError[] = [];
  try {
    paymentAction = (await verb(account)) ?? null;
  } catch (thrown) {
    userErrors = await toUserErrors(thrown, context);
  }
  const { loaders } = context;
  loaders.paymentMethodsOf.clear(account.id);
  loaders.subscriptionsOf.clear(account.id);
  loaders.taxIdsOf.clear(account.id);
  return { account: await loaders.account.clear(account.id).load(account.id), paymentAction, userErrors };
}
