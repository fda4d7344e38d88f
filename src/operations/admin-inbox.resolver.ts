import { Arg, Ctx, Field, FieldResolver, ID, Int, ObjectType, registerEnumType, Resolver } from 'type-graphql';
import { IsNull, Not } from 'typeorm';
import { badUserInput } from '../errors.js';
import { type Connection, connectionOf, cursorsOf, pageSize, toConnection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { Drift } from '../sync/drift.entity.js';
import type { EventState } from '../webhooks/inbox.js';
import { type InboxEntry, listEvents } from '../webhooks/stored-events.js';
import { AdminQuery } from './admin.resolver.js';

export enum WebhookEventState {
  PENDING = 'pending',
  DONE = 'done',
  IGNORED = 'ignored',
  UNMATCHED = 'unmatched',
  DEAD = 'dead',
  DISCARDED = 'discarded',
}

registerEnumType(WebhookEventState, {
  name: 'WebhookEventState',
  description: 'What became of an event; every state but PENDING is an end, which a replay takes back.',
  valuesConfig: {
    PENDING: { description: 'It waits for its turn, or is tried again.' },
    DONE: { description: 'What it tells is stored.' },
    IGNORED: { description: 'Nobody acts on its type.' },
    UNMATCHED: { description: 'No account is known for its customer; link her.' },
    DEAD: { description: 'It was given up; its error says why.' },
    DISCARDED: { description: 'Somebody laid it aside; its error is the reason that was given.' },
  },
});

@ObjectType({ description: 'One event of Stripe as it is stored.' })
export class WebhookEvent {
  @Field(() => ID, { description: "Stripe's id of the event." })
  id!: string;

  @Field(() => String, { description: "Stripe's type, such as `invoice.paid`." })
  type!: string;

  @Field(() => WebhookEventState, { description: 'What became of it.' })
  state!: EventState;

  @Field(() => String, { description: 'Whom it is about: a customer, or a kind of object, a colon and its id.' })
  subject!: string;

  @Field(() => DateTimeScalar, { description: 'When Stripe made it.' })
  createdAt!: number;

  @Field(() => DateTimeScalar, { description: 'When it came in.' })
  receivedAt!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ended; null while it is pending.' })
  finishedAt!: number | null;

  @Field(() => Int, { description: 'How often it could not be finished.' })
  attempts!: number;

  @Field(() => String, { nullable: true, description: 'What stands or stood in its way; null for nothing.' })
  error!: string | null;
}

@ObjectType({
  description: 'Something that was found changed at Stripe although no event had said so; it was repaired.',
})
export class DriftFound {
  @Field(() => String, { description: 'Kind of the object, such as `subscription`.' })
  object!: string;

  @Field(() => String, { description: "Stripe's id of the object." })
  objectId!: string;

  @Field(() => String, { description: 'Whom it belongs to: a customer, or `catalogue:` and a product.' })
  subject!: string;

  @Field(() => [String], { description: 'Names of the fields that differed.' })
  fields!: string[];

  @Field(() => String, { description: '`look`, `wake` or `confirm`: what made the gateway look.' })
  cause!: string;

  @Field(() => DateTimeScalar, { description: 'When it was found and repaired.' })
  detectedAt!: number;
}

const WebhookEventConnection = connectionOf('WebhookEvent', () => WebhookEvent);
const cursors = cursorsOf('webhookEvents', ['string']);
export const toWebhookEvent = ({ created, ...entry }: InboxEntry): WebhookEvent => ({ ...entry, createdAt: created });

@Resolver(() => AdminQuery)
export class AdminInboxResolver {
  @FieldResolver(() => WebhookEventConnection, { description: 'Events of Stripe, newest first.' })
  async webhookEvents(
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, 1 to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor behind which to go on.' }) after: string | null,
    @Arg('state', () => WebhookEventState, { nullable: true, description: 'Only those in this state.' })
    state: EventState | null,
    @Arg('type', () => String, { nullable: true, description: 'Only those of this type.' }) type: string | null,
    @Arg('account', () => ID, { nullable: true, description: 'Only those of this account, by your own id.' })
    account: string | null,
    @Ctx() { parts }: Context,
  ): Promise<Connection<WebhookEvent>> {
    const filter = { state: state ?? undefined, type: type ?? undefined, account: account ?? undefined };
    const [behind] = typeof after === 'string' ? cursors.decode(after) : [];
    const page = await listEvents(parts.database, filter, {
      limit: pageSize(first) + 1,
      after: behind === undefined ? undefined : String(behind),
    });
    if (!page) throw badUserInput('The event behind which to go on is not there any more.', 'Begin without `after`.');
    return toConnection(page.entries.map(toWebhookEvent), first, after, ({ id }) => cursors.encode([id]));
  }

  @FieldResolver(() => [DriftFound], { description: 'Drift of which it is certain that no event told, newest first.' })
  async drift(
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, 1 to 100.' }) first: number,
    @Ctx() { parts }: Context,
  ): Promise<DriftFound[]> {
    const found = await parts.database.read.manager.find(Drift, {
      where: { confirmedAt: Not(IsNull()) },
      order: { detectedAt: 'DESC', id: 'ASC' },
      take: pageSize(first, null),
    });
    return found.map(({ before, after, ...rest }) => ({ ...rest, fields: Object.keys(after ?? before ?? {}) }));
  }
}
