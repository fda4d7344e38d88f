import {
  Arg,
  Authorized,
  Ctx,
  Field,
  ID,
  Int,
  ObjectType,
  registerEnumType,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { Account } from '../accounts/account.entity.js';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { DateTimeScalar, SafeIntScalar } from '../graphql/scalars.js';
import { ACCOUNT, ensureViewerAccount } from '../graphql/viewer-account.js';
import { TimelineEntry, toTimelineEntry } from '../history/timeline.resolver.js';
import { type AccountPush, StreamKind } from './hub.js';

registerEnumType(StreamKind, {
  name: 'StreamKind',
  description: 'What a message of a live stream is.',
  valuesConfig: {
    SNAPSHOT: { description: 'The full state now; the first message.' },
    CHANGED: { description: 'A newer state; those between may have been skipped.' },
    RESYNC: { description: 'The cursor is unknown: forget what you hold, here is the full state.' },
  },
});

@ObjectType({ description: 'One message of `accountUpdated`.' })
export class AccountUpdate {
  @Field(() => StreamKind, { description: 'Snapshot, change or resync.' })
  kind!: StreamKind;

  @Field(() => ID, { description: 'Keep it; pass it as `after` when the connection comes back.' })
  cursor!: string;

  @Field(() => SafeIntScalar, { description: "The account's revision; only ever grows." })
  revision!: number;

  @Field(() => DateTimeScalar, { description: 'When the account came to that revision, in billing time.' })
  at!: number;

  @Field(() => [TimelineEntry], {
    description: 'What happened since the last message, newest first, at most 20; empty for snapshots.',
  })
  entries!: TimelineEntry[];

  @Field(() => Int, { description: 'How many further entries are in the timeline.' })
  skipped!: number;

  @Field(() => Account, { description: 'The account at that revision.' })
  account!: Account;
}

interface WatchArguments {
  account?: string | null;
  after?: string | null;
}

@Resolver(() => AccountUpdate)
export class AccountUpdatedResolver {
  @Authorized(Role.MEMBER)
  @Subscription(() => AccountUpdate, {
    description:
      'Everything about one account. Starts with a SNAPSHOT, then sends CHANGED with the newest state; with `after` nothing comes until there is something newer.',
    subscribe: async ({ context, args }) => {
      const { account, after } = args as WatchArguments;
      const { id } = await ensureViewerAccount(context as Context, { account });
      return (context as Context).parts.hub.watchAccount(id, after);
    },
  })
  accountUpdated(
    @Root() push: AccountPush,
    @Arg('account', () => ID, ACCOUNT) _account: string | null,
    @Arg('after', () => ID, { nullable: true, description: 'Cursor of the last message you hold.' })
    _after: string | null,
    @Ctx() _context: Context,
  ): AccountUpdate {
    return { ...push, entries: push.entries.map(toTimelineEntry) };
  }
}
