import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { Account } from '../accounts/account.entity.js';
import {
  type Connection,
  connectionOf,
  decodeCursor,
  encodeCursor,
  pageSize,
  toConnection,
} from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { mainSubscriptionOf } from '../subscriptions/main-subscription.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { PaymentMethod } from './payment-method.entity.js';
import { defaultMethodId, expiresSoon, labelOf } from './payment-method.js';

const PaymentMethodConnection = connectionOf('PaymentMethod', () => PaymentMethod, { counted: true });

/** The account's default among its stored methods. */
async function defaultMethodOf(context: Context, account: Account): Promise<PaymentMethod | null> {
  const id = defaultMethodId(account, await mainSubscriptionOf(context.loaders, account));
  return (await context.loaders.paymentMethodsOf.load(account.id)).find((method) => method.id === id) ?? null;
}

@Resolver(() => Account)
export class AccountPaymentMethodsResolver {
  @FieldResolver(() => PaymentMethod, {
    nullable: true,
    description:
      'What is charged when nothing else is said: the default of the account, else the one that the main subscription keeps for itself; null when neither is set.',
  })
  defaultPaymentMethod(@Root() account: Account, @Ctx() context: Context): Promise<PaymentMethod | null> {
    return defaultMethodOf(context, account);
  }

  @FieldResolver(() => PaymentMethodConnection, { description: 'Stored ways to pay, newest first.' })
  async paymentMethods(
    @Root() account: Account,
    @Arg('first', () => Int, { defaultValue: 10, description: 'How many, 1 to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor behind which to go on.' }) after: string | null,
    @Ctx() { loaders }: Context,
  ): Promise<Connection<PaymentMethod>> {
    const limit = pageSize(first) + 1;
    const [createdAt, id] = after ? decodeCursor(after, ['number', 'string']) : [Infinity, ''];
    const stored = await loaders.paymentMethodsOf.load(account.id);
    const rows = stored.filter(
      (method) => method.createdAt < Number(createdAt) || (method.createdAt === createdAt && method.id < String(id)),
    );
    return {
      ...toConnection(rows.slice(0, limit), first, after, (method) => encodeCursor([method.createdAt, method.id])),
      totalCount: Promise.resolve(stored.length),
    };
  }
}

@Resolver(() => BillingSubscription)
export class SubscriptionPaymentMethodResolver {
  @FieldResolver(() => PaymentMethod, {
    nullable: true,
    description:
      'What this subscription is charged to: its own method, else the default of the account; null when neither is set.',
  })
  async paymentMethod(
    @Root() subscription: BillingSubscription,
    @Ctx() { loaders }: Context,
  ): Promise<PaymentMethod | null> {
    const { accountId } = subscription;
    if (accountId === null) return null;
    const methods = await loaders.paymentMethodsOf.load(accountId);
    const account = await loaders.account.load(accountId);
    const byId = (id: string | null | undefined) => methods.find((method) => method.id === id) ?? null;
    return byId(subscription.defaultPaymentMethodId) ?? byId(account?.defaultPaymentMethodId);
  }
}

@Resolver(() => PaymentMethod)
export class PaymentMethodResolver {
  @FieldResolver(() => String, { description: 'Ready-to-show text, such as Visa ending 4242.' })
  label(@Root() method: PaymentMethod): string {
    return labelOf(method);
  }

  @FieldResolver(() => Boolean, { description: 'True within thirty days of its expiry, and after.' })
  expiresSoon(@Root() method: PaymentMethod, @Ctx() { parts }: Context): boolean {
    return expiresSoon(method, parts.billing.now());
  }

  @FieldResolver(() => Boolean, { description: "Whether it is the account's `defaultPaymentMethod`." })
  async isDefault(@Root() method: PaymentMethod, @Ctx() context: Context): Promise<boolean> {
    const account = method.accountId === null ? null : await context.loaders.account.load(method.accountId);
    return account !== null && (await defaultMethodOf(context, account))?.id === method.id;
  }
}
