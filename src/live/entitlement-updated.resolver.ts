import { Arg, Authorized, Ctx, Field, ID, ObjectType, Resolver, Root, Subscription } from 'type-graphql';
import { Entitlement, toEntitlement } from '../access/entitlement.resolver.js';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { SafeIntScalar } from '../graphql/scalars.js';
import { ACCOUNT, ensureViewerAccount } from '../graphql/viewer-account.js';
import { type EntitlementPush, watchEntitlement } from './entitlement-stream.js';
import { StreamKind } from './hub.js';

@ObjectType({ description: 'One message of `entitlementUpdated`.' })
export class EntitlementUpdate {
  @Field(() => StreamKind, { description: 'Snapshot, change or resync.' })
  kind!: StreamKind;

  @Field(() => ID, { description: 'Keep it; pass it as `after` when the connection comes back.' })
  cursor!: string;

  @Field(() => SafeIntScalar, {
    description: "Of this stream, and of no other: grows with the account's revision and with all that is counted.",
  })
  revision!: number;

  @Field(() => Entitlement, { description: 'What the account has of the feature at that revision.' })
  entitlement!: Entitlement;
}

interface WatchArguments {
  feature: string;
  account?: string | null;
  after?: string | null;
}

@Resolver(() => EntitlementUpdate)
export class EntitlementUpdatedResolver {
  @Authorized(Role.MEMBER)
  @Subscription(() => EntitlementUpdate, {
    description:
      'What an account has of one feature, for a meter on screen. Starts with a SNAPSHOT, then sends CHANGED when more was counted, or when the plan, its add-ons or access change what is granted; with `after` nothing comes until it differs. When a month begins anew nothing is sent: `resetsAt` says when.',
    subscribe: async ({ context, args }) => {
      const { feature, account, after } = args as WatchArguments;
      const { id } = await ensureViewerAccount(context as Context, { account });
      return watchEntitlement((context as Context).parts, id, feature, after ?? null);
    },
  })
  entitlementUpdated(
    @Root() { entitlement, ...push }: EntitlementPush,
    @Arg('feature', () => String, { description: 'Its key, such as members-per-team.' }) _feature: string,
    @Arg('account', () => ID, ACCOUNT) _account: string | null,
    @Arg('after', () => ID, { nullable: true, description: 'Cursor of the last message you hold.' })
    _after: string | null,
    @Ctx() _context: Context,
  ): EntitlementUpdate {
    return { ...push, entitlement: toEntitlement(entitlement) };
  }
}
