import { Field, ObjectType } from 'type-graphql';
import { Account } from '../accounts/account.entity.js';
import type { Context } from '../graphql/context.js';
import { Outcome } from '../graphql/outcome.js';
import { UserError } from '../graphql/user-errors.js';
import { PaymentAction } from '../payments/payment-action.js';
import { Invoice } from './invoice.entity.js';

@ObjectType({ description: 'How it ended, and how the invoice stands now.' })
export class InvoicePayload {
  @Field(() => Outcome, { description: 'How it ended.' })
  outcome!: Outcome;

  @Field(() => Invoice, {
    nullable: true,
    description: 'The invoice as stored now; null when there is none of that id.',
  })
  invoice!: Invoice | null;

  @Field(() => Account, {
    nullable: true,
    description: 'The account as stored now, with its subscription and access; null when refused for want of one.',
  })
  account!: Account | null;

  @Field(() => PaymentAction, {
    nullable: true,
    description: 'What the customer must do to finish the payment; null when nothing.',
  })
  paymentAction!: PaymentAction | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was not.' })
  userErrors!: UserError[];
}

/** An account and an invoice of it as stored now, read anew; null for what is not there, or is another account's. */
export async function asStored(
  { loaders }: Context,
  accountId: string | null,
  invoiceId: string,
): Promise<Pick<InvoicePayload, 'account' | 'invoice'>> {
  loaders.forget();
  if (accountId === null) return { account: null, invoice: null };
  const [account, invoice] = await Promise.all([loaders.account.load(accountId), loaders.invoice.load(invoiceId)]);
  return { account, invoice: invoice?.accountId === accountId ? invoice : null };
}
