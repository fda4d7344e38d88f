import {
  Arg,
  Authorized,
  Ctx,
  Field,
  ID,
  InputType,
  Int,
  ObjectType,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { Role } from '../auth/roles.js';
import { pageSize } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { toWebhookEvent, WebhookEvent, WebhookEventState } from '../operations/admin-inbox.resolver.js';
import type { EventState } from '../webhooks/inbox.js';
import { StreamKind } from './hub.js';
import { type TailFilter, watchWebhooks, type WebhookPush } from './webhook-stream.js';

@InputType({ description: 'Which events of Stripe are wanted; what is left out wants all.' })
export class WebhookEventFilter implements TailFilter {
  @Field(() => [WebhookEventState], { nullable: true, description: 'Only those in one of these states.' })
  states?: EventState[] | null;

  @Field(() => [String], { nullable: true, description: 'Only those of one of these types, such as `invoice.paid`.' })
  types?: string[] | null;

  @Field(() => ID, { nullable: true, description: 'Only those of this account, by your own id.' })
  account?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Only those that came in at this time or later.' })
  from?: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Only those that came in before this time.' })
  to?: number | null;
}

@ObjectType({ description: 'One message of `webhookUpdated`.' })
export class WebhookUpdate {
  @Field(() => StreamKind, { description: 'Snapshot, change or resync.' })
  kind!: StreamKind;

  @Field(() => ID, { description: 'Keep it; pass it as `after` when the connection comes back.' })
  cursor!: string;

  @Field(() => [WebhookEvent], {
    description:
      'Newest first: what there is, or what came or changed since the last message. An event that no longer fits the filter comes once more.',
  })
  events!: WebhookEvent[];

  @Field(() => Int, {
    description:
      'How many further events came, were replayed or discarded, or changed; `admin.webhookEvents` lists them. It may count one twice, rather than none. 0 for a snapshot.',
  })
  skipped!: number;

  @Field(() => Int, { description: 'How many of all events wait for their turn; 10000 for that many and more.' })
  backlog!: number;
}

interface WatchArguments {
  first: number;
  after?: string | null;
  filter?: TailFilter | null;
}

@Resolver(() => WebhookUpdate)
export class WebhookUpdatedResolver {
  @Authorized(Role.SUPPORT)
  @Subscription(() => WebhookUpdate, {
    description:
      'Live tail of the inbox: a SNAPSHOT of the newest events, then CHANGED with those that came in or were finished, tried, replayed or discarded. It follows, of what fits the filter, the newest 100 of each state and the 100 that were replayed or discarded last, however old; with a filter those are looked for among the last 1000 that anybody handled. With `after` nothing comes until something differs, and what was told may come once more; RESYNC when the cursor is a day old, or of another filter.',
    subscribe: ({ context, args }) => {
      const { first, after, filter } = args as WatchArguments;
      return watchWebhooks((context as Context).parts, {
        first: pageSize(first, null),
        after: after ?? null,
        filter: filter ?? {},
      });
    },
  })
  webhookUpdated(
    @Root() { events, ...push }: WebhookPush,
    @Arg('first', () => Int, { defaultValue: 20, description: 'The most events of one message, 1 to 100.' })
    _first: number,
    @Arg('after', () => ID, { nullable: true, description: 'Cursor of the last message you hold.' })
    _after: string | null,
    @Arg('filter', () => WebhookEventFilter, { nullable: true, description: 'Which events; all when left out.' })
    _filter: WebhookEventFilter | null,
    @Ctx() _context: Context,
  ): WebhookUpdate {
    return { ...push, events: events.map(toWebhookEvent) };
  }
}
