import {
  Arg,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Resolver,
} from 'type-graphql';
import { Role } from '../auth/roles.js';
import { pageSize } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { checkReason, REASON } from '../graphql/reason.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { readAnyAccount } from '../graphql/viewer-account.js';
import { AdminQuery } from '../operations/admin.resolver.js';
import { AccountPayload, answerWithAccount } from './account-payload.js';
import { linkCustomer } from './link-customer.js';
import { listUnmatchedCustomers } from './unmatched-customers.js';

@ObjectType({ description: 'A customer at Stripe of whom no account is known.' })
export class UnmatchedCustomer {
  @Field(() => String, { description: "Stripe's id (cus_…)." })
  customer!: string;

  @Field(() => Int, { description: 'Events that wait for an account, or ended without one.' })
  events!: number;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the first of them was delivered; null when there is none.',
  })
  since!: number | null;
}

@InputType({ description: 'Which customer belongs to which account, and why.' })
export class AdminLinkCustomerInput {
  @Field(() => ID, { description: 'Id of the account, or your own id for it; one without a customer.' })
  account!: string;

  @Field(() => String, { description: "Stripe's id (cus_…) of one of whom no account is known." })
  customer!: string;

  @Field(() => String, REASON)
  reason!: string;
}

@Resolver(() => AdminQuery)
export class LinkCustomerResolver {
  @FieldResolver(() => [UnmatchedCustomer], {
    description: 'Customers at Stripe of whom no account is known; those with the longest wait first.',
  })
  unmatched(
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, 1 to 100.' }) first: number,
    @Ctx() { parts }: Context,
  ): Promise<UnmatchedCustomer[]> {
    return listUnmatchedCustomers(parts.database.read, pageSize(first, null));
  }

  @Authorized(Role.OPERATOR)
  @Mutation(() => AccountPayload, {
    description:
      'Gives a customer of whom no account is known her account: at Stripe first, then here. Her subscriptions and invoices appear on it, and what waited for it is looked at again.',
  })
  adminLinkCustomer(
    @Arg('input', () => AdminLinkCustomerInput, { description: 'Which customer, whose, and why.' })
    { account: named, customer: customerId, reason }: AdminLinkCustomerInput,
    @Ctx() context: Context,
  ): Promise<AccountPayload> {
    return answerWithAccount(
      context,
      async () => {
        checkReason(reason);
        return readAnyAccount(context, named);
      },
      async ({ id: account }) => {
        await linkCustomer(context.parts, { account, customerId, reason, actor: context.caller?.subject ?? '' });
      },
    );
  }
}
