import { Field, ObjectType } from 'type-graphql';
import type { Context } from '../graphql/context.js';
import { toUserErrors, UserError } from '../graphql/user-errors.js';
import { ensureViewerAccount, type Named } from '../graphql/viewer-account.js';
import { PaymentAction } from '../payments/payment-action.js';
import { Account } from './account.entity.js';

@ObjectType({ description: 'The account as it stands after the mutation.' })
export class AccountPayload {
  @Field(() => Account, {
    nullable: true,
    description: 'The account as stored now; null when refused for want of one.',
  })
  account!: Account | null;

  @Field(() => PaymentAction, {
    nullable: true,
    description: 'What the customer must do so that an open invoice gets paid; null when nothing.',
  })
  paymentAction!: PaymentAction | null;

  @Field(() => [UserError], { description: 'Why it was refused, or what of it failed; empty when nothing did.' })
  userErrors!: UserError[];
}

/** Runs a verb on the account that is named, or found otherwise, and answers with the rows as they are stored afterwards, also when it refuses. */
export async function answerWithAccount(
  context: Context,
  named: Named | (() => Promise<Account>),
  verb: (account: Account) => Promise<PaymentAction | null | void>,
): Promise<AccountPayload> {
  let account: Account | null = null;
  let paymentAction: PaymentAction | null = null;
  let userErrors: UserError[] = [];
  try {
    account = typeof named === 'function' ? await named() : await ensureViewerAccount(context, named);
    paymentAction = (await verb(account)) ?? null;
  } catch (thrown) {
    userErrors = await toUserErrors(thrown, context, account);
  }
  if (!account) return { account, paymentAction, userErrors };
  context.loaders.forget();
  return { account: await context.loaders.account.load(account.id), paymentAction, userErrors };
}
