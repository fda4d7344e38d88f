import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { Account } from '../accounts/account.entity.js';
import { type Connection, connectionOf, cursorsOf, pageSize, toConnection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { BillingSubscription } from './subscription.entity.js';
import { isTerminal } from './subscription.js';

const SubscriptionConnection = connectionOf('BillingSubscription', () => BillingSubscription, { counted: true });
const cursors = cursorsOf('subscriptions', ['number', 'string']);

@Resolver(() => Account)
export class AccountSubscriptionsResolver {
  @FieldResolver(() => SubscriptionConnection, {
    description:
      'All of them, newest first, for accounts with several: the gateway starts one, others may come from elsewhere.',
  })
  async subscriptions(
    @Root() { id: accountId }: Account,
    @Arg('first', () => Int, { defaultValue: 10, description: 'How many, 1 to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor behind which to go on.' }) after: string | null,
    @Arg('includeEnded', () => Boolean, { defaultValue: false, description: 'Also those that are over.' })
    includeEnded: boolean,
    @Ctx() { loaders }: Context,
  ): Promise<Connection<BillingSubscription>> {
    const size = pageSize(first);
    const [createdAt, id] = typeof after === 'string' ? cursors.decode(after) : [Infinity, ''];
    // They are few: a page is cut from all of them, which the main one is chosen from as well.
    const listed = (await loaders.subscriptionsOf.load(accountId)).filter((one) => includeEnded || !isTerminal(one));
    const rows = listed
      .filter((one) => one.createdAt < Number(createdAt) || (one.createdAt === createdAt && one.id < String(id)))
      .reverse();
    return {
      ...toConnection(rows.slice(0, size + 1), size, after, (one) => cursors.encode([one.createdAt, one.id])),
      totalCount: Promise.resolve(listed.length),
    };
  }
}
