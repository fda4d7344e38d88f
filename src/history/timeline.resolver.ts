import {
  Arg,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Int,
  ObjectType,
  registerEnumType,
  Resolver,
  Root,
} from 'type-graphql';
import { Account } from '../accounts/account.entity.js';
import { Role } from '../auth/roles.js';
import { type Connection, connectionOf, cursorsOf, pageSize, toConnection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { Node } from '../graphql/node.js';
import { DateTimeScalar, SafeIntScalar } from '../graphql/scalars.js';
import type { AuditEntry } from './audit.js';
import type { Change } from './change.js';
import { describe, type Description } from './describe.js';
import { TimelineKind } from './sentence.js';

registerEnumType(TimelineKind, {
  name: 'TimelineKind',
  description: 'What a step was about.',
  valuesConfig: {
    SUBSCRIPTION: { description: 'The subscription itself.' },
    PLAN_CHANGE: { description: 'Another plan came into force.' },
    INVOICE: { description: 'An invoice was made or closed.' },
    PAYMENT: { description: 'Money came in, or did not.' },
    CANCELLATION: { description: 'A cancellation was made or taken back.' },
    ACCESS: { description: 'Access was given or withdrawn.' },
    DETAILS: { description: 'Name, e-mail, currency.' },
    SYSTEM: { description: 'Anything else.' },
  },
});

@ObjectType({
  implements: Node,
  description: 'One step in the history of an account: exactly one for each revision.',
})
export class TimelineEntry {
  /** What is stored; the fields below are written from it. */
  entry!: AuditEntry;

  @Field(() => ID, { description: 'Opaque and stable.' })
  get id(): string {
    return this.entry.id;
  }

  @Field(() => DateTimeScalar, { description: 'When it was seen, in billing time.' })
  get at(): number {
    return this.entry.at;
  }

  @Field(() => SafeIntScalar, { description: "The account's revision that it made." })
  get revision(): number {
    return this.entry.revision;
  }

  @Field(() => String, { description: 'Who set it off: the subject of a token, `stripe`, or `clock`.' })
  get actor(): string {
    return this.entry.actor;
  }
}

export const toTimelineEntry = (entry: AuditEntry): TimelineEntry => Object.assign(new TimelineEntry(), { entry });

const TimelineConnection = connectionOf('Timeline', () => TimelineEntry);
const cursors = cursorsOf('timeline', ['number']);
const LOCALE = 'en-US';

@Resolver(() => TimelineEntry)
export class TimelineEntryResolver {
  @FieldResolver(() => TimelineKind, { description: 'What it was about.' })
  async kind(@Root() { entry }: TimelineEntry, @Ctx() context: Context): Promise<TimelineKind> {
    return (await inWords(entry, context)).kind;
  }

  @FieldResolver(() => String, { description: 'One sentence fit to show.' })
  async title(@Root() { entry }: TimelineEntry, @Ctx() context: Context): Promise<string> {
    return (await inWords(entry, context)).title;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'What else happened in the same step; null when nothing did.',
  })
  async detail(@Root() { entry }: TimelineEntry, @Ctx() context: Context): Promise<string | null> {
    return (await inWords(entry, context)).detail;
  }

  @Authorized(Role.SUPPORT)
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why staff did it, in their own words; null where nobody was asked for a reason. For staff.',
  })
  async reason(
    @Root() { entry }: TimelineEntry,
    @Ctx() { loaders: { reasonOfIntent } }: Context,
  ): Promise<string | null> {
    const intents = entry.causes.filter(({ kind }) => kind === 'intent');
    const given = await Promise.all(intents.map(({ id }) => reasonOfIntent.load(id)));
    return given.filter((reason) => reason !== null).join(' ') || null;
  }
}

async function inWords(entry: AuditEntry, { loaders, parts }: Context): Promise<Description> {
  const { plans, addOns, priceById } = await loaders.catalogue();
  const namesOf = (list: readonly { key: string; name: string }[]) => new Map(list.map(({ key, name }) => [key, name]));
  const names = {
    ...{ plans: namesOf(plans), addOns: namesOf(addOns), prices: priceById },
    features: parts.catalogueRules.features,
  };
  const changes = await Promise.all(entry.changes.map((change) => withInvoice(change, loaders)));
  return describe({ ...entry, changes }, names, LOCALE);
}

/** With what the invoice is called by, which a change of it has only where that differs. */
async function withInvoice(change: Change, { invoice }: Context['loaders']): Promise<Change> {
  const { object, id, before, after } = change;
  const row = object === 'invoice' && before && after?.status ? await invoice.load(id) : null;
  if (!row) return change;
  const { number, total, currency } = row;
  return { ...change, after: { number, total, currency, ...after } };
}

@Resolver(() => Account)
export class AccountTimelineResolver {
  @FieldResolver(() => TimelineConnection, { description: 'Every step, newest first.' })
  async timeline(
    @Root() account: Account,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, 1 to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor behind which to go on.' }) after: string | null,
    @Ctx() { loaders }: Context,
  ): Promise<Connection<TimelineEntry>> {
    const limit = pageSize(first) + 1;
    const [before] = typeof after === 'string' ? cursors.decode(after) : [account.revision + 1];
    const entries = await loaders.auditPage.load({ accountId: account.id, before: Number(before), limit });
    return toConnection(entries.map(toTimelineEntry), first, after, ({ revision }) => cursors.encode([revision]));
  }
}
